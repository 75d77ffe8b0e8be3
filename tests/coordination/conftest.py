"""Instances of one library, in this process or on a Redis."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from davproxy.coordination import Coordination, InProcess, OnRedis, Shared
from tests.redis_server import RedisServer

Make = Callable[[], Coordination]


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.close()


@pytest.fixture(params=["in this process", pytest.param("on a Redis", marks=pytest.mark.slow)])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes one instance more, which takes part already."""
    with ExitStack() as stack:
        shared = Shared()
        url = request.getfixturevalue("redis_server").url if request.param == "on a Redis" else ""

        def instance() -> Coordination:
            made: Coordination = OnRedis(url, "library") if url else InProcess(shared)
            stack.callback(made.close)
            made.start()
            return made

        yield instance

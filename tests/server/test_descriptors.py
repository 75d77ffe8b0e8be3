"""More connections than the process may open files: old silent ones go, requests are answered, the log stays short."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from davproxy.server.listener import CONNECTIONS, most_connections
from tests.raw_http import Raw, request

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("connections", [0, 1000], ids=["limited", "beyond the limit"])
def test_idle_connections_beyond_the_limit_lock_nobody_out(connections: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.few_descriptors", "60", str(connections)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with ExitStack() as stack:
        idle = [stack.enter_context(Raw(port)) for _ in range(150)]
        for _ in range(5):
            with Raw(port) as raw:
                raw.send(request("GET", "/"))
                assert raw.answer()[2] == b"small"
        assert idle[0].closed(), "the one silent for longest"
    _, log = process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(log.splitlines()) < 400
    assert "Traceback" not in log


def test_files_and_the_remote_have_half_of_the_descriptors() -> None:
    assert 0 < most_connections() <= CONNECTIONS
    assert most_connections(256) == 128

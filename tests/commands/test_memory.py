"""The memory of the server after it has read a library and a game has scanned it."""

from collections.abc import Callable

import pytest

from tests.bench.speed import measures, songs
from tests.commands.conftest import Served
from tests.commands.test_restart import ask
from tests.fakes.nextcloud import FakeNextcloud
from tests.memory import MIB, ON_LINUX, Measured
from tests.waiting import wait_until

SONGS = 1000


@pytest.mark.slow
@ON_LINUX
def test_at_rest_it_takes_at_most_150_mb(served: Callable[..., Served]) -> None:
    with FakeNextcloud() as fake:
        for path, content in songs.files(SONGS):
            fake.put(f"/CloneHero/Songs/{path}", content)
        server = served(**fake.account)
        wait_until(  # until all notes are read
            lambda: ask(server, "/api/songs?instrument=guitar&limit=1")["total"] == SONGS, lambda: server.output, 120
        )
        for _ in range(2):
            assert measures.scan(f"http://127.0.0.1:{server.port}/dav/Songs")["failed"] == 0
        assert Measured(server.process.pid, int(server.port)).resident() <= 150 * MIB

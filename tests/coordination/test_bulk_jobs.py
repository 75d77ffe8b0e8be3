"""An instance dies, or stands still, in the middle of a job that changes many songs: another one ends it, once."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bench.speed.backing import Fake
from tests.bench.speed.served import Served, davproxy
from tests.coordination.instances import Instance
from tests.fakes.nextcloud import FakeNextcloud
from tests.redis_server import RedisServer
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
SONGS = 48
"""Three times what is changed between two reports of progress."""


@pytest.fixture
def served(redis_server: RedisServer, tmp_path: Path) -> Iterator[list[Served]]:
    """Two instances, each a process of its own."""
    with ExitStack() as stack:
        fake = stack.enter_context(FakeNextcloud(latency=0.05))
        for number in range(SONGS):
            fake.put(f"/Bulk/Songs/{number}/song.ini", b"[song]\nname = %d\nartist = Ann\n" % number)
            fake.put(f"/Bulk/Songs/{number}/notes.chart", b"[Song]\n{\n  Resolution = %d\n}\n" % (192 + number))
        shared = {"REDIS_URL": redis_server.url, "SECRET_KEY": "bulk", "POLL_INTERVAL": "600"}
        backing = Fake(fake, "Bulk")
        yield [stack.enter_context(davproxy(backing, tmp_path / name, **shared)) for name in ("one", "other")]


def front_of(served: Served) -> Instance:
    return Instance(urlsplit(served.root).port or 80)


def artists(front: Instance) -> set[str]:
    found = front.json("GET", "/api/songs?limit=1000")["songs"]
    return {song["artist"] for song in found} if len(found) == SONGS else set()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stands still"])
def test_another_instance_ends_the_job_and_undoes_it(served: list[Served], how: signal.Signals) -> None:
    one, other = map(front_of, served)
    wait_until(lambda: artists(one) == artists(other) == {"Ann"})
    ids = [song["id"] for song in one.json("GET", "/api/songs?limit=1000")["songs"]]
    job = one.json("POST", "/api/songs/bulk?wait=false", {"ids": ids, "metadata": {"artist": "Bea"}})["id"]
    url = f"/api/jobs/{job}"
    wait_until(lambda: 0 < other.json("GET", url)["progress"] < 1)
    os.kill(served[0].pid, how)
    wait_until(lambda: other.json("GET", url)["state"] == "done")
    assert artists(other) == {"Bea"}
    if how is signal.SIGSTOP:
        os.kill(served[0].pid, signal.SIGCONT)
        wait_until(lambda: (one.json("GET", url)["state"], artists(one)) == ("done", {"Bea"}))
    undone = other.json("POST", f"{url}/undo")["id"]
    wait_until(lambda: other.json("GET", f"/api/jobs/{undone}")["state"] == "done")
    assert other.json("GET", f"/api/jobs/{undone}")["result"]["changed"] == SONGS
    assert artists(other) == {"Ann"}

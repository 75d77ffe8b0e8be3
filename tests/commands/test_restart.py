"""The server on a Nextcloud: stopped and started again on an empty disk, it has the same library without reading it."""

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from davproxy.index import Index, problem_of
from tests.commands.conftest import CHART, INI, Run, Served
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until

SONGS = 200


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


def ask(server: Served, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=60) as answer:
        return json.load(answer)


def songs_of(server: Served) -> dict[str, int]:
    wait_until(lambda: ask(server, "/api/health")["remote"]["state"] == "current", lambda: server.output)
    return {song["path"]: song["id"] for song in ask(server, f"/api/songs?limit={SONGS}")["songs"]}


@pytest.mark.slow
def test_the_same_songs_with_the_same_ids_and_no_second_reading(
    served: Callable[..., Served], run: Run, fake: FakeNextcloud, tmp_path: Path
) -> None:
    with ZipFile(tmp_path / "pack.zip", "w") as packing:
        for number in range(SONGS):
            title = f"Song {number:03}"
            packing.writestr(f"{title}/song.ini", INI.replace(b"Feelings", title.encode()))
            packing.writestr(f"{title}/notes.chart", CHART.replace(b"768", str(768 + number).encode()))
            packing.writestr(f"{title}/song.ogg", b"OggS" + bytes(number))
    first = served(**fake.account)
    imported = run("import", "pack.zip", APP_PORT=first.port, **fake.account)
    assert (imported.returncode, len(imported.stdout.splitlines())) == (0, SONGS), imported.stderr
    before = songs_of(first)
    assert len(before) == SONGS
    assert first.stop() == 0
    shutil.rmtree(tmp_path / "temp")
    fake.forget()
    second = served(**fake.account)
    assert songs_of(second) == before
    read = [seen for seen in fake.requests if seen.method in ("GET", "SEARCH") and "/Songs" in seen.path]
    assert read == []
    assert fake.count("PROPFIND", "/Songs") <= 2, "what the stop came before the last look at"
    assert second.stop() == 0


@pytest.mark.slow
def test_a_nextcloud_that_is_down_at_the_start_delays_nothing(
    served: Callable[..., Served], fake: FakeNextcloud
) -> None:
    outage = fake.fail(status=503)
    server = served(**fake.account, POLL_INTERVAL="0.2")
    assert ask(server, "/api/health")["status"] in ("ok", "degraded")
    fake.faults.remove(outage)
    assert songs_of(server) == {}
    assert server.stop() == 0


@pytest.mark.slow
def test_while_a_nextcloud_is_away_only_writes_fail_and_it_is_found_again(
    served: Callable[..., Served], fake: FakeNextcloud
) -> None:
    server = served(**fake.account, POLL_INTERVAL="0.2")
    songs_of(server)
    assert put(server, "/dav/Backgrounds/a.png", b"old") == 201
    outage = fake.fail(times=10_000, status=503)
    while ask(server, "/api/health")["remote"]["state"] == "current":
        assert server.process.poll() is None
    for path in ("/dav/Backgrounds/a.png", "/dav/Backgrounds/b.png"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            put(server, path, b"new")
        assert refused.value.code == 503
        refused.value.close()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/dav/Backgrounds/a.png", timeout=60) as answer:
        assert answer.read() == b"old"
    fake.faults.remove(outage)
    songs_of(server)
    assert put(server, "/dav/Backgrounds/b.png", b"new") == 201
    assert fake.content("/CloneHero/Backgrounds/a.png") == b"old"
    assert server.stop() == 0


def get(server: Served, path: str) -> bytes | None:
    """The file's content; None while the server does not know it."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=60) as answer:
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as error:
        error.close()
        return None


def put(server: Served, path: str, content: bytes) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", content, method="PUT")
    with urllib.request.urlopen(request, timeout=60) as answer:
        status: int = answer.status
        return status


@pytest.mark.slow
def test_too_many_requests_at_a_shutdown_lose_nothing(
    served: Callable[..., Served], fake: FakeNextcloud, tmp_path: Path
) -> None:
    server = served(**fake.account)
    songs_of(server)
    assert put(server, "/dav/Backgrounds/a.png", b"x") == 201
    fake.fail("", "Database", status=429, times=3)
    assert server.stop() == 0
    saved = tmp_path / "saved.db"
    saved.write_bytes(fake.content("/CloneHero/Database/clonehero.db") or b"")
    assert problem_of(saved) is None
    index = Index(saved)
    assert index.entries.get("/Backgrounds/a.png") is not None
    index.close()


@pytest.mark.slow
def test_a_slow_nextcloud_does_not_delay_the_shutdown(
    served: Callable[..., Served], fake: FakeNextcloud, tmp_path: Path
) -> None:
    server = served(**fake.account, POLL_INTERVAL="0.2")
    songs_of(server)
    with ZipFile(tmp_path / "pack.zip", "w") as packing:
        packing.writestr("song.ini", INI)
        packing.writestr("notes.chart", CHART)
    fake.fail("GET", "/Drop/pack.zip", latency=4, times=3)
    assert put(server, "/dav/Drop/pack.zip", (tmp_path / "pack.zip").read_bytes()) == 201
    fake.latency = 45
    assert server.stop() == 0
    assert fake.content("/CloneHero/Drop/pack.zip") is not None
    fake.latency = 0
    again = served(**fake.account)
    wait_until(lambda: songs_of(again), lambda: again.output)
    assert again.stop() == 0


@pytest.mark.slow
def test_a_second_server_on_a_nextcloud_says_so_and_serves(
    served: Callable[..., Served], fake: FakeNextcloud, tmp_path: Path
) -> None:
    first = served(**fake.account)
    songs_of(first)
    second = served(**fake.account, TEMP_DIR=str(tmp_path / "other"), POLL_INTERVAL="0.2")
    wait_until(lambda: "Another instance" in second.output, lambda: second.output)
    assert put(first, "/dav/Backgrounds/a.png", b"x") == 201
    assert put(second, "/dav/Backgrounds/b.png", b"y") == 201
    assert wait_until(lambda: get(second, "/dav/Backgrounds/a.png"), lambda: second.output) == b"x"
    assert second.stop() == 0
    assert fake.content("/CloneHero/Database/clonehero.db") is None, "the second saved nothing"
    assert first.stop() == 0
    assert fake.content("/CloneHero/Database/clonehero.db")
    assert [fake.content(f"/CloneHero/Backgrounds/{name}.png") for name in "ab"] == [b"x", b"y"]

"""The server on a Nextcloud: stopped and started again on an empty disk, it has the same library without reading it."""

import json
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.commands.conftest import CHART, INI, Run, Served
from tests.fakes.nextcloud import FakeNextcloud

SONGS = 200


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


def ask(server: Served, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=60) as answer:
        return json.load(answer)


def songs_of(server: Served) -> dict[str, int]:
    deadline = time.monotonic() + 120
    while ask(server, "/api/health")["remote"]["state"] != "current":
        assert time.monotonic() < deadline, server.output
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
    account = {"NEXTCLOUD_URL": fake.url, "NEXTCLOUD_USERNAME": fake.user, "NEXTCLOUD_PASSWORD": fake.password}
    first = served(**account)
    imported = run("import", "pack.zip", APP_PORT=first.port, **account)
    assert (imported.returncode, len(imported.stdout.splitlines())) == (0, SONGS), imported.stderr
    before = songs_of(first)
    assert len(before) == SONGS
    began = time.monotonic()
    assert first.stop() == 0
    assert time.monotonic() - began < 10
    shutil.rmtree(tmp_path / "temp")
    fake.forget()
    second = served(**account)
    assert songs_of(second) == before
    read = [seen for seen in fake.requests if seen.method in ("GET", "SEARCH") and "/Songs" in seen.path]
    assert read == []
    assert fake.count("PROPFIND", "/Songs") <= 2, "what the stop came before the last look at"
    assert second.stop() == 0


def test_a_nextcloud_that_is_down_at_the_start_delays_nothing(
    served: Callable[..., Served], fake: FakeNextcloud
) -> None:
    outage = fake.fail(status=503)
    began = time.monotonic()
    server = served(
        NEXTCLOUD_URL=fake.url, NEXTCLOUD_USERNAME=fake.user, NEXTCLOUD_PASSWORD=fake.password, POLL_INTERVAL="0.2"
    )
    health = ask(server, "/api/health")
    assert health["status"] in ("ok", "degraded")
    assert time.monotonic() - began < 30
    fake.faults.remove(outage)
    assert songs_of(server) == {}
    assert server.stop() == 0

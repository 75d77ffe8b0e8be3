"""/api/library/sync, its stream and its failures; /api/system."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from davproxy.connect import remote_of
from davproxy.model import Entry
from davproxy.sync import Sync
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until
from tests.webui.conftest import Site, Start, starting
from tests.webui.songs import add_song
from webui.services import EXTENSION

pytestmark = pytest.mark.slow


def events(site: Site) -> list[dict[str, Any]]:
    """The events of one sync."""
    answer = site.client.get("/api/library/sync/stream")
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    lines = [line for line in answer.text.split("\n\n") if line and line != ":"]
    assert all(line.startswith("data: ") for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def fill(site: Site) -> None:
    """Two songs, and one whose song.ini games cannot read."""
    for title in ("One", "Two"):
        add_song(site.library, title)
    add_song(site.library, "Broken")
    site.library.tree.write("/Songs/Broken/song.ini", b"no section\n")


def test_the_stream_has_an_event_for_each_song(site: Site) -> None:
    fill(site)
    got = events(site)
    types = [event["type"] for event in got if event["type"] not in ("discovering", "parsing")]
    songs = ["parse_error", "parsed", "parsed"]
    assert types == ["start", "discovered", *songs, "purging", "complete"]
    assert all(event["message"] for event in got)
    failed = next(event for event in got if event["type"] == "parse_error")
    assert (failed["folder"], failed["folder_display"], failed["index"]) == ("/Songs/Broken", "Broken", 1)
    one = got[types.index("parsed") + len(got) - len(types)]
    assert {name: one[name] for name in ("index", "total", "folder", "title", "artist", "album")} == {
        "index": 2, "total": 3, "folder": "/Songs/One", "title": "One", "artist": "Band", "album": "Album",
    }  # fmt: skip
    done = got[-1]
    assert (done["synced"], done["failed"], done["purged"], done["total_on_nextcloud"]) == (2, 1, 0, 3)
    assert (len(done["errors"]), done["failure_count"]) == (1, 1)


def test_the_stream_reports_what_is_gone(site: Site) -> None:
    fill(site)
    (site.stored / "Songs/Two").rename(site.stored / "aside")
    got = events(site)
    assert [event["purged"] for event in got if event["type"] == "purged"] == [1]
    assert got[-1]["purged"] == 1


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as fake:
        yield fake


@pytest.fixture
def start_site(fake: FakeNextcloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts sites, which end before the Nextcloud."""
    with starting(tmp_path_factory) as start:
        yield start


def of(fake: FakeNextcloud) -> dict[str, str]:
    return {"NEXTCLOUD_URL": fake.url, "NEXTCLOUD_USERNAME": fake.user, "NEXTCLOUD_PASSWORD": fake.password}


def test_a_sync_that_fails_ends_with_an_error(start_site: Start, fake: FakeNextcloud) -> None:
    site = start_site(**of(fake))
    fake.fail(status=403, times=1000)
    assert [event["type"] for event in events(site)][-1] == "error"
    answer = site.client.post("/api/library/sync")
    assert answer.status_code == 502
    assert answer.mimetype == "application/problem+json"


def test_a_stream_takes_its_turn_among_those_that_wait(site: Site) -> None:
    waiting = site.app.extensions[EXTENSION].waiting
    while waiting.acquire(blocking=False):
        pass
    assert [event["type"] for event in events(site)] == ["error"]
    waiting.release()
    assert events(site)[-1]["type"] == "complete"
    assert waiting.acquire(blocking=False)


def test_failures_as_json_and_as_text(site: Site) -> None:
    fill(site)
    report = site.get("/api/library/sync/failures")
    assert (report["total_folders"], report["synced"], report["failed"], report["purged"]) == (3, 2, 1, 0)
    [failure] = report["failures"]
    assert (failure["folder"], failure["display"]) == ("/Songs/Broken", "Broken")
    assert datetime.fromisoformat(report["last_sync_time"]) <= datetime.now(UTC)
    text = site.client.get("/api/library/sync/failures?download=true")
    assert text.mimetype == "text/plain"
    assert text.headers["Content-Disposition"].startswith("attachment")
    assert f"/Songs/Broken: {failure['reason']}" in text.text


def test_the_state_of_a_sync_that_runs_and_is_over(site: Site) -> None:
    fill(site)
    seen = site.get("/api/system/sync-state")
    assert (seen["running"], seen["phase"], seen["total_folders"], seen["synced"], seen["failed"]) == (
        False, "done", 3, 2, 1,
    )  # fmt: skip
    assert (seen["processed"], seen["current_folder"], seen["last_synced_song"]) == (3, "", "Broken")
    assert seen["failure_details"][0]["folder"] == "/Songs/Broken"
    assert seen["errors"] == [f"/Songs/Broken: {seen['failure_details'][0]['reason']}"]


def test_the_phase_follows_the_steps(site: Site) -> None:
    entered, go = threading.Event(), threading.Event()
    core = site.app.extensions[EXTENSION]

    def hold(_tops: list[Entry]) -> None:
        entered.set()
        assert go.wait(60)

    remote = remote_of(site.settings)
    remote.connect()
    held = Sync(remote, site.index, site.library, site.jobs, 600, hold)
    object.__setattr__(core, "sync", held)
    assert site.get("/api/system/sync-state")["phase"] == "idle"
    runner = threading.Thread(target=held.run)
    runner.start()
    try:
        wait_until(entered.is_set)
        seen = site.get("/api/system/sync-state")
        assert (seen["running"], seen["phase"], seen["processed"]) == (True, "discovering", 0)
    finally:
        go.set()
        runner.join(60)
    assert site.get("/api/system/sync-state")["phase"] == "done"


def test_the_system_is_described(site: Site) -> None:
    add_song(site.library, "One")
    status = site.get("/api/system/status")
    assert status["total_songs"] == status["library_sync"]["total_folders"] == 1
    assert status["database"]["exists"] is True
    assert status["database"]["size_bytes"] > 0
    assert status["database"]["nextcloud_path"] == "/Database/clonehero.db"
    assert (status["db_sync"]["last_upload"], status["db_sync"]["last_upload_ago"]) == (None, None)
    core = site.app.extensions[EXTENSION]
    core.snapshot.start()
    wait_until(core.snapshot.save)  # once it has the lease
    assert site.get("/api/system/status")["db_sync"]["last_upload_ago"] >= 0


def test_the_nextcloud_is_described_alike_everywhere(start_site: Start, fake: FakeNextcloud) -> None:
    local, remote = start_site(), start_site(**of(fake))
    for site, configured in ((local, False), (remote, True)):
        library, webdav = site.get("/api/library/status"), site.get("/api/webdav/status")
        assert (webdav["configured"], webdav["connected"]) == (configured, configured)
        assert (webdav["url"].startswith(fake.url), webdav["error"]) == (configured, None)
        assert {name: library[f"webdav_{name}"] for name in ("configured", "connected", "url", "error")} == {
            name: webdav[name] for name in ("configured", "connected", "url", "error")
        }
        health = site.get("/api/health")
        assert (health["webdav_configured"], health["database"]) == (configured, "ok")
    fake.fail(status=503, times=1000)
    remote.client.post("/api/library/sync")
    status = remote.get("/api/webdav/status")
    assert (status["connected"], "not available" in status["error"]) == (False, True)

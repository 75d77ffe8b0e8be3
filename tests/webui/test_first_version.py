"""What the first version's clients do, against the local folder and a Nextcloud."""

import io
import zipfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.charter.music import recording
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until
from tests.webui.conftest import Site, Start, starting
from tests.webui.first_client import FirstClient
from tests.webui.songs import archive, picture

pytestmark = pytest.mark.slow

SONG = {
    "id", "title", "artist", "album", "file_path", "remote_path", "metadata", "synced_at", "created_at", "updated_at",
}  # fmt: skip
STATE = {
    "running", "phase", "total_folders", "processed", "synced", "failed", "purged", "current_folder",
    "last_synced_song", "errors", "failure_details", "last_sync_time",
}  # fmt: skip


@pytest.fixture(params=["folder", "Nextcloud"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with FakeNextcloud() as fake, starting(tmp_path_factory) as start:
        yield start(served=True, **(fake.account if request.param == "Nextcloud" else {}))


def pictures() -> bytes:
    """An archive with a picture, and a file that is none."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packing:
        packing.writestr("good.png", picture())
        packing.writestr("bad.exe", b"x")
    return file.getvalue()


def has(answer: tuple[int, Any], *fields: str, status: int = 200) -> Any:
    """The object of `answer`, which has these fields."""
    assert answer[0] == status, answer
    assert set(fields) <= set(answer[1]), set(fields) - set(answer[1])
    return answer[1]


def test_every_operation_on_songs(site: Site) -> None:
    client = FirstClient(site.url)
    made = has(client.send("/api/upload", "pack.zip", archive("One"), content_type="songs"), "message", "songs")
    assert {"id", "title", "artist", "remote_path"} <= set(made["songs"][0])
    page = has(client.get("/api/songs?limit=50&offset=0"), "total", "limit", "offset", "songs")
    assert (page["total"], page["limit"], page["offset"]) == (1, 50, 0)
    assert set(page["songs"][0]) >= SONG
    path = f"/api/songs/{made['songs'][0]['id']}"
    has(client.get(path), *SONG)
    has(client.put(path, {"title": "New", "metadata": {"diff_guitar": 3, "modchart": False}}), "message")
    assert has(client.get(path))["title"] == "New"
    artists = has(client.get("/api/artists"), "total", "artists")
    assert artists == {"total": 1, "artists": [{"artist": "Packed", "song_count": 1}]}
    by_artist = has(client.get("/api/artists/Packed/songs"), "artist", "total", "songs")
    assert [song["title"] for song in by_artist["songs"]] == ["New"]
    assert has(client.get("/api/artists/duplicates"), "total", "groups")["groups"] == []
    has(client.post("/api/artists/merge", {"canonical": "Ann", "variants": ["Packed"]}), "message", "songs_updated")
    has(client.ask("DELETE", path), "message")
    assert client.get(path)[0] == 404


def test_every_operation_on_files(site: Site) -> None:
    client = FirstClient(site.url)
    has(client.form("/api/webdav/mkdir", remote_path="/Backgrounds/new"), "message", status=201)
    stored = has(client.send("/api/webdav/upload", "a.png", b"x", remote_path="/Backgrounds/new"), "message")
    assert stored["remote_path"] == "/Backgrounds/new/a.png"
    listing = has(client.get("/api/webdav/browse?path=/Backgrounds/new"), "path", "total", "items")
    assert set(listing["items"][0]) == {
        "name", "path", "is_directory", "size", "content_type", "last_modified", "etag",
    }  # fmt: skip
    has(client.ask("DELETE", "/api/webdav/delete?path=/Backgrounds/new"), "message")
    assert client.get("/api/webdav/browse?path=/Backgrounds/new")[0] == 404
    asset = has(client.send("/api/upload", "b.png", b"x", content_type="highways"), "message", "remote_path")
    assert asset["remote_path"] == "/Highways/b.png"
    more = has(client.send("/api/upload", "more.zip", pictures(), content_type="colors"), "message")
    assert (more["remote_paths"], len(more["failed"])) == (["/Colors/good.png"], 0)
    song = has(client.send("/api/upload", "pack.zip", archive("Two")), "songs")["songs"][0]
    imported = client.form("/api/webdav/import", remote_path=song["remote_path"])
    assert has(imported, "message", "remote_path", "song_id")["song_id"] == song["id"]


def test_every_operation_on_the_state(site: Site) -> None:
    client = FirstClient(site.url)
    has(client.get("/api/health"), "status", "database", "webdav_configured", "uptime_seconds", "version")
    has(client.ask("POST", "/api/library/sync"), "message", "synced", "purged", "failed", "total_on_nextcloud")
    has(
        client.get("/api/library/status"),
        "total_songs", "webdav_configured", "webdav_connected", "webdav_url", "webdav_error", "version",
    )  # fmt: skip
    has(client.get("/api/webdav/status"), "configured", "connected", "url", "error")
    has(client.get("/api/system/sync-state"), *STATE)
    status = has(
        client.get("/api/system/status"),
        "uptime_seconds", "version", "database", "db_sync", "library_sync", "webdav_configured", "total_songs",
    )  # fmt: skip
    assert set(status["library_sync"]) >= STATE
    assert set(status["database"]) >= {"path", "exists", "size_bytes", "nextcloud_path"}
    assert set(status["db_sync"]) >= {"interval_seconds", "last_upload", "last_upload_ago"}


def test_the_stream_of_a_sync(site: Site) -> None:
    client = FirstClient(site.url)
    has(client.send("/api/upload", "pack.zip", archive("One", "Two")), "songs")
    got = client.events("/api/library/sync/stream")
    types = [kind for kind, _ in groupby(event["type"] for event in got)]
    assert types == ["start", "discovering", "discovered", "parsing", "parsed", "purging", "complete"]
    assert all(event["message"] for event in got)
    fields = {"index", "total", "folder", "title", "artist", "album"}
    parsed = [event for event in got if event["type"] == "parsed"]
    assert [(event["index"], event["total"], event["title"]) for event in parsed] == [(1, 2, "One"), (2, 2, "Two")]
    assert fields <= set(parsed[0])
    has((200, got[-1]), "synced", "purged", "failed", "total_on_nextcloud")


def test_a_client_that_wants_a_job_gets_one(site: Site) -> None:
    client = FirstClient(site.url)
    answers = [
        client.ask("POST", "/api/library/sync?wait=false"),
        client.ask("POST", "/api/library/sync", Prefer="respond-async"),
        client.send("/api/upload?wait=false", "pack.zip", archive("One")),
    ]
    assert [status for status, _ in answers] == [202, 202, 202]
    job = answers[2][1]["files"][0]["job"]["id"]
    wait_until(lambda: client.get(f"/api/jobs/{job}")[1]["final"])
    assert has(client.get("/api/songs"))["songs"][0]["title"] == "One"


def test_a_script_signs_in_with_each_request(start_site: Start) -> None:
    site = start_site(served=True, APP_USERNAME="ann", APP_PASSWORD="secret")
    client = FirstClient(site.url, ("ann", "secret"))
    has(client.send("/api/upload", "pack.zip", archive("One")), "songs")
    has(client.form("/api/webdav/mkdir", remote_path="/Colors/new"), "message", status=201)
    assert FirstClient(site.url).get("/api/songs")[0] == 401
    assert FirstClient(site.url, ("ann", "wrong")).get("/api/songs")[0] == 401


@pytest.mark.slow
def test_a_song_is_generated(site: Site, tmp_path: Path) -> None:
    client = FirstClient(site.url)
    audio = recording(tmp_path / "take.ogg", bars=16).read_bytes()
    fields = {"song_name": "Made", "artist": "Nobody", "difficulty": "hard", "enable_album_art": "false"}
    made = has(
        client.send("/api/generate", "take.ogg", audio, **fields),
        "message", "id", "remote_path", "song_name", "artist", "tempo", "duration", "total_beats", "total_notes",
        "difficulty", "difficulties_generated", "has_lyrics", "has_album_art",
    )  # fmt: skip
    assert (made["song_name"], made["artist"], made["difficulty"]) == ("Made", "Nobody", "hard")
    assert made["difficulties_generated"] == ["expert", "hard", "medium", "easy"]
    assert made["has_album_art"] is False
    assert min(made["tempo"], made["duration"], made["total_beats"], made["total_notes"]) > 0

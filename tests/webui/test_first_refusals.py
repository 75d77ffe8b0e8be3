"""What the first version refused, as its clients see it: on the local folder and on a Nextcloud."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fakes.nextcloud import FakeNextcloud
from tests.webui.conftest import Start
from tests.webui.first_client import FirstClient
from tests.webui.songs import archive

pytestmark = pytest.mark.slow

LIMIT = 64 * 1024
BAD_INPUT = (400, 422)
"""The first version knew 400 alone; 422 says that the form is right and its content is not."""

Call = Callable[[FirstClient], tuple[int, Any]]


@pytest.fixture(scope="module")
def nextcloud() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as fake:
        yield fake


@pytest.fixture(scope="module", params=["folder", "Nextcloud"])
def client(request: pytest.FixtureRequest, nextcloud: FakeNextcloud, start_site: Start) -> FirstClient:
    account = nextcloud.account if request.param == "Nextcloud" else {}
    return FirstClient(start_site(served=True, UPLOAD_LIMIT=str(LIMIT), **account).url)


def refused(answer: tuple[int, Any], *statuses: int) -> None:
    """Check the status, and that the answer says why."""
    assert answer[0] in statuses, answer
    assert answer[1]["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=1001", "limit=x", "offset=-1", "offset=x"])
def test_a_page_of_songs_out_of_range(client: FirstClient, query: str) -> None:
    refused(client.get(f"/api/songs?{query}"), 422)


@pytest.mark.parametrize("song", ["1", "999999999"])
def test_a_song_that_is_not_there(client: FirstClient, song: str) -> None:
    path = f"/api/songs/{song}"
    refused(client.get(path), 404)
    refused(client.put(path, {"title": "x"}), 404)
    refused(client.ask("DELETE", path), 404)


def test_an_edit_that_changes_nothing_or_has_an_unknown_field(client: FirstClient) -> None:
    [song] = client.send("/api/upload", "pack.zip", archive("One"))[1]["songs"]
    path = f"/api/songs/{song['id']}"
    refused(client.put(path, {}), *BAD_INPUT)
    refused(client.put(path, {"titel": "x"}), 422)
    refused(client.put(path, {"metadata": {"year": [1]}}), 422)
    client.ask("DELETE", path)


UPLOADS: dict[str, Call] = {
    "no program": lambda client: client.send("/api/upload", "virus.exe", b"x"),
    "no archive": lambda client: client.send("/api/upload", "a.zip", b"no archive"),
    "kind": lambda client: client.send("/api/upload", "a.png", b"x", content_type="scores"),
    "no file": lambda client: client.form("/api/upload", content_type="songs"),
    "no audio": lambda client: client.send("/api/generate", "take.txt", b"x"),
    "no audio file": lambda client: client.form("/api/generate", song_name="x"),
    "difficulty": lambda client: client.send("/api/generate", "a.ogg", b"x", difficulty="brutal"),
    "flag": lambda client: client.send("/api/generate", "a.ogg", b"x", enable_lyrics="perhaps"),
    "no file there": lambda client: client.form("/api/webdav/upload", remote_path="/Colors"),
    "outside": lambda client: client.send("/api/webdav/upload", "a.png", b"x", remote_path="/../etc"),
}


@pytest.mark.parametrize("call", UPLOADS.values(), ids=UPLOADS)
def test_an_upload_that_cannot_be_used(client: FirstClient, call: Call) -> None:
    refused(call(client), *BAD_INPUT, 415)


@pytest.mark.parametrize("path", ["/api/upload", "/api/generate", "/api/webdav/upload"])
def test_an_upload_over_the_limit(client: FirstClient, path: str) -> None:
    name = "take.ogg" if path == "/api/generate" else "a.zip"
    fields = {"remote_path": "/Colors"} if path == "/api/webdav/upload" else {}
    refused(client.send(path, name, bytes(LIMIT * 20), **fields), 413)


def test_folders_that_are_not_there(client: FirstClient) -> None:
    refused(client.get("/api/webdav/browse?path=/Songs/nowhere"), 404)
    refused(client.ask("DELETE", "/api/webdav/delete?path=/Songs/nowhere"), 404)
    refused(client.form("/api/webdav/import", remote_path="/Songs/nowhere"), 404)
    client.form("/api/webdav/mkdir", remote_path="/Songs/empty")
    refused(client.form("/api/webdav/import", remote_path="/Songs/empty"), *BAD_INPUT)
    refused(client.form("/api/webdav/import"), *BAD_INPUT)


REMOTE: dict[str, tuple[str, Call]] = {
    "sync": ("PROPFIND", lambda client: client.ask("POST", "/api/library/sync")),
    "mkdir": ("MKCOL", lambda client: client.form("/api/webdav/mkdir", remote_path="/Colors/new")),
    "upload": ("PUT", lambda client: client.send("/api/webdav/upload", "a.png", b"x", remote_path="/Colors")),
    "upload of a song": ("PUT", lambda client: client.send("/api/upload", "a.zip", archive("One"))),
    "delete": ("DELETE", lambda client: client.ask("DELETE", "/api/webdav/delete?path=/Colors/old.png")),
}


@pytest.mark.parametrize("status", [403, 415])
@pytest.mark.parametrize(("method", "call"), REMOTE.values(), ids=REMOTE)
def test_what_the_nextcloud_refuses(
    nextcloud: FakeNextcloud, start_site: Start, method: str, call: Call, status: int
) -> None:
    site = start_site(served=True, **nextcloud.account)
    site.library.tree.write("/Colors/old.png", b"x")
    refusal = nextcloud.fail(method, status=status, times=1000)
    try:
        refused(call(FirstClient(site.url)), 502)
    finally:
        nextcloud.faults.remove(refusal)
    assert nextcloud.content("/CloneHero/Colors/old.png") == b"x"


def test_a_sync_of_a_local_folder_needs_no_nextcloud(start_site: Start) -> None:
    client = FirstClient(start_site(served=True).url)
    assert client.ask("POST", "/api/library/sync")[0] == 200


def test_a_nextcloud_that_does_not_answer(nextcloud: FakeNextcloud, start_site: Start) -> None:
    site = start_site(served=True, **nextcloud.account)
    silence = nextcloud.fail(status=503, times=1000)
    client = FirstClient(site.url)
    refused(client.form("/api/webdav/mkdir", remote_path="/Colors/new"), 503)
    assert client.get("/api/health")[1]["status"] in ("ok", "degraded")
    nextcloud.faults.remove(silence)

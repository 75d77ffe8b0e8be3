"""The same changes through WebDAV and through the API make the same library."""

import http.client
import io
import json
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from davproxy.library import Library
from davproxy.model import SongQuery
from tests.webui.conftest import Site, Start
from tests.webui.songs import archive, chart, ini, tone


class WebDav:
    """Changes the library through WebDAV."""

    def __init__(self, site: Site) -> None:
        self._address = urlsplit(site.url).netloc

    def put(self, path: str, content: bytes) -> None:
        self._ask("PUT", path, content)

    def make_folder(self, path: str) -> None:
        self._ask("MKCOL", path)

    def move(self, source: str, target: str) -> None:
        self._ask("MOVE", source, Destination=f"http://{self._address}/dav{quote(target)}")

    def delete(self, path: str) -> None:
        self._ask("DELETE", path)

    def _ask(self, method: str, path: str, content: bytes = b"", **headers: str) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=30)
        connection.request(method, f"/dav{quote(path)}", content, headers)
        answer = connection.getresponse()
        assert answer.status < 300, (method, path, answer.status, answer.read())
        connection.close()


class Api:
    """Changes the library through the API."""

    def __init__(self, site: Site) -> None:
        self._client = site.client

    def put(self, path: str, content: bytes) -> None:
        folder, _, name = path.rpartition("/")
        form = {"file": [(io.BytesIO(content), name)]}
        self._done(self._client.post(f"/api/webdav/upload?replace=true&path={quote(folder)}", data=form))

    def make_folder(self, path: str) -> None:
        self._done(self._client.post("/api/webdav/mkdir", json={"path": path}))

    def move(self, source: str, target: str) -> None:
        self._done(self._client.post("/api/webdav/move", json={"source": source, "target": target}))

    def delete(self, path: str) -> None:
        self._done(self._client.delete(f"/api/webdav/delete?path={quote(path)}"))

    def _done(self, answer: Any) -> None:
        assert answer.status_code < 300, answer.text


def change_library(door: WebDav | Api, site: Site) -> None:
    """Add, edit, move and delete songs; upload an archive and game content."""
    for title in ("Ünïcode & more", "Second #2", "Third? 100%"):
        door.make_folder(f"/Songs/{title}")
        door.put(f"/Songs/{title}/notes.chart", chart())
        door.put(f"/Songs/{title}/song.wav", tone())
        door.put(f"/Songs/{title}/song.ini", ini(name=title, artist="Both", album="Doors"))
    door.put("/Songs/Second #2/song.ini", ini(name="Second, edited", artist="Both", album="Doors", x_key="kept"))
    door.make_folder("/Songs/Both")
    door.move("/Songs/Ünïcode & more", "/Songs/Both/Ünïcode & more")
    door.delete("/Songs/Third? 100%")
    door.put("/Backgrounds/stage.png", b"picture")
    door.put("/Drop/pack.zip", archive("Packed One", "Packed Two"))
    assert site.jobs.wait_until_idle(60)


def state(library: Library) -> str:
    """The library as clients see it, without times, ids and etags."""
    songs = [
        {name: getattr(song, name) for name in ("path", "title", "artist", "album", "identity", "length", "refused")}
        | {
            "metadata": dict(song.metadata),
            "files": dict(song.files),
            "problems": [dict(each) for each in song.problems],
        }
        for song in library.songs.find(SongQuery(limit=1000))[1]
    ]
    tree = sorted((entry.path, entry.is_folder, entry.size) for entry in library.tree.below("/"))
    return json.dumps({"songs": sorted(songs, key=lambda song: song["path"]), "tree": tree}, indent=1, sort_keys=True)


@pytest.fixture(scope="module")
def through_webdav(start_site: Start) -> str:
    site = start_site(served=True)
    change_library(WebDav(site), site)
    return state(site.library)


def test_both_doors_make_the_same_library(start_site: Start, through_webdav: str) -> None:
    site = start_site()
    change_library(Api(site), site)
    assert state(site.library) == through_webdav
    assert len(json.loads(through_webdav)["songs"]) == 4


def test_what_one_door_writes_the_other_sees_at_once(start_site: Start) -> None:
    site = start_site(served=True)
    change_library(WebDav(site), site)
    song = site.get("/api/songs?search=edited")["songs"][0]
    site.client.put(f"/api/songs/{song['id']}", json={"metadata": {"album": "Through the API"}})
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    connection.request("GET", quote("/dav/Songs/Second #2/song.ini"))
    assert b"album = Through the API" in connection.getresponse().read()
    connection.close()

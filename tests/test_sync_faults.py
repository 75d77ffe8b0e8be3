"""A Nextcloud that answers badly: no song is dropped for it, and the next good answer puts things right."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from davproxy.errors import DavproxyError
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.remote.nextcloud import Nextcloud
from davproxy.settings import Settings
from davproxy.sync import Sync
from tests.fakes.nextcloud import FakeNextcloud

FOLDERS = Settings.read({}, Path("/nonexistent")).folders
SONGS = {f"/Songs/Ann/{number}": f"Song {number}" for number in range(6)}
BAD: list[dict[str, Any]] = [
    *({"status": status} for status in (401, 403, 404, 423, 429, 500, 503)),
    {"page": True},
    {"cut_answer": 300},
    {"short_answer": 300},
    {"short_answer": 0},
    {"drop_answer": True},
]


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        for path, title in SONGS.items():
            server.put(f"CloneHero{path}/song.ini", f"[song]\nname = {title}\n".encode())
        yield server


@pytest.mark.parametrize("where", ["CloneHero/?$", "CloneHero/Songs/?$", "CloneHero/Songs/Ann/?$", "Ann/[0-9]/?$"])
@pytest.mark.parametrize("how", BAD, ids=str)
def test_a_bad_listing_drops_no_song(how: dict[str, Any], where: str, fake: FakeNextcloud, tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.05)) as remote:
        remote.connect()
        library = Library(remote, index, Cache(tmp_path / "cache", 1 << 20), 1 << 20)
        sync = Sync(library, Jobs(index), interval=10)
        sync.run()
        fake.put("CloneHero/Songs/Ann/2/song.ini", b"[song]\nname = Changed\n")
        fake.fail("PROPFIND", where, times=100, **how)
        with pytest.raises(DavproxyError):
            sync.run()
        assert titles(index) == SONGS
        fake.faults.clear()
        sync.run()
        assert titles(index) == SONGS | {"/Songs/Ann/2": "Changed"}
    index.close()


def titles(index: Index) -> dict[str, str]:
    return {path: song.title for path in index.songs.paths() if (song := index.songs.at(path))}

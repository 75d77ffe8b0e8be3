"""What the tests of a sync work with: a Nextcloud with six songs, and a sync of it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from davproxy.sync import Sync
from tests.fakes.nextcloud import FakeNextcloud

FOLDERS = Settings.read({}, Path("/nonexistent")).folders
SONGS = {f"/Songs/Ann/{number}": f"Song {number}" for number in range(6)}


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        for path, title in SONGS.items():
            server.put(f"CloneHero{path}/song.ini", f"[song]\nname = {title}\n".encode())
        yield server


@contextmanager
def connect(fake: FakeNextcloud) -> Iterator[Nextcloud]:
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.05)) as remote:
        remote.connect()
        yield remote


@contextmanager
def open_sync(fake: FakeNextcloud, folder: Path, interval: float = 10) -> Iterator[tuple[Sync, Index]]:
    index = Index(folder / "index.db")
    with connect(fake) as remote:
        library = Library(remote, index, Cache(folder / "cache", 1 << 20), 1 << 20)
        yield Sync(remote, index, library, Jobs(index), interval), index
    index.close()


def titles(index: Index) -> dict[str, str]:
    return {path: song.title for path in index.songs.paths() if (song := index.songs.at(path))}

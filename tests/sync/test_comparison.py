"""Comparing with a Nextcloud: what is bad in an answer drops no song, and a first reading does two things at once."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
    with syncing(fake, tmp_path) as (sync, index):
        sync.run()
        fake.put("CloneHero/Songs/Ann/2/song.ini", b"[song]\nname = Changed\n")
        fake.fail("PROPFIND", where, times=100, **how)
        with pytest.raises(DavproxyError):
            sync.run()
        assert titles(index) == SONGS
        fake.faults.clear()
        sync.run()
        assert titles(index) == SONGS | {"/Songs/Ann/2": "Changed"}


def test_a_first_reading_lists_and_reads_at_the_same_time(fake: FakeNextcloud, tmp_path: Path) -> None:
    with syncing(fake, tmp_path) as (sync, index):
        fake.fail("PROPFIND", "CloneHero/Songs/?$", first=lambda: until_read(fake))
        sync.run()
        order = [seen.method for seen in fake.requests if "CloneHero/Songs" in seen.path]
        assert order == ["GET", "PROPFIND"]
        assert titles(index) == SONGS
        fake.forget()
        assert sync.run().changed == 0
        assert fake.count("SEARCH") == fake.count("GET") == 0


def test_the_listing_knows_better_than_the_search_before_it(fake: FakeNextcloud, tmp_path: Path) -> None:
    def change() -> None:
        until_read(fake)
        fake.put("CloneHero/Songs/Ann/2/song.ini", b"[song]\nname = Changed\n")

    with syncing(fake, tmp_path) as (sync, index):
        fake.fail("PROPFIND", "CloneHero/Songs/?$", first=change)
        sync.run()
        assert titles(index) == SONGS | {"/Songs/Ann/2": "Changed"}


def test_a_search_that_fails_costs_nothing_but_time(fake: FakeNextcloud, tmp_path: Path) -> None:
    with syncing(fake, tmp_path) as (sync, index):
        fake.fail("SEARCH", times=100, status=500)
        sync.run()
        assert titles(index) == SONGS


def until_read(fake: FakeNextcloud) -> None:
    deadline = time.monotonic() + 20
    while not fake.count("GET", "CloneHero/Songs"):
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextmanager
def syncing(fake: FakeNextcloud, folder: Path) -> Iterator[tuple[Sync, Index]]:
    index = Index(folder / "index.db")
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.05)) as remote:
        remote.connect()
        library = Library(remote, index, Cache(folder / "cache", 1 << 20), 1 << 20)
        yield Sync(library, Jobs(index), interval=10), index
    index.close()


def titles(index: Index) -> dict[str, str]:
    return {path: song.title for path in index.songs.paths() if (song := index.songs.at(path))}

"""Comparison with a Nextcloud: a bad answer drops no song, a first reading lists and reads at the same time."""

from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from loguru import logger

from davproxy.errors import DavproxyError, NoSpace, SignInRefused
from davproxy.index import Index
from davproxy.jobs import UNEXPECTED, Jobs
from davproxy.library import Cache, Library
from davproxy.model import JobState
from davproxy.sync import State, Sync
from davproxy.sync.always_listed import LASTING_ETAGS, check_etags
from davproxy.sync.comparison import MOST_FAILURES
from tests.fakes.nextcloud import FakeNextcloud
from tests.sync.conftest import SONGS, connect, open_sync, titles
from tests.waiting import wait_until

A = TypeVar("A")
BAD: list[dict[str, Any]] = [
    *({"status": status} for status in (401, 403, 404, 423, 429, 500, 503)),
    {"page": True},
    {"cut_answer": 300},
    {"short_answer": 300},
    {"short_answer": 0},
    {"drop_answer": True},
]


@pytest.mark.parametrize("where", ["CloneHero/?$", "CloneHero/Songs/?$", "CloneHero/Songs/Ann/?$", "Ann/[0-9]/?$"])
@pytest.mark.parametrize("how", BAD, ids=str)
def test_a_bad_listing_drops_no_song(how: dict[str, Any], where: str, fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, index):
        sync.run()
        fake.put("CloneHero/Songs/Ann/2/song.ini", b"[song]\nname = Changed\n")
        fake.fail("PROPFIND", where, times=100, **how)
        with pytest.raises(DavproxyError):
            sync.run()
        assert titles(index) == SONGS
        fake.faults.clear()
        sync.run()
        assert titles(index) == SONGS | {"/Songs/Ann/2": "Changed"}


@pytest.mark.parametrize("status", [403, 404, 423, 500, 503])
def test_a_folder_that_cannot_be_listed_does_not_keep_the_rest_from_being_read(
    status: int, fake: FakeNextcloud, tmp_path: Path
) -> None:
    with open_sync(fake, tmp_path) as (sync, index):
        fake.put("CloneHero/Songs/Bea/1/song.ini", b"[song]\nname = Bea's\n")
        fake.put("CloneHero/Drop/x.txt", b"1")
        sync.run()
        before = titles(index)
        for changed in ("Songs/Ann/2", "Songs/Bea/1"):
            fake.put(f"CloneHero/{changed}/song.ini", b"[song]\nname = Changed\n")
        fake.put("CloneHero/Drop/y.txt", b"1")
        fake.fail("PROPFIND", "CloneHero/Songs/Ann/?$", times=100, status=status)
        for _ in range(2):
            with pytest.raises(DavproxyError, match=r"/Songs/Ann.* Everything else is up to date\."):
                sync.run()
        assert titles(index) == before | {"/Songs/Bea/1": "Changed"}
        assert index.entries.get("/Drop/y.txt")
        assert sync.state in (State.FAILED, State.UNREACHABLE)
        fake.faults.clear()
        sync.run()
        assert titles(index) == before | {"/Songs/Bea/1": "Changed", "/Songs/Ann/2": "Changed"}
        assert (sync.state, sync.message) == (State.CURRENT, "")


def test_a_remote_that_breaks_down_is_not_asked_about_every_folder(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, _):
        folders = [f"CloneHero/Songs/Artist {number}" for number in range(20)]
        for folder in folders:
            fake.put(f"{folder}/1/song.ini", b"[song]\n")
        sync.run()
        for folder in folders:
            fake.put(f"{folder}/1/song.ini", b"[song]\nname = Changed\n")
        fake.fail("PROPFIND", "CloneHero/Songs/Artist", times=10_000, status=507)
        fake.forget()
        with pytest.raises(NoSpace):
            sync.run()
        assert fake.count("PROPFIND", "CloneHero/Songs/Artist") == MOST_FAILURES + 1


def test_an_error_nobody_foresaw_is_said_too(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, _):
        sync.run()
        with pytest.raises(ZeroDivisionError):
            sync.run(lambda _step, _progress: print(1 // 0))
        assert (sync.state, sync.message) == (State.FAILED, UNEXPECTED)
        sync.run()
        assert (sync.state, sync.message) == (State.CURRENT, "")


@pytest.mark.parametrize("why", ["a file", "refused"])
def test_a_library_without_a_folder_for_scores_is_read(fake: FakeNextcloud, tmp_path: Path, why: str) -> None:
    """A library of an older version may have a file of that name, or be in a folder where we may make none."""
    if why == "a file":
        fake.put("CloneHero/Scores", b"mine")
    else:
        fake.fail("MKCOL", "/Scores", times=100, status=403)
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", format="{message}")
    try:
        with open_sync(fake, tmp_path) as (sync, index):
            sync.run()
            sync.run()
            assert (sync.state, sync.message, titles(index)) == (State.CURRENT, "", SONGS)
            check_etags(sync._remote, index)
            assert index.facts.get(LASTING_ETAGS) == ""
    finally:
        logger.remove(sink)
    assert [line for line in lines if "NEXTCLOUD_SCORES_FOLDER" in line] == lines
    assert len(lines) == 1


def test_a_lasting_error_is_logged_once_and_so_is_its_end(fake: FakeNextcloud, tmp_path: Path) -> None:
    lines: list[str] = []
    with open_sync(fake, tmp_path) as (sync, _):
        sync.run()
        sink = logger.add(lines.append, level="INFO", format="{level} {message}")
        try:
            fake.fail(times=100, status=503)
            for _ in range(3):
                with pytest.raises(DavproxyError):
                    sync.run()
            fake.faults.clear()
            sync.run()
        finally:
            logger.remove(sink)
    assert [line.split()[0] for line in lines] == ["WARNING", "INFO"], lines


def test_a_requested_sync_skips_the_pause_after_a_refused_sign_in(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, index):
        jobs = Jobs(index)
        sync = Sync(sync._remote, index, sync._library, jobs, interval=10)
        jobs.start()
        right, fake.password = fake.password, "changed"
        fake.sessions.clear()
        for _ in ("with the old session", "with the password"):
            with pytest.raises(SignInRefused):
                sync.run()
        fake.forget()
        fake.password = right
        with pytest.raises(SignInRefused):
            sync.run()
        assert fake.count() == 0, "nobody is asked during the pause"
        assert jobs.wait(sync.request().id, 30).state is JobState.DONE
        assert sync.state is State.CURRENT
        jobs.drain(1)


def test_a_first_reading_lists_and_reads_at_the_same_time(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, index):
        fake.fail("PROPFIND", "CloneHero/Songs/?$", first=lambda: wait_until(lambda: read_from(fake)))
        sync.run()
        order = [seen.method for seen in fake.requests if "CloneHero/Songs" in seen.path]
        assert order == ["GET", "PROPFIND"]
        assert titles(index) == SONGS
        fake.forget()
        assert sync.run().changed == 0
        assert fake.count("SEARCH") == fake.count("GET") == 0


def test_a_listing_is_newer_than_the_search_before_it(fake: FakeNextcloud, tmp_path: Path) -> None:
    def change() -> None:
        wait_until(lambda: read_from(fake))
        fake.put("CloneHero/Songs/Ann/2/song.ini", b"[song]\nname = Changed\n")

    with open_sync(fake, tmp_path) as (sync, index):
        fake.fail("PROPFIND", "CloneHero/Songs/?$", first=change)
        sync.run()
        assert titles(index) == SONGS | {"/Songs/Ann/2": "Changed"}


def test_a_search_that_fails_costs_only_time(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, index):
        fake.fail("SEARCH", times=100, status=500)
        sync.run()
        assert titles(index) == SONGS


MANY = {f"/Songs/Many/{number} {'long ' * 40}": f"Title {number}" for number in range(200)}
"""More song.ini files than the first four requests name: the fifth is sent when one of them is answered."""


def test_a_first_reading_adds_songs_while_others_are_read(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, index):
        put_many(fake)
        known: list[set[str]] = []
        fake.fail("GET", "CloneHero/Songs", skip=4, first=lambda: known.append(wait_until(index.songs.paths)))
        assert sync.run().added == len(SONGS | MANY)
        assert 0 < len(known[0]) < len(SONGS | MANY)
        assert titles(index) == SONGS | MANY


def test_a_first_reading_that_breaks_off_starts_again(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, index), connect(fake) as other:
        put_many(fake)
        fake.fail("GET", "CloneHero/Songs", skip=4, times=1000, status=503)
        with pytest.raises(DavproxyError):
            sync.run()
        added = sorted(index.songs.paths())
        assert 0 < len(added) < len(SONGS | MANY)
        fake.faults.clear()
        other.delete(added[0])
        fake.put(f"CloneHero{added[1]}/song.ini", b"[song]\nname = Changed\n")
        sync.run()
        assert titles(index) == {path: title for path, title in (SONGS | MANY).items() if path != added[0]} | {
            added[1]: "Changed"
        }


def test_notes_wait_for_the_end_of_a_first_reading(fake: FakeNextcloud, tmp_path: Path) -> None:
    put_many(fake)
    fake.put("CloneHero/Songs/Ann/0/notes.chart", b"[Song]\n{\n  Resolution = 192\n}\n")
    complete: list[bool] = []
    with connect(fake) as remote, closing(Index(tmp_path / "index.db")) as index:
        library = Library(remote, index, Cache(tmp_path / "cache", 1 << 20), 1 << 20)
        fake.fail("GET", "notes.chart$", times=9, first=lambda: complete.append(library.updates.complete))
        library.notes.start()
        try:
            Sync(remote, index, library, Jobs(index), interval=10).run()
            wait_until(lambda: complete)
        finally:
            library.notes.stop()
        assert all(complete)
        assert titles(index) == SONGS | MANY


def put_many(fake: FakeNextcloud) -> None:
    for path, title in MANY.items():
        fake.put(f"CloneHero{path}/song.ini", f"[song]\nname = {title}\n".encode())


def read_from(fake: FakeNextcloud) -> bool:
    return fake.count("GET", "CloneHero/Songs") > 0


def test_songs_deleted_elsewhere_are_not_held_and_the_trash_bin_is_asked_no_more_than_needed(
    fake: FakeNextcloud, tmp_path: Path
) -> None:
    with open_sync(fake, tmp_path) as (sync, index):
        for number in range(8):
            fake.put(f"CloneHero/Songs/Bea/{number}/song.ini", b"[song]\n")
        sync.run()
        with fake.lock:
            fake.tree.delete(["CloneHero", "Songs", "Ann"])
            fake.tree.delete(["CloneHero", "Songs", "Bea", "0"])
        assert (sync.run().held, sorted(titles(index))) == ((), [f"/Songs/Bea/{number}" for number in range(1, 8)])
        with fake.lock:
            for number in range(1, 6):
                fake.tree.delete(["CloneHero", "Songs", "Bea", str(number)], for_good=number > 2)
        fake.forget()
        for _ in range(5):
            assert sync.run().held == tuple(f"/Songs/Bea/{number}" for number in range(3, 6))
        assert fake.count("PROPFIND", "trashbin") == 2, "of five songs, then of the three that are held"


def test_a_folder_whose_place_a_file_takes_is_gone_with_all_in_it(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path) as (sync, index):
        sync.run()
        with fake.lock:
            del fake.tree.root.children["CloneHero"].children["Songs"].children["Ann"].children["2"]
        fake.put("CloneHero/Songs/Ann/2", b"a file")
        sync.run()
        assert [entry.path for entry in index.entries.below("/Songs/Ann/2")] == []
        assert titles(index) == {path: title for path, title in SONGS.items() if path != "/Songs/Ann/2"}

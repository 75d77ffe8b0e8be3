"""Notes files are read in the background: while no client makes requests, and again after an error."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event

import pytest
from loguru import logger

from davproxy.errors import Unavailable
from davproxy.index import Index
from davproxy.library import Cache, Library
from davproxy.model import Song
from davproxy.remote.local.folder import Folder
from davproxy.settings import Settings
from tests.waiting import wait_until

PATH = "/Songs/Ann/One"
NOTES = b"[Song]\n{\n  Resolution = 192\n}\n"


class Failing(Folder):
    """A folder that refuses to read many files while it is down."""

    down = False
    refused = 0
    pause: tuple[Event, Event] | None = None
    """The first is set where a read begins, which then waits for the second."""

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        if self.down:
            self.refused += 1
            raise Unavailable("Nobody answers.")
        if self.pause:
            self.pause[0].set()
            assert self.pause[1].wait(30)
        yield from super().read_many(paths)


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Failing]:
    remote = Failing(tmp_path / "remote", Settings.read({}, Path("/nonexistent")).folders)
    remote.connect()
    yield remote
    remote.close()


@pytest.fixture
def reading(remote: Failing, index: Index, cache: Cache) -> Iterator[Library]:
    """A library whose notes are being read."""
    library = Library(remote, index, cache, upload_limit=1 << 20)
    library.notes.start()
    yield library
    library.notes.stop()


def add_song(library: Library, remote: Failing) -> Song:
    """A song that another program put there, as the library knows it before its notes are read."""
    remote.make_folder(PATH)
    remote.write(f"{PATH}/song.ini", b"[song]\nname = One\n")
    remote.write(f"{PATH}/notes.chart", NOTES)
    library.tree.refresh("/Songs/Ann")
    song = library.songs.at(PATH)
    assert song is not None
    return song


def is_read(library: Library) -> bool:
    song = library.songs.at(PATH)
    return song is not None and song.identity != ""


def test_notes_are_read_after_a_change(reading: Library, remote: Failing) -> None:
    reading.updates.mark_complete()
    add_song(reading, remote)
    wait_until(lambda: is_read(reading))


def test_notes_are_not_read_while_a_game_makes_requests(reading: Library, remote: Failing) -> None:
    reading.updates.mark_complete()
    reading.activity.last = last = time.monotonic() + 1.0
    assert not add_song(reading, remote).identity
    wait_until(lambda: is_read(reading))
    assert time.monotonic() > last + 1.0


def test_notes_that_could_not_be_read_are_read_when_woken(reading: Library, remote: Failing) -> None:
    reading.updates.mark_complete()
    remote.down = True
    add_song(reading, remote)
    wait_until(lambda: remote.refused)
    assert not is_read(reading)
    remote.down = False
    reading.notes.wake()
    wait_until(lambda: is_read(reading))


def test_a_stop_in_the_middle_of_a_slow_read_is_no_error(reading: Library, remote: Failing, index: Index) -> None:
    begun, released = Event(), Event()
    reading.updates.mark_complete()
    remote.pause = begun, released
    lines: list[str] = []
    sink = logger.add(lines.append, level="ERROR", format="{message}")
    try:
        add_song(reading, remote)
        assert begun.wait(30)
        reading.notes.stop(timeout=0)
        index.close()
        released.set()
        reading.notes.stop(timeout=30)
    finally:
        logger.remove(sink)
    assert lines == []

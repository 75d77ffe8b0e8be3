"""Jobs that change many songs: count, cancel, undo, and going on after a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from davproxy.app import Core, open_core
from davproxy.errors import BadInput, Conflict
from davproxy.model import JobState
from davproxy.settings import Settings
from tests.webui.songs import add_song


@contextmanager
def running(folder: Path) -> Iterator[Core]:
    given = {"TEMP_DIR": str(folder / "temp"), "LIBRARY_DIR": str(folder / "stored")}
    with open_core(Settings.read(given, Path("/nonexistent"))) as core:
        core.sync.run()
        yield core


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    with running(tmp_path) as core:
        core.jobs.start()
        yield core


def ini(core: Core, title: str) -> bytes:
    return core.library.tree.read(f"/Songs/{title}/song.ini")


def test_an_edit_of_many_songs_is_undone_byte_for_byte(core: Core) -> None:
    songs = [add_song(core.library, f"Song {number}", genre="Rock") for number in range(40)]
    before = [ini(core, song.title) for song in songs]
    job = core.jobs.outcome(core.song_jobs.edit([song.id for song in songs], {"genre": "Pop", "year": None}).id)
    assert job.result is not None
    assert (job.result["changed"], job.result["failed"], job.result["can_undo"]) == (40, 0, True)
    assert {core.library.songs.get(song.id).genre for song in songs} == {"Pop"}
    core.jobs.outcome(core.song_jobs.undo(job.id).id)
    assert [core.library.songs.get(song.id).genre for song in songs] == ["Rock"] * 40
    assert [sorted(ini(core, song.title).splitlines()) for song in songs] == [sorted(b.splitlines()) for b in before]
    with pytest.raises(Conflict, match="nothing to undo"):
        core.song_jobs.undo(job.id)


def test_undo_keeps_what_was_changed_since(core: Core) -> None:
    first, second = (add_song(core.library, title, genre="Rock") for title in ("First", "Second"))
    job = core.jobs.outcome(core.song_jobs.edit([first.id, second.id], {"genre": "Pop"}).id)
    core.library.songs.edit(second.id, {"genre": "Jazz"})
    undone = core.jobs.outcome(core.song_jobs.undo(job.id).id)
    assert undone.result is not None
    assert (undone.result["changed"], undone.result["failed"]) == (1, 1)
    assert [core.library.songs.get(song.id).genre for song in (first, second)] == ["Rock", "Jazz"]


def test_a_song_that_cannot_be_edited_is_named_and_the_others_are(core: Core) -> None:
    good, gone = add_song(core.library, "Good"), add_song(core.library, "Gone")
    core.library.tree.delete(gone.path)
    job = core.jobs.outcome(core.song_jobs.edit([gone.id, good.id], {"genre": "Pop"}).id)
    assert job.result is not None
    assert job.result["summary"].startswith("1 song changed. 1 could not be: There is no such song.")


def test_deleted_songs_come_back(core: Core) -> None:
    songs = [add_song(core.library, f"Song {number}") for number in range(5)]
    job = core.jobs.outcome(core.song_jobs.delete([song.id for song in songs]).id)
    assert core.library.songs.counts().songs == 0
    core.jobs.outcome(core.song_jobs.undo(job.id).id)
    assert core.library.songs.counts().songs == 5


def test_a_cancelled_edit_can_be_undone(core: Core) -> None:
    songs = [add_song(core.library, f"Song {number}", genre="Rock") for number in range(40)]

    def stop_at_first(change: object) -> None:
        core.jobs.cancel(job.id)

    job = core.song_jobs.edit([song.id for song in songs], {"genre": "Pop"})
    core.library.subscribe(stop_at_first)
    job = core.jobs.wait(job.id)
    assert job.state is JobState.CANCELLED
    assert job.result is not None
    changed = sum(core.library.songs.get(song.id).genre == "Pop" for song in songs)
    assert job.result["changed"] == changed
    core.jobs.outcome(core.song_jobs.undo(job.id).id)
    assert {core.library.songs.get(song.id).genre for song in songs} == {"Rock"}


def test_an_edit_goes_on_after_a_restart_and_all_of_it_is_undone(tmp_path: Path) -> None:
    with running(tmp_path) as core:
        ids = [add_song(core.library, f"Song {number}", genre="Rock").id for number in range(30)]
        job = core.song_jobs.edit(ids, {"genre": "Pop"})

        def stop_serving(change: object) -> None:
            if not core.jobs.draining:
                core.jobs.drain(0)

        core.library.subscribe(stop_serving)
        core.jobs.start()
        core.jobs.wait(job.id)
        assert core.jobs.get(job.id).state is JobState.WAITING
    with running(tmp_path) as core:
        core.jobs.start()
        done = core.jobs.outcome(job.id)
        assert done.result is not None
        assert done.result["changed"] == 30
        assert {core.library.songs.get(id).genre for id in ids} == {"Pop"}
        core.jobs.outcome(core.song_jobs.undo(job.id).id)
        assert {core.library.songs.get(id).genre for id in ids} == {"Rock"}


def test_a_song_named_twice_is_edited_once_and_no_song_is_refused(core: Core) -> None:
    song = add_song(core.library, "Song")
    with pytest.raises(BadInput):
        core.song_jobs.edit([], {"genre": "Pop"})
    first = core.song_jobs.edit([song.id, song.id], {"genre": "Pop"})
    assert first.options["ids"] == [song.id]

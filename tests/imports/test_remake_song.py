"""A generated song that is charted again, as a person corrects it."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from davproxy.errors import BadInput, Conflict, NotFound, ReplacesEdits
from davproxy.formats import song_ini
from davproxy.imports.kept_options import is_generated
from davproxy.imports.remake_song import ADD, DELETE, RESULT
from davproxy.model import Job, JobState
from davproxy.remote.local.folder import RESERVED, Folder
from davproxy.settings import Settings
from tests.charter.music import recording
from tests.imports.conftest import House, house, song

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return recording(tmp_path_factory.mktemp("audio") / "take.ogg", bars=8).read_bytes()


@pytest.fixture
def home_with_plain_folders(tmp_path: Path) -> Iterator[House]:
    remote = Folder(tmp_path / "remote", Settings.read({}, tmp_path / "none").folders)
    remote.connect()
    with house(tmp_path, remote, SONG_FOLDERS="{artist}/{title}") as built:
        yield built
    remote.close()


def made(home: House, audio: bytes) -> tuple[int, str]:
    """The id and the path of a generated song."""
    job = home.run_import("/Generate/Some Band - Some Title.ogg", audio)
    assert job.result is not None, job.error
    [song] = job.result["songs"]
    return song["id"], song["path"]


def start(home: House, id: int, **correction: object) -> Job:
    """The job that charts the song again, when it has ended."""
    return home.jobs.wait(home.imports.remake(id, {"correction": correction}).id, 60)


def result_of(job: Job) -> Mapping[str, Any]:
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    return job.result


def remade(home: House, id: int, **correction: object) -> Mapping[str, Any]:
    return result_of(start(home, id, **correction))


def undo(home: House, job: Job) -> Job:
    undone = home.jobs.wait(home.curation.steps.undo(job.id).id, 60)
    assert undone.state is JobState.DONE, undone.error
    return undone


def at_step(home: House, step: str, action: Callable[[], object]) -> None:
    """Run `action` once, when a job comes to this step."""
    actions = [action]

    def watch(job: Job) -> None:
        if (job.kind, job.step) == ("remake", step) and actions:
            actions.pop()()

    home.jobs.subscribe(watch)


def put_unnoticed(home: House, folder: str, files: Mapping[str, bytes]) -> None:
    """Store files as another program does, of which the library does not know yet."""
    home.remote.make_folder(folder)
    for name, content in files.items():
        home.remote.write(f"{folder}/{name}", content)


def resumed(home: House, job: Job) -> Job:
    """The job when it has ended once more, after a restart that found it running."""
    home.index.jobs.put(Job(job.id, job.kind, job.title, JobState.RUNNING, job.subject, job.options))
    home.jobs.resume()
    return home.jobs.wait(job.id, 60)


def test_the_corrected_song_takes_the_place_of_the_old_one(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    home.library.songs.edit(id, {"name": "My Title", "icon": "mine", "delay": "40"})
    home.library.tree.write(f"{path}/video.webm", b"moving")
    before = home.library.tree.read(f"{path}/song.ogg")
    lists = home.curation.lists
    lists.create("Mine")
    lists.add("Mine", [home.library.songs.get(id)])
    job = start(home, id, tempo="x2", muted=[[0, 6]])
    assert (job.title, job.kind) == ("Chart My Title again", "remake")
    [song] = result_of(job)["songs"]
    assert song["chart"]["bpm"] == 256
    assert home.library.tree.find(path) is None
    assert [each.id for each in home.library.songs.all()] == [song["id"]]
    pairs = song_ini.parse(home.library.tree.read(f"{song['path']}/song.ini")).pairs
    assert (pairs["name"], pairs["artist"], pairs["icon"], pairs["delay"]) == ("My Title", "Some Band", "mine", "0")
    assert home.library.tree.read(f"{song['path']}/video.webm") == b"moving"
    kept = json.loads(home.library.tree.read(f"{song['path']}/chart-options.json"))
    assert kept["correction"] == {"tempo": "x2", "muted": [[0.0, 6.0]]}
    assert kept["found"] == {"bpm": 128.0, "beats_per_bar": 4, "downbeat": pytest.approx(0.5, abs=0.03)}
    assert home.library.tree.read(f"{song['path']}/song.ogg") == before, "the lead-in still fits"
    assert [each.path for each in lists.get("Mine").songs if each] == [song["path"]]
    assert home.leftovers() == []
    undo(home, job)
    assert [each.path for each in home.library.songs.all()] == [path]
    assert home.library.tree.read(f"{path}/song.ogg") == before


def test_a_correction_counts_from_what_was_found_and_not_from_the_last_one(audio: bytes, home: House) -> None:
    id, _ = made(home, audio)
    once = remade(home, id, bar_shift=1)
    again = remade(home, once["songs"][0]["id"], bar_shift=1)
    assert (again["songs"], [each["id"] for each in again["duplicates"]]) == ([], [once["songs"][0]["id"]])


def test_a_song_whose_folder_would_have_the_same_name_is_replaced_too(
    audio: bytes, home_with_plain_folders: House
) -> None:
    home = home_with_plain_folders
    id, path = made(home, audio)
    remade(home, id, bar_shift=1)
    [song] = home.library.songs.all()
    assert (path, song.path) == ("/Songs/Some Band/Some Title", "/Songs/Some Band/Some Title (2)")


def test_files_in_folders_of_the_song_are_kept(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    home.put(f"{path}/extras/deep/notes of mine.txt", b"keep me")
    home.put(f"{path}/extras/song.ogg", b"another take")
    [song] = remade(home, id, bar_shift=1)["songs"]
    assert home.library.tree.read(f"{song['path']}/extras/deep/notes of mine.txt") == b"keep me"
    assert home.library.tree.read(f"{song['path']}/extras/song.ogg") == b"another take"


def test_a_song_that_was_edited_while_its_chart_was_made_is_not_replaced(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    at_step(home, "staging", lambda: home.library.songs.edit(id, {"name": "My Title"}))
    job = start(home, id, bar_shift=1)
    assert (job.state, job.error) == (JobState.FAILED, "The song was changed meanwhile. Make its chart again.")
    assert [(each.path, each.title) for each in home.library.songs.all()] == [(path, "My Title")]
    assert home.leftovers() == []


def test_a_song_that_was_moved_while_its_chart_was_made_is_not_replaced(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    at_step(home, "staging", lambda: home.library.tree.move(path, "/Songs/Mine"))
    job = start(home, id, bar_shift=1)
    assert (job.state, job.error) == (JobState.FAILED, "The song was moved or removed meanwhile.")
    assert [each.path for each in home.library.songs.all()] == ["/Songs/Mine"]


def test_a_song_that_a_player_moved_is_replaced_where_it_is(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    home.library.tree.make_folder("/Songs/Favourites")
    home.library.tree.move(path, "/Songs/Favourites/Mine")
    remade(home, id, bar_shift=1)
    [song] = home.library.songs.all()
    assert song.path == f"/Songs/Favourites/Some Title_{song.identity[:8]}"


def test_an_undo_keeps_the_new_song_where_the_old_one_cannot_come_back(
    audio: bytes, home: House, tmp_path: Path
) -> None:
    id, _ = made(home, audio)
    home.curation.lists.create("Mine")
    home.curation.lists.add("Mine", [home.library.songs.get(id)])
    job = start(home, id, bar_shift=1)
    for trashed in (tmp_path / "remote" / RESERVED / "trash").iterdir():
        shutil.rmtree(trashed)
    undone = undo(home, job)
    assert undone.result is not None
    assert undone.result["failed"] == 3
    [song] = home.library.songs.all()
    assert song.path == result_of(job)["songs"][0]["path"]
    assert [each.path for each in home.curation.lists.get("Mine").songs if each] == [song.path]


def test_an_undo_restores_the_song_and_not_what_was_deleted_there_later(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    job = start(home, id, bar_shift=1)
    home.put_folder(path, song("One"))
    home.library.tree.delete(path)
    undo(home, job)
    assert [(each.path, each.title) for each in home.library.songs.all()] == [(path, "Some Title")]


def test_an_undo_leaves_a_song_alone_that_came_to_the_place_of_the_new_one(
    audio: bytes, home_with_plain_folders: House
) -> None:
    home = home_with_plain_folders
    id, path = made(home, audio)
    at_step(home, "staging", lambda: put_unnoticed(home, f"{path} (2)", song("One")))
    job = start(home, id, bar_shift=1)
    assert (job.state, job.error) == (JobState.FAILED, f"Something else came to “{path} (2)” meanwhile. Try it again.")
    with pytest.raises(Conflict, match="nothing to undo"):
        home.curation.steps.undo(job.id)
    assert {each.path for each in home.library.songs.all()} == {path, f"{path} (2)"}


def test_a_job_that_was_cut_short_before_the_old_song_was_deleted_ends_it(
    audio: bytes, home_with_plain_folders: House
) -> None:
    home = home_with_plain_folders
    id, path = made(home, audio)
    job = start(home, id, bar_shift=1)
    home.library.trash.restore(home.library.trash.items()[0].key)
    for record in (ADD, DELETE, RESULT):
        home.jobs.forget_records(job.id, record)
    list(home.library.notes.read())
    [old] = [each for each in home.library.songs.all() if each.path == path]
    home.curation.lists.create("Mine")
    home.curation.lists.add("Mine", [old])
    [new] = [each for each in home.library.songs.all() if each.path != path]
    home.index.songs.put([replace(new, identity="", notes_etag="")])
    home.remote.make_folder(f"/Temp/{job.id}/0")
    again = resumed(home, job)
    assert home.leftovers() == []
    assert [each.path for each in home.curation.lists.get("Mine").songs if each] == [f"{path} (2)"]
    assert [each["older"] for each in result_of(again)["newer"]] == [path]
    assert [each.path for each in home.library.songs.all()] == [f"{path} (2)"]
    undo(home, again)
    assert [each.path for each in home.library.songs.all()] == [path]


def test_a_job_that_was_cut_short_after_the_old_song_was_deleted_is_done(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    job = start(home, id, bar_shift=1)
    again = resumed(home, job)
    assert (again.state, again.result) == (JobState.DONE, job.result)
    undo(home, again)
    assert [each.path for each in home.library.songs.all()] == [path]


def test_another_correction_is_refused_while_the_chart_is_made(audio: bytes, home: House) -> None:
    id, _ = made(home, audio)
    errors = []

    def correct_again() -> None:
        same = home.imports.remake(id, {"correction": {"bar_shift": 1}})
        assert same.kind == "remake"
        with pytest.raises(Conflict, match="being made again already") as error:
            home.imports.remake(id, {"correction": {"bar_shift": 2}})
        errors.append(error)

    at_step(home, "staging", correct_again)
    assert start(home, id, bar_shift=1).state is JobState.DONE
    assert len(errors) == 1


def test_a_generated_song_that_is_packed_cannot_be_charted_again(audio: bytes, home: House) -> None:
    id, _ = made(home, audio)
    song = home.library.songs.get(id)
    assert is_generated(song)
    assert not is_generated(replace(song, path=f"{song.path}.sng"))


def test_a_chart_that_was_not_made_here_stays(home: House) -> None:
    home.put_folder("/Songs/Ann/One", song("One"))
    [theirs] = home.library.songs.all()
    with pytest.raises(NotFound, match="was not made from its audio"):
        home.imports.remake(theirs.id, {})
    with pytest.raises(NotFound):
        home.imports.remake(12345, {})


def test_a_wrong_correction_is_named_before_a_job_begins(audio: bytes, home: House) -> None:
    id, _ = made(home, audio)
    with pytest.raises(BadInput, match="bar_shift: must be from -6 to 6"):
        home.imports.remake(id, {"correction": {"bar_shift": 10}})


def test_notes_that_a_person_edited_are_replaced_only_when_that_is_asked(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    kept = json.loads(home.library.tree.read(f"{path}/chart-options.json"))
    assert kept["identity"] == home.library.songs.get(id).identity
    home.library.tree.write(f"{path}/notes.chart", home.library.tree.read(f"{path}/notes.chart") + b"\n")
    with pytest.raises(ReplacesEdits, match="send replace_edited"):
        home.imports.remake(id, {})
    job = home.jobs.wait(home.imports.remake(id, {"replace_edited": True}).id, 60)
    assert job.state is JobState.DONE, job.error


def test_other_audio_than_that_of_the_chart_is_refused(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    home.library.tree.write(f"{path}/song.ogg", audio)  # which has no silence before it
    before = home.tree(path)
    job = home.jobs.wait(home.imports.remake(id, {"correction": {"tempo": "x2"}}).id, 60)
    assert (job.state, job.error) == (JobState.FAILED, "The audio is not the one that this chart was made of.")
    assert home.tree(path) == before


def test_a_cover_of_another_kind_stays_the_only_one(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    [drawn] = [name for name in home.tree(path) if name.startswith("album.")]
    picture = home.library.tree.read(f"{path}/{drawn}")
    other = "album.jpg" if drawn == "album.png" else "album.png"
    home.library.tree.move(f"{path}/{drawn}", f"{path}/{other}")
    [song] = remade(home, id, bar_shift=1)["songs"]
    assert [name for name in home.tree(song["path"]) if name.startswith("album.")] == [other]
    assert home.library.tree.read(f"{song['path']}/{other}") == picture


def test_a_file_of_options_that_is_too_large_is_not_read(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    home.library.tree.write(f"{path}/chart-options.json", b" " * (64 * 1024) + b"{}")
    with pytest.raises(BadInput, match="is damaged"):
        home.imports.remake(id, {})


def test_a_chart_that_cannot_be_made_leaves_the_song_as_it_is(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    before = home.tree(path)
    job = home.jobs.wait(home.imports.remake(id, {"correction": {"muted": [[0, 600]]}, "drums": False}).id, 60)
    assert job.state is JobState.FAILED
    assert home.tree(path) == before
    assert home.leftovers() == []

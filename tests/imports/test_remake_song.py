"""A generated song that is charted again, as a person corrects it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.errors import BadInput, NotFound
from davproxy.formats import song_ini
from davproxy.model import Job, JobState
from davproxy.remote.local.folder import Folder
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


def remade(home: House, id: int, **correction: object) -> Job:
    job = home.jobs.wait(home.imports.remake(id, {"correction": correction}).id, 60)
    assert job.state is JobState.DONE, job.error
    return job


def test_the_corrected_song_takes_the_place_of_the_old_one(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    home.library.songs.edit(id, {"name": "My Title", "icon": "mine", "delay": "40"})
    home.library.tree.write(f"{path}/video.webm", b"moving")
    before = home.library.tree.read(f"{path}/song.ogg")
    lists = home.curation.lists
    lists.create("Mine")
    lists.add("Mine", [home.library.songs.get(id)])
    job = remade(home, id, tempo="x2", muted=[[0, 6]])
    assert (job.title, job.kind) == ("Chart My Title again", "remake")
    assert job.result is not None
    [song] = job.result["songs"]
    assert song["chart"]["bpm"] == 256
    assert home.library.tree.find(path) is None
    assert [each.id for each in home.library.songs.all()] == [song["id"]]
    pairs = song_ini.parse(home.library.tree.read(f"{song['path']}/song.ini")).pairs
    assert (pairs["name"], pairs["artist"], pairs["icon"], pairs["delay"]) == ("My Title", "Some Band", "mine", "0")
    assert home.library.tree.read(f"{song['path']}/video.webm") == b"moving"
    kept = json.loads(home.library.tree.read(f"{song['path']}/chart-options.json"))
    assert kept["correction"] == {"tempo": "x2", "muted": [[0.0, 6.0]]}
    assert home.library.tree.read(f"{song['path']}/song.ogg") == before, "the lead-in still fits"
    assert [each.path for each in lists.get("Mine").songs if each] == [song["path"]]
    assert home.leftovers() == []
    undone = home.jobs.wait(home.curation.steps.undo(job.id).id, 60)
    assert undone.state is JobState.DONE, undone.error
    assert [each.path for each in home.library.songs.all()] == [path]
    assert home.library.tree.read(f"{path}/song.ogg") == before


def test_a_correction_counts_from_what_was_found_and_not_from_the_last_one(audio: bytes, home: House) -> None:
    id, _ = made(home, audio)
    once = remade(home, id, bar_shift=1).result
    assert once is not None
    again = remade(home, once["songs"][0]["id"], bar_shift=1).result
    assert again is not None
    assert (again["songs"], [each["id"] for each in again["duplicates"]]) == ([], [once["songs"][0]["id"]])


def test_a_song_whose_folder_would_have_the_same_name_is_replaced_too(
    audio: bytes, home_with_plain_folders: House
) -> None:
    home = home_with_plain_folders
    id, path = made(home, audio)
    result = remade(home, id, bar_shift=1).result
    assert result is not None
    [song] = home.library.songs.all()
    assert (path, song.path) == ("/Songs/Some Band/Some Title", "/Songs/Some Band/Some Title (2)")


def test_a_job_that_was_cut_short_before_the_old_song_was_deleted_ends_it(audio: bytes, home: House) -> None:
    id, path = made(home, audio)
    job = remade(home, id, bar_shift=1)
    assert job.result is not None
    [song] = job.result["songs"]
    files = {name: home.library.tree.read(f"{song['path']}/{name}") for name in home.tree(song["path"])}
    home.jobs.wait(home.curation.steps.undo(job.id).id, 60)
    home.put_folder(song["path"], files)
    [old] = [each for each in home.library.songs.all() if each.path == path]
    remade(home, old.id, bar_shift=1)
    assert [each.path for each in home.library.songs.all()] == [song["path"]]


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
    result = remade(home, id, bar_shift=1).result
    assert result is not None
    [song] = result["songs"]
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

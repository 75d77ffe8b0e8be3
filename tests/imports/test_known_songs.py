"""Songs that come again: with more files, with others, with other notes."""

from pathlib import Path
from threading import Event

import pytest

from davproxy.curation.list_files import ListEntry
from davproxy.errors import Conflict
from davproxy.formats import sng
from davproxy.model import Job, JobState
from tests.imports.archives import zip_of
from tests.imports.conftest import House, house, pack, song, target, wait_for
from tests.imports.remotes import interrupt, open_folder

pytestmark = pytest.mark.slow
BARE = {name: content for name, content in song("One").items() if name != "album.png"}
MORE = BARE | {
    "album.png": b"\x89PNG\r\n\x1a\npicture",
    "video.webm": b"\x1a\x45\xdf\xa3video",
    "extras/readme.txt": b"read me",
    "song.ini": b"[song]\r\nname = Other\r\nartist = The Testers\r\ngenre = Rock\r\nhopo_frequency = 99\r\n",
}
ADDED = ["album.png", "extras/readme.txt", "video.webm", "song.ini (genre)"]


def come(home: House, way: str, files: dict[str, bytes]) -> Job:
    """Put a song into /Drop, packed in one way or another; returns the job that ended."""
    if way == "folder":
        home.put_folder("/Drop/again", files)
        wait_for(home, "/Drop/again")
        job = home.imports.job_for("/Drop/again")
        assert job is not None
        return job
    packed = sng.render(
        {"name": "Other", "artist": "The Testers", "genre": "Rock", "hopo_frequency": "99"},
        {name: content for name, content in files.items() if name != "song.ini"},
        bytes(range(16)),
    )
    content = {"zip": zip_of(files), "sng": packed, "sng in zip": zip_of({"a/b.sng": packed})}[way]
    return home.run_import("/Drop/again.dat", content)


def undone(home: House, job: Job) -> list[tuple[str, str]]:
    """Undo the job; returns what cannot be taken back."""
    result = home.jobs.outcome(home.curation.steps.undo(job.id).id, 60).result or {}
    return [(each["title"], each["reason"]) for each in result["errors"]]


@pytest.mark.parametrize("way", ["folder", "zip", "sng", "sng in zip"])
def test_what_is_missing_is_added_and_nothing_is_overwritten(way: str, home: House) -> None:
    home.run_import("/Drop/a.zip", zip_of(BARE))
    path = target(BARE, "One")
    id = home.library.songs.ids_below("/Songs")[path]
    job = come(home, way, MORE)
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    [again] = job.result["duplicates"]
    assert again["improved"] == ADDED
    assert again["differs"] == ["song.ini (name)"]
    assert f"improved: {', '.join(ADDED)}" in job.result["summary"]
    for name in ("album.png", "video.webm", "extras/readme.txt", "notes.chart", "song.ogg"):
        assert home.library.tree.read(f"{path}/{name}") == MORE[name]
    assert home.library.tree.read(f"{path}/song.ini") == BARE["song.ini"] + b"genre = Rock\r\n"
    assert home.library.songs.get(id).has_art
    assert home.tree("/Drop") == {}
    assert home.leftovers() == []


def test_a_song_that_is_one_sng_gets_the_files_inside(home: House) -> None:
    files = {name: content for name, content in BARE.items() if name != "song.ini"}
    packed = sng.render({"name": "One", "artist": "The Testers"}, files, bytes(range(16)))
    home.run_import("/Drop/a.sng", packed)
    list(home.library.notes.read())
    [path] = home.library.songs.ids_below("/Songs")
    job = come(home, "zip", MORE)
    assert job.result is not None
    assert job.result["duplicates"][0]["improved"] == ADDED
    known = home.library.songs.at(path)
    assert known is not None
    assert known.has_art
    assert known.genre == "Rock"
    for name in {*MORE} - {"song.ini"}:
        with home.library.songs.stream_file(known, name) as blocks:
            assert b"".join(blocks) == MORE[name]


def test_the_same_package_brings_nothing_new(home: House) -> None:
    home.run_import("/Drop/a.zip", zip_of(MORE))
    job = home.run_import("/Drop/b.zip", zip_of(MORE))
    assert job.result is not None
    assert job.result["summary"] == "1 song in the library already (nothing new)."


def test_an_undo_takes_back_what_was_added(home: House) -> None:
    home.run_import("/Drop/a.zip", zip_of(BARE))
    before = home.tree("/Songs")
    job = come(home, "zip", MORE)
    assert job.result is not None
    assert undone(home, job) == []
    assert home.tree("/Songs") == before
    assert home.library.tree.read(f"{target(BARE, 'One')}/song.ini") == BARE["song.ini"]


def test_what_differs_replaces_ours_where_that_is_chosen_and_an_undo_brings_ours_back(home: House) -> None:
    home.run_import("/Drop/a.zip", zip_of(MORE))
    other = MORE | {"album.jpg": b"\xff\xd8\xffother", "video.webm": b"\x1a\x45\xdf\xa3other"}
    del other["album.png"]
    home.put_folder("/Else/again", other)
    job = home.jobs.wait(home.imports.import_source("/Else/again", same_notes="replace").id, 60)
    assert job.result is not None
    path = target(BARE, "Other")
    assert job.result["duplicates"][0]["improved"] == ["album.jpg", "video.webm"]
    assert home.library.tree.read(f"{path}/video.webm") == other["video.webm"]
    assert home.library.tree.find(f"{path}/album.png") is None
    assert undone(home, job) == []
    assert home.library.tree.read(f"{path}/video.webm") == MORE["video.webm"]
    assert home.library.tree.read(f"{path}/album.png") == MORE["album.png"]
    assert home.library.tree.find(f"{path}/album.jpg") is None


def test_both_are_kept_where_that_is_chosen_and_something_differs(home: House) -> None:
    home.run_import("/Drop/a.zip", zip_of(MORE))
    path, beside = target(BARE, "Other"), target(BARE, "Other") + " (2)"
    home.put_folder("/Else/again", MORE | {"video.webm": b"\x1a\x45\xdf\xa3other"})
    job = home.jobs.wait(home.imports.import_source("/Else/again", same_notes="both").id, 60)
    assert job.result is not None
    assert [each["path"] for each in job.result["songs"]] == [beside]
    assert set(home.library.songs.ids_below("/Songs")) == {path, beside}


def test_other_notes_of_a_song_that_we_have_are_a_newer_version(home: House) -> None:
    ini = b"[song]\r\nname = One\r\nartist = The Testers\r\ncharter = C\r\n"
    old = song("One") | {"song.ini": ini}
    more = b"[ExpertSingle]\r\n{\r\n  768 = N 0 0\r\n  960 = N 1 0\r\n}\r\n[HardSingle]\r\n{\r\n  768 = N 0 0\r\n}\r\n"
    new = old | {"notes.chart": b"[Song]\r\n{\r\n  Resolution = 192\r\n}\r\n" + more}
    home.run_import("/Drop/a.zip", zip_of(pack(("x", old))))
    job = home.run_import("/Drop/b.zip", zip_of(pack(("x", new))))
    assert job.result is not None
    [newer] = job.result["newer"]
    assert newer["path"] == target(new, "One")
    assert newer["older"] == target(old, "One")
    assert newer["changes"] == [
        "Hard guitar: new, 1 note",
        "Expert guitar: 2 notes, 1 before",
        "length: 0:02, 2:54 before",
    ]
    assert "scores stay with the old notes" in job.result["summary"]
    assert len(home.library.songs.ids_below("/Songs")) == 2


def test_a_newer_version_replaces_the_old_one_where_that_is_chosen_and_an_undo_brings_it_back(tmp_path: Path) -> None:
    ini = b"[song]\r\nname = One\r\nartist = The Testers\r\ncharter = C\r\n"
    old, new = song("One") | {"song.ini": ini}, song("Two") | {"song.ini": ini}
    with house(tmp_path, open_folder(tmp_path), NEWER_VERSIONS="replace") as home:
        home.run_import("/Drop/a.zip", zip_of(pack(("x", old))))
        older = home.library.songs.at(target(old, "One"))
        assert older is not None
        home.curation.lists.add("Party", [older])
        job = home.run_import("/Drop/b.zip", zip_of(pack(("x", new))))
        assert set(home.library.songs.ids_below("/Songs")) == {target(new, "One")}
        newer = home.library.songs.at(target(new, "One"))
        assert newer is not None
        assert home.curation.lists.get("Party").entries == (ListEntry(newer.identity, newer.sha1),)
        assert undone(home, job) == []
        assert len(home.library.songs.ids_below("/Songs")) == 2
        assert home.curation.lists.get("Party").entries == (ListEntry(older.identity, older.sha1),)


def test_an_import_cut_short_adds_the_rest(home: House) -> None:
    """As if it was killed after the first file: that one is there, and the source waits."""
    home.run_import("/Drop/a.zip", zip_of(BARE))
    path = target(BARE, "One")
    home.put_folder("/Drop/again", {name: content for name, content in MORE.items() if name != "album.png"})
    home.library.tree.write(f"{path}/album.png", MORE["album.png"])
    wait_for(home, "/Drop/again")
    assert set(home.tree(path)) == set(MORE)
    assert home.tree("/Drop") == {}


def test_a_choice_adds_no_song_that_was_deleted_since_and_is_kept_for_another_try(tmp_path: Path) -> None:
    is_away = Event()
    with house(tmp_path, interrupt(open_folder(tmp_path), is_away, {"stream"})) as home:
        home.run_import("/Drop/a.zip", zip_of(MORE))
        other = pack(("other", MORE | {"album.png": b"\x89PNG\r\n\x1a\nother"}), ("new", song("New")))
        job = home.run_import("/Drop/b.zip", zip_of(other))
        assert job.result is not None
        [new] = job.result["songs"]
        home.library.tree.delete(new["path"])
        path = job.result["duplicates"][0]["path"]
        is_away.set()
        failed = home.jobs.wait(home.imports.choose(job.id, {path: ["art"]}).id, 60)
        assert failed.state is JobState.FAILED
        is_away.clear()
        done = home.jobs.wait(home.imports.import_source("/Drop/b.zip").id, 60)
        assert done.result is not None
        assert (done.result["songs"], done.result["duplicates"][0]["improved"]) == ([], ["album.png"])
        assert home.library.tree.find(new["path"]) is None


def test_another_choice_is_made_afterwards_for_each_part_while_what_came_is_in_the_trash(home: House) -> None:
    home.run_import("/Drop/a.zip", zip_of(MORE))
    other = MORE | {"album.png": b"\x89PNG\r\n\x1a\nother", "video.webm": b"\x1a\x45\xdf\xa3other"}
    job = home.run_import("/Drop/b.zip", zip_of(other))
    path = target(BARE, "Other")
    assert job.result is not None
    assert job.result["duplicates"][0]["differs"] == ["art", "video"]
    chosen = home.jobs.wait(home.imports.choose(job.id, {path: ["art"]}).id, 60)
    assert chosen.result is not None
    assert chosen.result["duplicates"][0]["improved"] == ["album.png"]
    assert chosen.result["duplicates"][0]["differs"] == ["video"]
    assert home.library.tree.read(f"{path}/album.png") == other["album.png"]
    assert home.library.tree.read(f"{path}/video.webm") == MORE["video.webm"]
    assert home.tree("/Drop") == {}
    with pytest.raises(Conflict):
        home.imports.choose(job.id, {path: ["video"]})  # what came is in the trash bin under another key now
    both = home.jobs.wait(home.imports.choose(chosen.id, {path: "both"}).id, 60)
    assert both.result is not None
    assert [each["path"] for each in both.result["songs"]] == [f"{path} (2)"]
    assert undone(home, chosen) == []
    assert home.library.tree.read(f"{path}/album.png") == MORE["album.png"]

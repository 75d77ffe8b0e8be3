"""Folders that arrive in /Drop."""

from pathlib import Path

import pytest

from davproxy.errors import NotFound
from davproxy.formats import sng
from davproxy.model import Job, JobState
from tests.imports.archives import seven_zip_of, zip_of
from tests.imports.conftest import House, house, pack, song, target, wait_for
from tests.imports.remotes import open_folder
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


def arrive(home: House, folder: str, files: dict[str, bytes]) -> Job:
    """Put files below `folder` of /Drop; returns the job that ended."""
    home.put_folder(f"/Drop/{folder}", files)
    wait_for(home, f"/Drop/{folder}")
    job = home.imports.job_for(f"/Drop/{folder}")
    assert job is not None
    return job


def note(home: House, folder: str) -> str:
    """What the error note beside the folder says; empty without one."""
    try:
        return home.library.tree.read(f"/Drop/{folder}.error.txt").decode()
    except NotFound:
        return ""


def test_song_folders_are_moved_once_they_are_complete(home: House) -> None:
    one, two = song("One"), song("Two")
    job = arrive(home, "Loose", pack(("a", one), ("b", two)) | {"readme.txt": b"kept", "._x": b"junk"})
    assert set(home.tree(target(one, "One"))) == set(one)
    assert set(home.tree(target(two, "Two"))) == set(two)
    assert job.state is JobState.DONE
    assert job.result is not None
    assert job.result["skipped"] == [{"path": "readme.txt", "reason": "It belongs to no song."}]
    assert "Songs imported: 2." in note(home, "Loose")
    assert "readme.txt: It belongs to no song." in note(home, "Loose")
    assert set(home.tree("/Drop")) == {"Loose/readme.txt", "Loose/._x", "Loose.error.txt"}


def test_leftover_files_are_named_until_they_are_gone(home: House) -> None:
    arrive(home, "Loose", pack(("a", song("One"))) | {"readme.txt": b"kept"})
    assert note(home, "Loose")
    home.library.tree.delete("/Drop/Loose/readme.txt")
    wait_until(lambda: not note(home, "Loose"))


def test_a_song_that_is_the_whole_folder_leaves_nothing(home: House) -> None:
    one = song("One")
    job = arrive(home, "Loose", one | {"extras/readme.txt": b"x", "backup/notes.chart": one["notes.chart"]})
    assert job.result is not None
    assert set(home.tree(target(one, "One"))) == {*one, "extras/readme.txt", "backup/notes.chart"}
    assert home.tree("/Drop") == {}


def test_archives_and_sngs_in_a_folder_are_imported_whatever_their_names(home: House) -> None:
    one, two, three = song("One"), song("Two"), song("Three")
    packed = sng.render({"name": "Three", "artist": "The Testers"}, {"notes.chart": three["notes.chart"]}, bytes(16))
    files = {"one.zip": zip_of(pack(("x", one))), "deep/two.dat": seven_zip_of(two), "three.bin": packed}
    job = arrive(home, "Pack", files)
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    assert {found["path"] for found in job.result["songs"]} == {
        target(one, "One"), target(two, "Two"), target(three, "Three") + ".sng"
    }  # fmt: skip
    assert home.tree("/Drop") == {}
    assert home.leftovers() == []


def test_a_bad_archive_in_a_folder_costs_the_good_ones_nothing(home: House) -> None:
    one, two = song("One"), song("Two")
    files = {"one.zip": zip_of(pack(("x", one))), "bad.zip": zip_of(song("Bad"))[:-300], "two/song.ini": b"[song]"}
    job = arrive(home, "Pack", files | {f"two/{name}": content for name, content in two.items()})
    assert job.state is JobState.DONE
    assert job.result is not None
    assert {found["path"] for found in job.result["songs"]} == {target(one, "One"), target(two, "Two")}
    assert [failed["path"] for failed in job.result["failed"]] == ["bad.zip"]
    assert "bad.zip: The archive is damaged" in note(home, "Pack")
    assert set(home.tree("/Drop")) == {"Pack/bad.zip", "Pack.error.txt"}


def test_an_archive_in_a_song_is_a_file_of_it(home: House) -> None:
    files = song("One") | {"extras.zip": zip_of(song("Two"))}
    arrive(home, "Loose", files)
    assert set(home.tree(target(files, "One"))) == set(files)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"song.ini": b"[song]\nname = X\n", "song.ogg": b"OggS"}, "It has no notes"),
        ({"notes.chart": song("X")["notes.chart"]}, "neither a song.ini nor audio"),
        ({"one.mp3": b"ID3"}, "Put it into /Generate"),
        ({"readme.txt": b"hello"}, "It holds no song"),
        ({"pack.zip": b"PK\3\4 broken"}, "The archive is damaged"),
    ],
)
def test_a_folder_that_is_no_song_gets_a_note(files: dict[str, bytes], reason: str, home: House) -> None:
    job = arrive(home, "Loose", files)
    assert job.state is JobState.FAILED
    assert reason in str(job.error)
    assert reason in note(home, "Loose")
    assert set(home.tree("/Drop/Loose")) == set(files)
    assert home.jobs.wait_until_idle(10)
    home.imports.recover()
    assert home.jobs.wait_until_idle(10)
    assert home.imports.job_for("/Drop/Loose") == job


@pytest.mark.parametrize(
    ("names", "stored"),
    [
        (["song.ini", "notes.chart", "song.ogg"], ["notes.chart", "song.ini", "song.ogg"]),
        (["song.ini", "notes.chart"], ["notes.chart", "song.ini"]),
        (["song.ini", "notes.chart", "song.flac"], ["notes.chart", "song.flac", "song.ini"]),
        (["song.ini", "Ann - One.chart", "Ann - One.ogg"], ["notes.chart", "song.ini", "song.ogg"]),
        (["Song.INI", "NOTES.CHART", "Song.Ogg"], ["notes.chart", "song.ini", "song.ogg"]),
        (["notes.chart", "song.ogg", "backup/notes.chart"], ["backup/notes.chart", "notes.chart", "song.ogg"]),
    ],
)
def test_a_folder_and_an_archive_of_it_give_the_same(names: list[str], stored: list[str], home: House) -> None:
    def files(title: str) -> dict[str, bytes]:
        made = song(title)
        content = {"ini": made["song.ini"], "chart": made["notes.chart"]}
        return {f"{title}/{name}": content.get(name.rpartition(".")[2].lower(), b"OggS") for name in names}

    arrive(home, "Loose", files("Loose"))
    home.run_import("/Drop/x.zip", zip_of(files("Packed")))
    home.run_import("/Drop/y.zip", zip_of({"pack.zip": zip_of(files("Twice"))}))
    assert home.tree("/Drop") == {}
    for title in ("Loose", "Packed", "Twice"):
        in_library = [path.split("/", 2) for path in home.tree("/Songs") if f"/{title}_" in path]
        assert sorted(name for _, _, name in in_library) == stored


def test_a_song_folder_waits_for_a_file_that_is_still_sent(home: House) -> None:
    one = song("One")
    home.library.tree.make_folder("/Drop/Slow")
    video = home.library.tree.upload("/Drop/Slow/video.webm")
    video.write(b"first half, ")
    home.put_folder("/Drop/Slow", one)
    home.put_folder("/Drop/Later", song("Later"))
    wait_for(home, "/Drop/Later")  # its debounce ends after that of the first folder
    assert home.imports.job_for("/Drop/Slow") is None
    video.write(b"second half")
    video.commit()
    wait_for(home, "/Drop/Slow")
    assert set(home.tree(target(one, "One"))) == {*one, "video.webm"}


@pytest.mark.slow
def test_a_folder_whose_audio_comes_late_is_one_song(tmp_path: Path) -> None:
    one = song("One")
    without = {name: content for name, content in one.items() if name != "song.ogg"}
    with house(tmp_path, remote := open_folder(tmp_path), debounce_seconds=1.5) as home:
        home.put_folder("/Drop/Late", without)
        home.put_folder("/Drop/Whole", song("Whole"))
        wait_for(home, "/Drop/Whole")  # complete, so it is not waited for as long
        assert home.imports.job_for("/Drop/Late") is None
        home.put_folder("/Drop/Late", {"song.ogg": one["song.ogg"]})
        wait_for(home, "/Drop/Late")
        assert set(home.tree(target(one, "One"))) == set(one)
    remote.close()


def test_a_song_folder_that_is_a_duplicate_is_deleted(home: House) -> None:
    one = song("One")
    home.run_import("/Drop/a.zip", zip_of(pack(("x", one))))
    arrive(home, "Again", one)
    assert home.tree("/Drop") == {}
    assert len(home.tree("/Songs")) == 4


def test_a_song_folder_waits_while_a_file_in_it_is_locked(home: House) -> None:
    """Explorer and the Finder store an empty file, lock it, and then send its bytes."""
    locked = {"/Drop/Slow/video.mp4"}
    home.library.writers.ask(lambda path: any(each.startswith(path) for each in locked))
    one = song("One")
    home.put_folder("/Drop/Slow", one | {"video.mp4": b""})
    home.put_folder("/Drop/Later", song("Later"))
    wait_for(home, "/Drop/Later")
    assert home.imports.job_for("/Drop/Slow") is None
    home.library.tree.write("/Drop/Slow/video.mp4", b"video")
    locked.clear()
    wait_for(home, "/Drop/Slow")
    assert set(home.tree(target(one, "One"))) == {*one, "video.mp4"}


def test_a_song_folder_waits_for_the_content_of_an_empty_file(home: House) -> None:
    one = song("One")
    home.library.tree.make_folder("/Drop/Slow")
    home.library.tree.write("/Drop/Slow/video.mp4", b"")
    home.put_folder("/Drop/Slow", one)
    home.put_folder("/Drop/Later", song("Later"))
    wait_for(home, "/Drop/Later")
    assert home.imports.job_for("/Drop/Slow") is None
    home.library.tree.write("/Drop/Slow/video.mp4", b"video")
    wait_for(home, "/Drop/Slow")
    assert home.tree(target(one, "One"))["video.mp4"] == 5


def test_a_late_file_joins_the_song_of_its_folder(home: House) -> None:
    one = song("One")
    home.put_folder("/Drop/One", one)
    wait_for(home, "/Drop/One")
    assert home.tree("/Drop") == {}
    home.put_folder("/Drop/One", {"video.mp4": b"video", "extra/readme.txt": b"text"})
    wait_until(lambda: home.tree("/Drop") == {})
    assert set(home.tree(target(one, "One"))) == {*one, "video.mp4", "extra/readme.txt"}
    wait_until(lambda: home.library.tree.find("/Drop/One") is None)


def test_what_is_no_late_file_stays_or_is_a_song_of_its_own(home: House) -> None:
    one, two = song("One"), song("Two")
    home.put_folder("/Drop/One", one)
    wait_for(home, "/Drop/One")
    home.put_folder("/Drop/One", {"song.ini": two["song.ini"], "video.mp4": b"of the second song"})
    home.put_folder("/Drop/Elsewhere", {"video.mp4": b"of no song"})
    wait_until(lambda: note(home, "One") and note(home, "Elsewhere"))
    left = {"Elsewhere/video.mp4", "Elsewhere.error.txt"}
    assert set(home.tree("/Drop")) == {"One/song.ini", "One/video.mp4", "One.error.txt"} | left
    home.put_folder("/Drop/One", two)
    wait_until(lambda: set(home.tree("/Drop")) == left)
    assert set(home.tree(target(two, "Two"))) == {*two, "video.mp4"}
    assert set(home.tree(target(one, "One"))) == set(one)


def test_a_late_file_of_a_name_that_the_song_has_stays(home: House) -> None:
    one = song("One")
    home.put_folder("/Drop/One", one | {"video.mp4": b"first"})
    wait_for(home, "/Drop/One")
    home.put_folder("/Drop/One", {"video.mp4": b"second", "crowd.ogg": b"late"})
    wait_until(lambda: "crowd.ogg" in home.tree(target(one, "One")))
    assert home.tree(target(one, "One"))["video.mp4"] == 5
    wait_until(lambda: note(home, "One"))
    assert set(home.tree("/Drop")) == {"One/video.mp4", "One.error.txt"}


def test_a_locked_archive_waits_until_it_is_unlocked_or_a_while(home: House) -> None:
    locked = {"/Drop/a.zip"}
    home.library.writers.ask(locked.__contains__)
    content = zip_of(pack(("x", song("One"))))
    home.put("/Drop/a.zip", content)
    assert home.imports.job_for("/Drop/a.zip") is None
    wait_for(home, "/Drop/a.zip")
    locked.add("/Drop/b.zip")
    home.put("/Drop/b.zip", content)
    assert home.imports.job_for("/Drop/b.zip") is None
    locked.clear()
    home.library.writers.released("/Drop/b.zip")
    assert home.imports.job_for("/Drop/b.zip") is not None

"""Archives that arrive: from the drop to songs in the library."""

import hashlib
import shutil
import threading
from pathlib import Path

import pytest

from davproxy.formats import sng
from davproxy.model import JobState
from tests.imports.archives import PACKERS, seven_zipped, tarred, zipped
from tests.imports.conftest import House, pack, song, wait_for

pytestmark = pytest.mark.slow

SECTOID = Path("/usr/share/games/fretsonfire/data/songs/sectoid")


def target(files: dict[str, bytes], title: str, artist: str = "The Testers") -> str:
    return f"/Songs/{artist}/{title}_{hashlib.md5(files['notes.chart']).hexdigest()[:8]}"


@pytest.mark.parametrize("kind", PACKERS)
def test_an_archive_of_any_kind_becomes_songs_and_goes(kind: str, home: House) -> None:
    if kind.startswith("rar") and not (shutil.which("bsdtar") and shutil.which("unar")):
        pytest.skip("needs the Debian packages unar and libarchive-tools")
    one, two = song("One"), song("Two", "Others")
    job = home.take_in("/Drop/wrong.name", PACKERS[kind](pack(("Pack/a", one), ("Pack/deep/er/b", two))))
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    assert {found["path"] for found in job.result["songs"]} == {target(one, "One"), target(two, "Two", "Others")}
    for found in job.result["songs"]:
        assert home.library.songs.get(found["id"]).title == found["title"]
    for name, content in one.items():
        assert home.library.tree.read(f"{target(one, 'One')}/{name}") == content
    assert home.tree("/Drop") == {}
    assert home.leftovers() == []


def test_the_same_chart_is_not_doubled_but_reported(home: House) -> None:
    one, two = song("One"), song("Two")
    home.take_in("/Drop/a.zip", zipped(pack(("x", one))))
    retagged = one | {"song.ini": b"[song]\nname = Another Name\nartist = Somebody\n"}
    job = home.take_in("/Drop/b.zip", zipped(pack(("y", retagged), ("z", two), ("zz", two))))
    assert job.result is not None
    assert [found["path"] for found in job.result["songs"]] == [target(two, "Two")]
    assert {found["path"] for found in job.result["duplicates"]} == {target(one, "One"), target(two, "Two")}
    assert len(home.tree("/Songs")) == 8
    assert home.tree("/Drop") == {}


def test_a_second_archive_of_an_artist_joins_the_folder_whatever_its_capitals(home: House) -> None:
    home.take_in("/Drop/a.zip", zipped(pack(("x", song("One", "AC-DC")), ("y", song("Two", "Ac-Dc")))))
    home.take_in("/Drop/b.zip", zipped(pack(("x", song("Three", "ac-dc")), ("y", song("Four", "Ac-Dc")))))
    assert [entry.path for entry in home.library.tree.children("/Songs")] == ["/Songs/AC-DC"]
    assert len(home.library.tree.children("/Songs/AC-DC")) == 4


def test_an_archive_dropped_in_songs_is_taken_in_but_not_inside_a_song(home: House) -> None:
    one, two = song("One"), song("Two")
    job = home.take_in("/Songs/Sub/pack.7z", seven_zipped(pack(("x", one))))
    assert job.state is JobState.DONE
    inside = f"{target(one, 'One')}/extra.zip"
    home.put(inside, zipped(pack(("x", two))))
    assert home.imports.job_for(inside) is None
    assert home.jobs.idle(10)
    assert home.library.tree.stat(inside)


def test_failure_leaves_the_archive_and_a_text_and_success_takes_both_away(home: House) -> None:
    job = home.take_in("/Drop/pack.zip", zipped({"readme.txt": b"hello"}))
    assert job.state is JobState.FAILED
    assert "holds no song" in str(job.error)
    assert set(home.tree("/Drop")) == {"pack.zip", "pack.zip.error.txt"}
    assert "holds no song" in home.library.tree.read("/Drop/pack.zip.error.txt").decode()
    home.imports.recover()
    assert home.imports.job_for("/Drop/pack.zip") == job
    assert home.take_in("/Drop/pack.zip", zipped(pack(("x", song("One"))))).state is JobState.DONE
    assert home.tree("/Drop") == {}
    assert home.leftovers() == []


def test_the_text_goes_with_the_archive(home: House) -> None:
    home.take_in("/Drop/pack.zip", b"no archive")
    home.library.tree.delete("/Drop/pack.zip")
    assert home.tree("/Drop") == {}


def test_deleting_the_text_tries_again(home: House) -> None:
    job = home.take_in("/Drop/pack.zip", b"PK\x03\x04 broken")
    assert job.state is JobState.FAILED
    home.library.tree.delete("/Drop/pack.zip.error.txt")
    again = home.imports.job_for("/Drop/pack.zip")
    assert again is not None
    assert again.id != job.id
    assert home.jobs.wait(again.id, 30).state is JobState.FAILED


def test_songs_without_notes_stay_behind_with_the_reason(home: House) -> None:
    bare = {"song.ini": b"[song]\nname = Bare\n", "song.ogg": b"OggS"}
    job = home.take_in("/Drop/pack.zip", zipped(pack(("good", song("One")), ("bare", bare))))
    assert job.state is JobState.DONE
    assert job.result is not None
    assert len(job.result["songs"]) == 1
    assert job.result["failed"][0]["path"] == "bare"
    assert "bare: It has no notes" in home.library.tree.read("/Drop/pack.zip.error.txt").decode()
    assert "pack.zip" in home.tree("/Drop")


def test_an_sng_is_a_song_alone_or_in_an_archive(home: House) -> None:
    files = song("Packed")
    content = sng.render({"name": "Packed", "artist": "The Testers"}, {"notes.chart": files["notes.chart"]}, bytes(16))
    job = home.take_in("/Drop/whatever.sng", content)
    assert job.state is JobState.DONE, job.error
    path = target(files, "Packed") + ".sng"
    assert home.library.tree.read(path) == content
    assert home.tree("/Drop") == {}
    other = sng.render({"name": "B", "artist": "C"}, {"notes.chart": song("B")["notes.chart"]}, bytes(16))
    job = home.take_in("/Drop/pack.tar", tarred({"a/one.sng": content, "b.sng": other}))
    assert job.result is not None
    assert [found["path"] for found in job.result["duplicates"]] == [path]
    assert len(job.result["songs"]) == 1


def test_names_that_games_look_for_become_lower_case_and_bytes_stay(home: House) -> None:
    files = {
        "Song.INI": b"[Song]\nName = T\n",
        "Notes.Chart": song("T")["notes.chart"],
        "Song.OGG": b"OggS",
        "Read Me": b"x",
    }
    job = home.take_in("/Drop/a.zip", zipped(pack(("Some Band - Some Title", files))))
    assert job.result is not None
    [found] = job.result["songs"]
    assert found["artist"] == "Some Band"
    assert set(home.tree(found["path"])) == {"song.ini", "notes.chart", "song.ogg", "Read Me"}
    assert home.library.tree.read(found["path"] + "/notes.chart") == files["Notes.Chart"]


def test_game_content_goes_into_the_folder_that_its_archive_was_put_into(home: House) -> None:
    home.put("/Highways/red.png", b"mine")
    archive = zipped({"Highways/red.png": b"theirs", "Highways/sub/blue.png": b"blue", "Highways/readme.txt": b"hi"})
    job = home.take_in("/Highways/pack.zip", archive)
    assert job.state is JobState.DONE, job.error
    assert home.tree("/Highways") == {"red.png": 4, "red (2).png": 6, "sub/blue.png": 4}
    assert home.take_in("/Highways/pack.zip", archive).state is JobState.DONE
    assert home.tree("/Highways") == {"red.png": 4, "red (2).png": 6, "sub/blue.png": 4}
    assert home.take_in("/Colors/pack.zip", zipped({"readme.txt": b""})).state is JobState.FAILED


def test_loose_song_folders_are_moved_once_they_are_complete(home: House) -> None:
    one, two = song("One"), song("Two")
    home.put_folder("/Drop/Loose", pack(("a", one), ("b", two)) | {"readme.txt": b"kept"})
    wait_for(home, "/Drop/Loose")
    assert set(home.tree(target(one, "One"))) == set(one)
    assert set(home.tree(target(two, "Two"))) == set(two)
    assert home.tree("/Drop") == {"Loose/readme.txt": 4}


def test_a_loose_song_waits_for_a_file_that_is_still_on_its_way(home: House) -> None:
    one = song("One")
    home.library.tree.make_folder("/Drop/Slow")
    video = home.library.tree.upload("/Drop/Slow/video.webm")
    video.write(b"first half, ")
    home.put_folder("/Drop/Slow", one)
    assert not threading.Event().wait(0.5)  # ten times what a quiet folder is given
    assert home.imports.job_for("/Drop/Slow") is None
    video.write(b"second half")
    video.commit()
    wait_for(home, "/Drop/Slow")
    assert set(home.tree(target(one, "One"))) == {*one, "video.webm"}


def test_a_loose_song_that_is_there_already_goes(home: House) -> None:
    one = song("One")
    home.take_in("/Drop/a.zip", zipped(pack(("x", one))))
    home.put_folder("/Drop/Again", one)
    wait_for(home, "/Drop/Again")
    assert home.tree("/Drop") == {}
    assert len(home.tree("/Songs")) == 4


@pytest.mark.skipif(not SECTOID.exists(), reason="needs the Debian package fretsonfire-songs-sectoid")
@pytest.mark.parametrize("kind", ["zip", "tar.zst", "rar5"])
def test_real_songs_come_out_byte_for_byte(kind: str, home: House) -> None:
    if kind.startswith("rar") and not (shutil.which("bsdtar") and shutil.which("unar")):
        pytest.skip("needs the Debian packages unar and libarchive-tools")
    files = {file.relative_to(SECTOID).as_posix(): file.read_bytes() for file in SECTOID.rglob("*") if file.is_file()}
    job = home.take_in(f"/Drop/sectoid.{kind}", PACKERS[kind](files))
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    assert len(job.result["songs"]) == 4
    published = {hashlib.sha256(home.library.tree.read(f"/Songs/{path}")).digest() for path in home.tree("/Songs")}
    assert published == {hashlib.sha256(content).digest() for name, content in files.items() if "/" in name}
    assert [left["path"] for left in job.result["skipped"]] == ["library.ini"]


@pytest.mark.slow
def test_a_pack_of_hundreds_of_songs(home: House) -> None:
    songs = [(f"{number}", song(f"Song {number:03}", f"Artist {number % 20}")) for number in range(300)]
    job = home.take_in("/Drop/pack.zip", zipped(pack(*songs)))
    assert job.result is not None
    assert len(job.result["songs"]) == 300
    assert len(home.tree("/Songs")) == 1200

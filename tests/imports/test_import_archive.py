"""Archives that arrive: from /Drop to songs in the library."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from davproxy.formats import sng
from davproxy.model import JobState
from davproxy.remote.local.folder import Folder
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.imports.archives import PACKERS, seven_zip_of, tar_of, zip_of
from tests.imports.conftest import House, house, pack, song, target

pytestmark = pytest.mark.slow

SECTOID = Path("/usr/share/games/fretsonfire/data/songs/sectoid")


@pytest.mark.parametrize("kind", PACKERS)
def test_an_archive_of_any_kind_becomes_songs_and_is_removed(kind: str, home: House) -> None:
    if kind.startswith("rar") and not (shutil.which("bsdtar") and shutil.which("unar")):
        pytest.skip("needs the Debian packages unar and libarchive-tools")
    one, two = song("One"), song("Two", "Others")
    job = home.run_import("/Drop/wrong.name", PACKERS[kind](pack(("Pack/a", one), ("Pack/deep/er/b", two))))
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    assert {found["path"] for found in job.result["songs"]} == {target(one, "One"), target(two, "Two", "Others")}
    for found in job.result["songs"]:
        assert home.library.songs.get(found["id"]).title == found["title"]
    for name, content in one.items():
        assert home.library.tree.read(f"{target(one, 'One')}/{name}") == content
    assert home.tree("/Drop") == {}
    assert home.leftovers() == []


def test_what_an_archive_brings_has_checksums(tmp_path: Path) -> None:
    """Though a Nextcloud stores none of files that share a request."""
    folders = Settings.read({}, tmp_path / "none").folders
    with FakeNextcloud() as fake:
        for remote in (
            Folder(tmp_path / "remote", folders),
            Nextcloud(fake.url, fake.user, fake.password, "CloneHero", folders),
        ):
            remote.connect()
            with house(tmp_path / remote.features.label, remote) as home:
                third = sng.render({"name": "Three"}, {"notes.chart": song("Three")["notes.chart"]}, bytes(16))
                packed = zip_of(pack(("x", song("One")), ("y", song("Two", "Others"))) | {"three.sng": third})
                home.run_import("/Drop/a.zip", packed)
                home.library.tree.refresh("/Songs")
                files = [entry for entry in home.library.tree.below("/Songs") if not entry.is_folder]
                assert len(files) > 8
                for entry in files:
                    content = home.library.tree.read(entry.path)
                    sums = f"SHA1:{hashlib.sha1(content).hexdigest()} MD5:{hashlib.md5(content).hexdigest()}"
                    assert entry.checksums == sums, entry.path
            remote.close()


def test_the_same_chart_is_listed_as_a_duplicate(home: House) -> None:
    one, two = song("One"), song("Two")
    home.run_import("/Drop/a.zip", zip_of(pack(("x", one))))
    retagged = one | {"song.ini": b"[song]\nname = Another Name\nartist = Somebody\n"}
    job = home.run_import("/Drop/b.zip", zip_of(pack(("y", retagged), ("z", two), ("zz", two))))
    assert job.result is not None
    assert [found["path"] for found in job.result["songs"]] == [target(two, "Two")]
    assert {found["path"] for found in job.result["duplicates"]} == {target(one, "One"), target(two, "Two")}
    assert {found["title"] for found in job.result["duplicates"]} == {"One", "Two"}, "their titles in the library"
    assert len(home.tree("/Songs")) == 8
    assert home.tree("/Drop") == {}


def test_a_second_archive_of_an_artist_joins_the_folder_whatever_its_capitals(home: House) -> None:
    home.run_import("/Drop/a.zip", zip_of(pack(("x", song("One", "AC-DC")), ("y", song("Two", "Ac-Dc")))))
    home.run_import("/Drop/b.zip", zip_of(pack(("x", song("Three", "ac-dc")), ("y", song("Four", "Ac-Dc")))))
    assert [entry.path for entry in home.library.tree.children("/Songs")] == ["/Songs/AC-DC"]
    assert len(home.library.tree.children("/Songs/AC-DC")) == 4


def test_an_archive_in_songs_is_imported_but_not_inside_a_song(home: House) -> None:
    one, two = song("One"), song("Two")
    job = home.run_import("/Songs/Sub/pack.7z", seven_zip_of(pack(("x", one))))
    assert job.state is JobState.DONE
    inside = f"{target(one, 'One')}/extra.zip"
    home.put(inside, zip_of(pack(("x", two))))
    assert home.imports.job_for(inside) is None
    assert home.jobs.wait_until_idle(10)
    assert home.library.tree.stat(inside)


def test_failure_leaves_the_archive_and_an_error_note_and_success_removes_both(home: House) -> None:
    job = home.run_import("/Drop/pack.zip", zip_of({"readme.txt": b"hello"}))
    assert job.state is JobState.FAILED
    assert "holds no song" in str(job.error)
    assert set(home.tree("/Drop")) == {"pack.zip", "pack.zip.error.txt"}
    assert "holds no song" in home.library.tree.read("/Drop/pack.zip.error.txt").decode()
    home.imports.recover()
    assert home.imports.job_for("/Drop/pack.zip") == job
    assert home.run_import("/Drop/pack.zip", zip_of(pack(("x", song("One"))))).state is JobState.DONE
    assert home.tree("/Drop") == {}
    assert home.leftovers() == []


def test_the_error_note_is_removed_with_the_archive(home: House) -> None:
    home.run_import("/Drop/pack.zip", b"no archive")
    home.library.tree.delete("/Drop/pack.zip")
    assert home.tree("/Drop") == {}


def test_deleting_the_error_note_tries_again(home: House) -> None:
    job = home.run_import("/Drop/pack.zip", b"PK\x03\x04 broken")
    assert job.state is JobState.FAILED
    home.library.tree.delete("/Drop/pack.zip.error.txt")
    again = home.imports.job_for("/Drop/pack.zip")
    assert again is not None
    assert again.id != job.id
    assert home.jobs.wait(again.id, 30).state is JobState.FAILED


def test_songs_without_notes_stay_behind_with_the_reason(home: House) -> None:
    bare = {"song.ini": b"[song]\nname = Bare\n", "song.ogg": b"OggS"}
    job = home.run_import("/Drop/pack.zip", zip_of(pack(("good", song("One")), ("bare", bare))))
    assert job.state is JobState.DONE
    assert job.result is not None
    assert len(job.result["songs"]) == 1
    assert job.result["failed"][0]["path"] == "bare"
    assert "bare: It has no notes" in home.library.tree.read("/Drop/pack.zip.error.txt").decode()
    assert "pack.zip" in home.tree("/Drop")


def test_a_bad_archive_in_a_pack_costs_the_good_ones_nothing(home: House) -> None:
    one, two = song("One"), song("Two")
    files = {"one.zip": zip_of(one), "bad.zip": zip_of(song("Bad"))[:-300], "two.7z": seven_zip_of({"x/a": b"1"})}
    files["locked.7z"] = seven_zip_of(song("Locked"), password="secret")
    job = home.run_import("/Drop/pack.zip", zip_of(files | {f"two/{name}": content for name, content in two.items()}))
    assert job.state is JobState.DONE
    assert job.result is not None
    assert {found["path"] for found in job.result["songs"]} == {target(one, "One"), target(two, "Two")}
    assert [each["path"] for each in job.result["failed"]] == ["bad.zip", "locked.7z"]
    note = home.library.tree.read("/Drop/pack.zip.error.txt").decode()
    assert "Songs imported: 2." in note
    assert "bad.zip: The archive is damaged" in note
    assert "locked.7z: The archive is encrypted" in note
    assert "pack.zip" in home.tree("/Drop")
    assert home.leftovers() == []


def test_a_song_with_a_damaged_file_is_not_imported_without_it(home: House) -> None:
    one, two = song("One"), song("Two")
    content = zip_of(pack(("one", one), ("two", two)), method=zipfile.ZIP_STORED)
    job = home.run_import("/Drop/pack.zip", content.replace(b"OggSOneOne", b"OggSdamage"))
    assert job.result is not None
    assert [found["title"] for found in job.result["songs"]] == ["Two"]
    assert [each["path"] for each in job.result["failed"]] == ["one/song.ogg"]
    assert "one/song.ogg: It is damaged in the archive" in home.library.tree.read("/Drop/pack.zip.error.txt").decode()


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("pack.7z.001", lambda: b"7z\xbc\xaf\x27\x1c" + bytes(99), "several volumes"),
        ("pack.zip", lambda: b"PK\7\x08" + zip_of({"a": b"1"}), "several volumes"),
        ("pack.7z", lambda: seven_zip_of({"a": b"1"}, password="secret"), "encrypted"),
        ("pack.zip", lambda: zip_of({"../../a": b"1"}), "points outside"),
        ("pack.zip", lambda: zip_of({"a": bytes(200 * 10**6)}), "zip bomb"),
        ("pack.zip", lambda: zip_of(song("One"))[:-99], "damaged"),
        ("pack.cab", lambda: b"MSCF" + bytes(99), "no archive that can be opened here"),
        ("song.mp3", lambda: b"ID3" + bytes(99), "Put it into /Generate"),
        ("song.chart", lambda: song("One")["notes.chart"], "one file of a song"),
        ("pack.zip", lambda: zip_of({"a/notes.chart": b"", "b/song.ini": b"[song]"}), "neither a song.ini nor audio"),
        ("pack.zip", lambda: zip_of({"a/one.mp3": b"ID3"}), "Put it into /Generate"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_cannot_be_imported_is_kept_with_the_reason(
    name: str, make: Callable[[], bytes], reason: str, home: House
) -> None:
    content = make()
    job = home.run_import(f"/Drop/{name}", content)
    assert job.state is JobState.FAILED
    assert reason in str(job.error)
    assert reason in home.library.tree.read(f"/Drop/{name}.error.txt").decode()
    assert home.library.tree.read(f"/Drop/{name}") == content
    assert home.leftovers() == []


def test_names_that_a_system_cannot_store_are_changed_and_files_stay_together(home: House) -> None:
    long = "Very long title " * 9
    files = song("One") | {f"{long}.mp4": b"video", "What?.txt": b"1", "con.txt": b"2"}
    job = home.run_import("/Drop/a.zip", zip_of({f"Who: {long}?/{name}": data for name, data in files.items()}))
    assert job.result is not None
    [found] = job.result["songs"]
    names = set(home.tree(found["path"]))
    assert names >= {*song("One"), "What.txt", "_con.txt"}
    assert [name[-4:] for name in names if name.startswith("Very long")] == [".mp4"]
    assert len(names) == 7


def test_an_sng_is_a_song_alone_or_in_an_archive(home: House) -> None:
    files = song("Packed")
    content = sng.render({"name": "Packed", "artist": "The Testers"}, {"notes.chart": files["notes.chart"]}, bytes(16))
    job = home.run_import("/Drop/whatever.sng", content)
    assert job.state is JobState.DONE, job.error
    path = target(files, "Packed") + ".sng"
    assert home.library.tree.read(path) == content
    assert home.tree("/Drop") == {}
    other = sng.render({"name": "B", "artist": "C"}, {"notes.chart": song("B")["notes.chart"]}, bytes(16))
    job = home.run_import("/Drop/pack.tar", tar_of({"a/one.sng": content, "b.sng": other}))
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
    job = home.run_import("/Drop/a.zip", zip_of(pack(("Some Band - Some Title", files))))
    assert job.result is not None
    [found] = job.result["songs"]
    assert found["artist"] == "Some Band"
    assert set(home.tree(found["path"])) == {"song.ini", "notes.chart", "song.ogg", "Read Me"}
    assert home.library.tree.read(found["path"] + "/notes.chart") == files["Notes.Chart"]


@pytest.mark.skipif(not SECTOID.exists(), reason="needs the Debian package fretsonfire-songs-sectoid")
@pytest.mark.parametrize("kind", ["zip", "tar.zst", "rar5"])
def test_real_songs_come_out_byte_for_byte(kind: str, home: House) -> None:
    if kind.startswith("rar") and not (shutil.which("bsdtar") and shutil.which("unar")):
        pytest.skip("needs the Debian packages unar and libarchive-tools")
    files = {file.relative_to(SECTOID).as_posix(): file.read_bytes() for file in SECTOID.rglob("*") if file.is_file()}
    job = home.run_import(f"/Drop/sectoid.{kind}", PACKERS[kind](files))
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    assert len(job.result["songs"]) == 4
    stored = {hashlib.sha256(home.library.tree.read(f"/Songs/{path}")).digest() for path in home.tree("/Songs")}
    assert stored == {hashlib.sha256(content).digest() for name, content in files.items() if "/" in name}
    assert [left["path"] for left in job.result["skipped"]] == ["library.ini"]


@pytest.mark.slow
def test_a_pack_of_hundreds_of_songs(home: House) -> None:
    songs = [(f"{number}", song(f"Song {number:03}", f"Artist {number % 20}")) for number in range(300)]
    job = home.run_import("/Drop/pack.zip", zip_of(pack(*songs)))
    assert job.result is not None
    assert len(job.result["songs"]) == 300
    assert len(home.tree("/Songs")) == 1200

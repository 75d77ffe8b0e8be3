"""What a change costs on a Nextcloud: a request for each file or folder, and none to ask what the answer has said."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from davproxy.index import Index
from davproxy.library import Cache, Library
from davproxy.model import Change
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud

FOLDERS = Settings.read({}, Path("/nonexistent")).folders


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as fake:
        yield fake


@pytest.fixture
def library(fake: FakeNextcloud, tmp_path: Path) -> Iterator[Library]:
    remote = Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)
    with closing(remote), closing(Index(tmp_path / "index.db")) as index:
        library = Library(remote, index, Cache(tmp_path / "cache", 1 << 20), upload_limit=1 << 20)
        remote.connect()
        library.updates.mark_complete()
        fake.forget()
        yield library


def test_a_song_is_a_request_for_its_folder_and_one_for_each_file(fake: FakeNextcloud, library: Library) -> None:
    folder = library.tree.make_folder("/Songs/Ann - One")
    for name in ("song.ini", "notes.chart", "album.jpg", "song.ogg"):
        library.tree.write(f"/Songs/Ann - One/{name}", name.encode())
    assert fake.count() == 5
    library.tree.refresh("/Songs")
    listed = library.tree.stat("/Songs/Ann - One")
    assert (listed.file_id, listed.is_folder) == (folder.file_id, True)
    assert abs(listed.modified - folder.modified) < 60


def test_folders_above_a_new_one_are_asked_about(fake: FakeNextcloud, library: Library) -> None:
    library.tree.make_folder("/Songs/Ann/Live/One")
    assert fake.count("PROPFIND") == 2
    library.tree.refresh("/Songs")
    assert [entry.path for entry in library.tree.below("/Songs")] == [
        "/Songs/Ann", "/Songs/Ann/Live", "/Songs/Ann/Live/One",
    ]  # fmt: skip


def test_a_folder_that_is_there_is_asked_about(fake: FakeNextcloud, library: Library) -> None:
    library.tree.write("/Songs/song.ini", b"[song]")
    fake.put("/CloneHero/Songs/Ann/song.ini", b"[song]")
    assert library.tree.make_folder("/Songs/Ann").file_id is not None


def test_a_deletion_is_one_request_and_can_be_undone(fake: FakeNextcloud, library: Library) -> None:
    library.tree.make_folder("/Songs/Ann")
    library.tree.write("/Songs/Ann/song.ini", b"[song]")
    for path in ("/Songs/Ann/song.ini", "/Songs/Ann"):
        fake.forget()
        key = library.tree.delete(path)
        assert fake.count() == fake.count("DELETE") == 1
        assert key is not None
        library.trash.restore(key)
        assert library.tree.find(path) is not None


@pytest.mark.parametrize(("name", "most"), [("notes.chart", 4), ("album.jpg", 5), ("lyrics.txt", 5)])
def test_what_is_read_of_many_songs_in_a_row_comes_in_bulk(
    fake: FakeNextcloud, library: Library, name: str, most: int
) -> None:
    paths = [f"/Songs/Ann {number // 10:02}/Song {number:03}/{name}" for number in range(200)]
    for path in paths:
        fake.put(f"/CloneHero{path}", path.encode())
    library.tree.refresh("/Songs")
    fake.forget()
    assert [library.tree.read(path) for path in paths] == [path.encode() for path in paths]
    assert fake.count("GET") <= most


def test_one_picture_is_read_alone(fake: FakeNextcloud, library: Library) -> None:
    for number in range(20):
        fake.put(f"/CloneHero/Songs/Song {number}/album.jpg", b"jpeg")
    library.tree.refresh("/Songs")
    fake.forget()
    assert library.tree.read("/Songs/Song 7/album.jpg") == b"jpeg"
    assert [seen.path[-9:] for seen in fake.requests] == ["album.jpg"]


def test_what_is_staged_is_deleted_by_one_request(fake: FakeNextcloud, library: Library) -> None:
    library.temp.make_folder("/Temp/job")
    fake.forget()
    library.temp.delete("/Temp/job")
    assert fake.count() == 1


def test_what_is_announced_is_there_for_every_thread(library: Library) -> None:
    """Notices to other instances are written by a thread of their own."""
    found: list[bool] = []

    def look(change: Change) -> None:
        looking = threading.Thread(target=lambda: found.append(library.tree.find(change.path) is not None))
        looking.start()
        looking.join()

    library.temp.make_folder("/Temp/job")
    upload = library.temp.upload("/Temp/job/0")
    upload.write(b"hello")
    staged = [upload.commit()]
    library.subscribe(look)
    library.tree.move_staged(staged, "/Drop/x.zip", {})
    library.tree.make_folder("/Songs/Ann")
    library.tree.write("/Songs/Ann/song.ini", b"[song]")
    assert found == [True] * 3

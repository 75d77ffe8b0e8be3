"""Sync: changes made elsewhere are found, at a cost that grows with what changed, and nothing is lost."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.errors import NotFound
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import Entry, JobState, SongQuery
from davproxy.remote.local.folder import Folder
from davproxy.settings import Settings
from davproxy.sync import State, Sync
from tests.waiting import wait_until

INI = b"[song]\nname = %s\nartist = Ann\n"


class House:
    """A library and its sync over a local folder that other programs write to as well."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "remote"
        self.remote = Folder(self.root, Settings.read({}, Path("/nonexistent")).folders)
        self.remote.connect()
        self.index = Index(folder / "index.db")
        self.library = Library(self.remote, self.index, Cache(folder / "cache", 1 << 30), upload_limit=1 << 30)
        self.jobs = Jobs(self.index)
        self.sync = Sync(self.remote, self.index, self.library, self.jobs, interval=0.05)

    def add(self, name: str, folder: str = "/Songs/Ann") -> str:
        self.remote.make_folder(f"{folder}/{name}")
        self.remote.write(f"{folder}/{name}/song.ini", INI % name.encode())
        self.remote.write(f"{folder}/{name}/notes.chart", b"[Song]\n{\n  Resolution = 192\n}\n" + name.encode())
        return f"{folder}/{name}"

    def titles(self) -> list[str]:
        return [song.title for song in self.library.songs.find(SongQuery())[1]]

    def is_current(self) -> bool:
        return {(e.path, e.etag) for e in self.index.entries.below("/Songs")} == {
            (e.path, e.etag) for e in self.remote.walk("/Songs")
        }


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.sync.stop()
    house.library.notes.stop()
    house.jobs.drain(1)
    house.index.close()


def test_what_a_run_leaves_out_is_listed_at_once_whoever_polls(house: House) -> None:
    house.add("First")
    house.sync.run()
    house.add("Second")
    roots: list[object] = []

    def change_once(root: object) -> None:
        roots.append(root)
        if len(roots) == 1:  # what the listing finds in the folder is outdated by this
            house.library.tree.make_folder("/Songs/Ann/Second")

    sync = Sync(house.remote, house.index, house.library, house.jobs, 600, change_once, polls=lambda: False)
    sync.start()
    wait_until(lambda: house.titles() == ["First", "Second"])
    sync.stop()


def test_first_sync_then_only_changes(house: House) -> None:
    for number in range(10):
        house.add(f"Song {number}")
    first = house.sync.run()
    assert (first.synced, first.added, first.changed, first.purged) == (10, 10, 0, 0)
    assert house.is_current()
    assert sum(1 for _ in house.library.notes.read()) == 1
    assert all(song.identity for song in house.library.songs.find(SongQuery())[1])
    house.remote.write("/Songs/Ann/Song 3/song.ini", INI % b"Renamed")
    house.add("Late", "/Songs/Bea")
    house.remote.delete("/Songs/Ann/Song 4")
    second = house.sync.run()
    assert (second.synced, second.added, second.changed, second.purged) == (10, 1, 1, 1)
    assert house.titles()[:3] == ["Late", "Renamed", "Song 0"]
    assert house.is_current()
    third = house.sync.run()
    assert (third.added, third.changed, third.purged) == (0, 0, 0)


def test_a_rename_elsewhere_keeps_the_id_and_reads_nothing(house: House) -> None:
    for number in range(3):
        house.add(f"Song {number}")
    house.sync.run()
    assert list(house.library.notes.read()) == [3]
    song = house.library.songs.find(SongQuery(search="Song 1"))[1][0]
    house.remote.move("/Songs/Ann", "/Songs/Other")
    report = house.sync.run()
    assert report.held == ()
    moved = house.library.songs.get(song.id)
    assert (moved.path, moved.title, moved.identity) == ("/Songs/Other/Song 1", song.title, song.identity)
    assert len(house.titles()) == 3
    assert house.is_current()


def test_many_songs_vanishing_at_once_are_held(house: House) -> None:
    for number in range(10):
        house.add(f"Song {number}")
    house.sync.run()
    for number in range(3):
        shutil.rmtree(house.root / f"Songs/Ann/Song {number}")
    house.remote.write("/Songs/Ann/Song 9/song.ini", INI % b"Renamed")
    house.remote.delete("/Songs/Ann/Song 8/notes.chart")
    held = house.sync.run()
    assert held.held == tuple(f"/Songs/Ann/Song {number}" for number in range(3))
    assert len(house.titles()) == 10
    assert "Renamed" in house.titles()
    assert house.index.entries.get("/Songs/Ann/Song 8/notes.chart") is None, "what else is gone is removed"
    assert house.sync.run().held == held.held
    house.jobs.start()
    job = house.jobs.wait(house.sync.request(purge=True).id, 20)
    assert job.state is JobState.DONE
    assert job.result is not None
    assert job.result["purged"] == 3
    assert len(house.titles()) == 7


def test_songs_in_the_trash_bin_are_not_held(house: House) -> None:
    for number in range(10):
        house.add(f"Song {number}", f"/Songs/{number % 2}")
    house.sync.run()
    house.remote.move("/Songs/0/Song 0", "/Songs/0/Other name")
    house.remote.delete("/Songs/0/Other name")
    house.remote.delete("/Songs/1")
    report = house.sync.run()
    assert (report.held, report.purged, report.synced) == ((), 6, 4)
    assert house.is_current()


def test_a_top_folder_that_held_songs_and_is_gone_keeps_them(house: House) -> None:
    house.add("One")
    house.remote.write("/Drop/a.txt", b"1")
    house.sync.run()
    (house.root / "Songs").rename(house.root / "Away")
    house.remote.write("/Drop/b.txt", b"1")
    with pytest.raises(NotFound, match="Nothing was removed here"):
        house.sync.run()
    assert house.sync.state is State.FAILED
    assert "/Songs" in house.sync.message
    assert house.titles() == ["One"]
    assert house.library.tree.stat("/Drop/b.txt"), "the rest is read all the same"
    (house.root / "Away").rename(house.root / "Songs")
    house.sync.run()
    assert (house.sync.state, house.sync.message) == (State.CURRENT, "")
    assert house.titles() == ["One"]


def test_a_top_folder_that_held_songs_is_emptied_when_a_person_says_so(house: House) -> None:
    house.add("One")
    house.sync.run()
    shutil.rmtree(house.root / "Songs")
    assert house.sync.run(purge=True).purged == 1
    assert house.titles() == []
    assert (house.root / "Songs").is_dir()
    assert house.is_current()


@pytest.mark.parametrize("top", ["Highways", "Drop", "Temp", "Database"])
def test_a_top_folder_without_songs_that_is_gone_is_made_again(house: House, top: str) -> None:
    house.add("One")
    house.remote.write(f"/{top}/a.txt", b"1")
    house.sync.run()
    shutil.rmtree(house.root / top)
    house.add("Two")
    assert house.sync.run().notes == (f"The folder behind /{top} was gone from the remote. It is there again, empty.",)
    assert f"/{top} was gone" in house.sync.message
    assert (house.root / top).is_dir()
    assert house.index.entries.get(f"/{top}/a.txt") is None
    assert house.titles() == ["One", "Two"]
    assert house.sync.run().notes == ()


def test_the_whole_library_gone_keeps_its_songs(house: House) -> None:
    house.add("One")
    house.sync.run()
    house.root.rename(house.root.with_name("away"))
    with pytest.raises(NotFound, match="Nothing was removed here"):
        house.sync.run()
    assert not house.root.exists()
    assert house.titles() == ["One"]
    house.root.with_name("away").rename(house.root)
    house.sync.run()
    shutil.rmtree(house.root)
    assert house.sync.run(purge=True).purged == 1
    house.add("Two")
    house.remote.delete("/Songs/Ann/Two")
    house.sync.run()
    assert house.titles() == []


def test_a_library_without_songs_that_is_gone_is_made_again(house: House) -> None:
    house.sync.run()
    shutil.rmtree(house.root)
    house.sync.run()
    assert house.sync.state is State.CURRENT
    house.library.tree.write("/Drop/a.txt", b"1")


def test_a_listing_older_than_our_own_change_does_not_undo_it(house: House) -> None:
    house.add("One")
    house.sync.run()
    listing = house.library.updates.begin_listing()
    listed = list(house.remote.walk("/Songs"))
    house.library.tree.write("/Songs/Ann/One/song.ini", INI % b"Ours")
    house.library.tree.make_folder("/Songs/New")
    house.library.updates.absorb(listed, ["/Songs/New"], {}, listing)
    assert house.titles() == ["Ours"]
    assert house.library.tree.stat("/Songs/New").is_folder
    house.sync.run()
    assert house.titles() == ["Ours"]
    assert house.is_current()


def test_the_timer_sees_changes(house: House) -> None:
    seen: list[str] = []
    house.library.notes.start()
    house.sync.start()
    house.library.subscribe(lambda change: seen.append(change.path))
    house.add("One")
    wait_until(lambda: "/Songs/Ann/One/song.ini" in seen)
    wait_until(lambda: all(song.identity for song in house.library.songs.find(SongQuery())[1]))
    assert house.titles()
    wait_until(lambda: house.sync.state is State.CURRENT)


def test_without_an_interval_the_library_is_read_at_the_start_and_on_request(house: House) -> None:
    house.add("One")
    sync = Sync(house.remote, house.index, house.library, house.jobs, 0)
    sync.start()
    wait_until(lambda: "sync" not in [thread.name for thread in threading.enumerate()])
    assert (house.titles(), sync.state) == (["One"], State.CURRENT)
    house.add("Two")
    house.jobs.start()
    house.jobs.wait(sync.request().id, 60)
    assert house.titles() == ["One", "Two"]


def test_a_listing_during_the_first_reading_waits_for_it(house: House) -> None:
    path = house.add("One")
    listed: list[Entry] = []

    def list_meanwhile(step: str, _progress: float) -> None:
        if step == "index":
            listing.start()

    listing = threading.Thread(target=lambda: listed.extend(house.library.tree.children(path)))
    house.sync.run(list_meanwhile)
    listing.join(60)
    assert [entry.path for entry in listed] == [f"{path}/notes.chart", f"{path}/song.ini"]


def test_other_folders_at_the_top_come_and_go(house: House) -> None:
    house.remote.make_folder("/Others")
    house.remote.write("/Others/x", b"1")
    house.sync.run()
    assert house.library.tree.read("/Others/x") == b"1"
    house.remote.delete("/Others")
    house.sync.run()
    assert "/Others" not in [entry.path for entry in house.library.tree.children("/")]
    assert "/Temp" not in [entry.path for entry in house.library.tree.children("/")]

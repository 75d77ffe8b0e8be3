"""The saved index: used when good, renamed when bad, never overwritten when newer, never needed."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from davproxy.errors import Locked, Unavailable
from davproxy.index import Index, problem_of
from davproxy.index.schema import VERSION
from davproxy.model import ANYTHING, Entry, Guard, Job, JobState, Song
from davproxy.paths import DATABASE, name_of
from davproxy.remote.local.folder import Folder
from davproxy.remote.local.upload import FolderUpload
from davproxy.snapshot.lease import Lease
from davproxy.snapshot.snapshot import CURRENT, PREVIOUS, Snapshot
from tests.snapshot.conftest import TOPS

INTERVAL = 3600.0


class Instance:
    """One run of the program, as far as its index goes."""

    def __init__(self, remote: Folder, path: Path, library: str = "here", *, answers: bool = True) -> None:
        self.lease = Lease(remote)
        self.snapshot = Snapshot(remote, path, library, INTERVAL, lease=self.lease)
        self.index = self.snapshot.restore(answers=answers)

    def add(self, *titles: str) -> None:
        self.index.songs.put([Song(hash(title) % 10**6, f"/Songs/{title}", title, "A", "") for title in titles])

    @property
    def titles(self) -> set[str]:
        return {name_of(path) for path in self.index.songs.paths()}

    def save(self) -> bool:
        self.lease.check()
        return self.snapshot.save()

    def stop(self) -> None:
        self.snapshot.stop()
        self.index.close()

    def kill(self) -> None:
        """End at once: nothing is saved, the lease stays."""
        self.snapshot._file.unlock()
        self.index.close()


def saved(remote: Folder) -> list[str]:
    return sorted(name_of(entry.path) for entry in remote.children(DATABASE) if "clonehero" in entry.path)


def test_a_start_on_an_empty_disk_finds_the_songs_again(remote: Folder, tmp_path: Path) -> None:
    first = Instance(remote, tmp_path / "one" / "index.db")
    first.add("Feelings", "Storm")
    first.stop()
    second = Instance(remote, tmp_path / "two" / "index.db")
    assert second.titles == {"Feelings", "Storm"}
    assert second.save()
    assert saved(remote) == ["clonehero.db"], "an index that did not change is not saved again"
    second.stop()


def test_a_remote_that_answers_late_gives_the_songs_back_late(remote: Folder, tmp_path: Path) -> None:
    first = Instance(remote, tmp_path / "one" / "index.db")
    first.add("Feelings", "Storm")
    first.index.jobs.put(Job("earlier", "import", "Import a.zip", state=JobState.DONE))
    first.stop()
    second = Instance(remote, tmp_path / "two" / "index.db", answers=False)
    assert second.titles == set()
    second.index.jobs.put(Job("now", "sync", "Read the library"))
    assert second.snapshot.restore_late()
    assert second.titles == {"Feelings", "Storm"}
    assert second.index.songs.counts().songs == 2
    assert {job.id for job in second.index.jobs.recent(10)} == {"earlier", "now"}
    assert not second.snapshot.restore_late(), "once"
    second.add("New")
    assert second.save()
    second.stop()
    third = Instance(remote, tmp_path / "three" / "index.db")
    assert third.titles == {"Feelings", "Storm", "New"}
    third.stop()


def test_an_index_that_is_here_is_not_replaced_late(remote: Folder, tmp_path: Path) -> None:
    first = Instance(remote, tmp_path / "index.db")
    first.add("Mine")
    first.kill()
    second = Instance(remote, tmp_path / "index.db", answers=False)
    assert not second.snapshot.restore_late()
    assert second.titles == {"Mine"}
    second.stop()


def test_two_generations_are_kept(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "index.db")
    for title in ("A", "B", "C"):
        one.add(title)
        assert one.save()
    assert saved(remote) == ["clonehero.db", "clonehero.db.previous"]
    one.kill()
    for path, titles in ((CURRENT, {"A", "B", "C"}), (PREVIOUS, {"A", "B"})):
        (tmp_path / "copy.db").write_bytes(remote.read(path))
        assert problem_of(tmp_path / "copy.db") is None
        copy = Index(tmp_path / "copy.db")
        assert {name_of(path) for path in copy.songs.paths()} == titles
        copy.close()
        (tmp_path / "copy.db").unlink()


def test_a_change_that_changes_nothing_is_not_saved(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "index.db")
    entries = [Entry("/Songs", is_folder=True, etag="1")]
    one.index.entries.put(entries)
    assert one.save()
    etag = remote.stat(CURRENT).etag
    one.index.entries.put(entries)
    assert one.save()
    assert remote.stat(CURRENT).etag == etag
    one.stop()


def test_a_start_after_a_kill_uses_the_index_here(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "index.db")
    one.add("Saved")
    one.save()
    one.add("Not saved")
    one.kill()
    again = Instance(remote, tmp_path / "index.db")
    assert again.titles == {"Saved", "Not saved"}
    again.kill()


def test_the_write_ahead_log_of_a_crash_is_used(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "live" / "index.db")
    one.add("Only in the log")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for file in (tmp_path / "live").iterdir():
        (crashed / file.name).write_bytes(file.read_bytes())
    one.kill()
    assert (crashed / "index.db-wal").stat().st_size > 0
    again = Instance(remote, crashed / "index.db")
    assert again.titles == {"Only in the log"}
    again.kill()


def test_a_later_snapshot_replaces_the_index_here(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "one" / "index.db")
    one.add("A")
    one.stop()
    other = Instance(remote, tmp_path / "other" / "index.db")
    other.add("B")
    other.stop()
    again = Instance(remote, tmp_path / "one" / "index.db")
    assert again.titles == {"A", "B"}
    again.kill()


def test_the_index_of_another_library_is_not_used(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "index.db", "there")
    one.add("Somewhere else")
    one.kill()
    two = Instance(remote, tmp_path / "index.db", "here")
    assert two.titles == set()
    two.kill()


def test_a_second_process_does_not_share_the_file(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "index.db")
    with pytest.raises(Locked, match="TEMP_DIR"):
        Instance(remote, tmp_path / "index.db")
    one.kill()


# Snapshots on the remote that cannot be used


def good(tmp_path: Path) -> bytes:
    path = tmp_path / "good.db"
    index = Index(path)
    index.songs.put([Song(1, "/Songs/Old", "Old", "A", "")])
    copy = tmp_path / "copy.db"
    index.backup(copy)
    index.close()
    return copy.read_bytes()


def foreign(tmp_path: Path) -> bytes:
    path = tmp_path / "foreign.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cats (name TEXT)")
    connection.commit()
    connection.close()
    return path.read_bytes()


def damaged(tmp_path: Path) -> bytes:
    content = bytearray(good(tmp_path))
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    return bytes(content)


BAD: dict[str, Callable[[Path], bytes]] = {
    "a web page": lambda _: b"<!DOCTYPE html><html><body>Log in</body></html>",
    "nothing": lambda _: b"",
    "zeros": lambda _: bytes(8192),
    "the first half": lambda folder: good(folder)[: len(good(folder)) // 2],
    "damaged pages": damaged,
    "another program's": foreign,
    "text": lambda _: b"SQLite format 3\0 but not really",
    "noise": lambda _: bytes(range(256)) * 64,
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_snapshot_is_renamed_and_the_older_one_used(kind: str, remote: Folder, tmp_path: Path) -> None:
    bad = BAD[kind](tmp_path)
    remote.write(PREVIOUS, good(tmp_path))
    remote.write(CURRENT, bad)
    one = Instance(remote, tmp_path / "run" / "index.db")
    assert one.titles == {"Old"}
    one.add("New")
    assert one.save()
    aside = [name for name in saved(remote) if ".bad-" in name]
    assert [remote.read(f"{DATABASE}/{name}") for name in aside] == [bad]
    one.stop()
    again = Instance(remote, tmp_path / "again" / "index.db")
    assert again.titles == {"Old", "New"}
    again.kill()


def test_without_a_good_snapshot_the_index_starts_empty(remote: Folder, tmp_path: Path) -> None:
    remote.write(CURRENT, b"<html>")
    remote.write(PREVIOUS, b"")
    one = Instance(remote, tmp_path / "run" / "index.db")
    assert one.titles == set()
    assert one.save()
    assert len(saved(remote)) == 3
    one.stop()


def test_a_newer_snapshot_is_neither_used_nor_overwritten(remote: Folder, tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    path.write_bytes(good(tmp_path))
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    remote.write(CURRENT, path.read_bytes())
    one = Instance(remote, tmp_path / "run" / "index.db")
    assert one.titles == set()
    one.add("New")
    assert not one.save()
    assert "newer version" in one.snapshot.message
    one.stop()
    assert remote.read(CURRENT) == path.read_bytes()
    assert saved(remote) == ["clonehero.db"]


# A remote that fails, and others that write


class Moody(Folder):
    """A folder that can be unreachable, or refuse the next writes."""

    down = False
    refusals = 0

    def stat(self, path: str) -> Entry:
        if self.down:
            raise Unavailable("Nobody answers.")
        return super().stat(path)

    def children(self, path: str) -> list[Entry]:
        if self.down:
            raise Unavailable("Nobody answers.")
        return super().children(path)

    def upload(
        self, path: str, *, size: int | None = None, modified: float | None = None, guard: Guard = ANYTHING
    ) -> FolderUpload:
        if self.refusals and path == CURRENT:
            self.refusals -= 1
            raise Unavailable("Too many requests.")
        return super().upload(path, size=size, modified=modified, guard=guard)


@pytest.fixture
def moody(tmp_path: Path) -> Moody:
    subject = Moody(tmp_path / "moody", TOPS)
    subject.connect()
    return subject


def test_a_remote_that_is_down_at_start_keeps_its_snapshot(moody: Moody, tmp_path: Path) -> None:
    before = good(tmp_path)
    moody.write(CURRENT, before)
    moody.down = True
    one = Instance(moody, tmp_path / "run" / "index.db")
    assert one.titles == set()
    moody.down = False
    one.add("Found since")
    assert one.save()
    assert moody.read(PREVIOUS) == before, "what was there is kept as the older generation"
    one.stop()


def test_a_start_while_the_remote_is_down_uses_the_index_here(moody: Moody, tmp_path: Path) -> None:
    one = Instance(moody, tmp_path / "index.db")
    one.add("A")
    one.save()
    one.kill()
    for down in (True, False):
        moody.down = down
        again = Instance(moody, tmp_path / "index.db")
        again.add("B")
        assert again.titles == {"A", "B"}
        again.kill()


def test_the_save_at_the_end_is_repeated(moody: Moody, tmp_path: Path) -> None:
    one = Instance(moody, tmp_path / "one" / "index.db")
    one.add("A")
    moody.refusals = 3
    one.stop()
    two = Instance(moody, tmp_path / "two" / "index.db")
    assert two.titles == {"A"}
    two.kill()


def test_a_remote_that_never_answers_does_not_delay_the_end(tmp_path: Path) -> None:
    answer = threading.Event()

    class Silent(Folder):
        def children(self, path: str) -> list[Entry]:
            answer.wait(60)
            raise Unavailable("Nobody answers.")

    silent = Silent(tmp_path / "silent", TOPS)
    silent.connect()
    one = Instance(silent, tmp_path / "index.db")
    one.add("A")
    one.snapshot.stop(timeout=0.1)
    assert one.titles == {"A"}
    answer.set()
    one.index.close()


def test_a_snapshot_that_another_program_wrote_is_kept(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "index.db")
    one.add("Ours")
    assert one.save()
    theirs = good(tmp_path)
    remote.write(CURRENT, theirs)
    one.add("Ours too")
    assert one.save()
    assert remote.read(PREVIOUS) == theirs
    one.stop()


def test_a_second_instance_says_so_and_saves_nothing(remote: Folder, tmp_path: Path) -> None:
    one, two = (Instance(remote, tmp_path / name / "index.db") for name in ("one", "two"))
    one.add("First")
    assert one.save()
    two.add("Second")
    assert not two.save()
    assert one.lease.instance in two.snapshot.message
    assert one.snapshot.message == ""
    one.stop()
    assert two.save(), "the first gave the lease back"
    two.stop()


def test_copies_made_while_the_index_is_written_are_whole(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "run" / "index.db")
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            one.index.songs.put([Song(n, f"/Songs/{n}", f"{number}", "A", "") for n in range(number % 7, 40)])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(25):
            one.save()
            (tmp_path / "copy.db").write_bytes(remote.read(CURRENT))
            assert problem_of(tmp_path / "copy.db") is None
    finally:
        over.set()
        writer.join()
    one.stop()


def test_the_timer_saves_by_itself(remote: Folder, tmp_path: Path) -> None:
    snapshot = Snapshot(remote, tmp_path / "run" / "index.db", "here", 0.05)
    index = snapshot.restore()
    stored = threading.Event()

    snapshot.start()
    index.songs.put([Song(1, "/Songs/A", "A", "", "")])
    while "clonehero.db" not in saved(remote):
        stored.wait(0.02)
    snapshot.stop()
    index.close()
    assert not [name for name in saved(remote) if "bad" in name]

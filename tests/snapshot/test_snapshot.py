"""The saved index: used on an empty disk, saved when it changed, by one instance of several."""

import threading
from pathlib import Path

import pytest

from davproxy.errors import Locked
from davproxy.index import Index, problem_of
from davproxy.model import Entry, Job, JobState, Song
from davproxy.paths import name_of
from davproxy.remote.local.folder import Folder
from davproxy.snapshot.snapshot import CURRENT, PREVIOUS, Snapshot
from tests.snapshot.instance import Instance, good_snapshot, saved_files
from tests.waiting import wait_until


def test_a_start_on_an_empty_disk_finds_the_songs_again(remote: Folder, tmp_path: Path) -> None:
    first = Instance(remote, tmp_path / "one" / "index.db")
    first.add("Feelings", "Storm")
    first.stop()
    second = Instance(remote, tmp_path / "two" / "index.db")
    assert second.titles == {"Feelings", "Storm"}
    assert second.save()
    assert saved_files(remote) == ["clonehero.db"], "an index that did not change is not saved again"
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
    assert saved_files(remote) == ["clonehero.db", "clonehero.db.previous"]
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


def test_a_snapshot_that_another_program_wrote_is_kept(remote: Folder, tmp_path: Path) -> None:
    one = Instance(remote, tmp_path / "index.db")
    one.add("Ours")
    assert one.save()
    theirs = good_snapshot(tmp_path)
    remote.write(CURRENT, theirs)
    one.add("Ours too")
    assert one.save()
    assert remote.read(PREVIOUS) == theirs
    one.stop()


def test_a_second_instance_reports_itself_and_saves_nothing(remote: Folder, tmp_path: Path) -> None:
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
    snapshot.start()
    index.songs.put([Song(1, "/Songs/A", "A", "", "")])
    wait_until(lambda: "clonehero.db" in saved_files(remote))
    snapshot.stop()
    index.close()
    assert not [name for name in saved_files(remote) if "bad" in name]

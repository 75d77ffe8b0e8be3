"""Snapshots that cannot be used: renamed when bad, never overwritten when newer, never needed."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from davproxy.index.schema import VERSION
from davproxy.paths import DATABASE
from davproxy.remote.local.folder import Folder
from davproxy.snapshot.snapshot import CURRENT, PREVIOUS
from tests.snapshot.instance import Instance, good_snapshot, saved_files


def foreign(tmp_path: Path) -> bytes:
    path = tmp_path / "foreign.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cats (name TEXT)")
    connection.commit()
    connection.close()
    return path.read_bytes()


def damaged(tmp_path: Path) -> bytes:
    content = bytearray(good_snapshot(tmp_path))
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    return bytes(content)


BAD: dict[str, Callable[[Path], bytes]] = {
    "a web page": lambda _: b"<!DOCTYPE html><html><body>Log in</body></html>",
    "nothing": lambda _: b"",
    "zeros": lambda _: bytes(8192),
    "the first half": lambda folder: good_snapshot(folder)[: len(good_snapshot(folder)) // 2],
    "damaged pages": damaged,
    "another program's": foreign,
    "text": lambda _: b"SQLite format 3\0 but not really",
    "noise": lambda _: bytes(range(256)) * 64,
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_snapshot_is_renamed_and_the_older_one_used(kind: str, remote: Folder, tmp_path: Path) -> None:
    bad = BAD[kind](tmp_path)
    remote.write(PREVIOUS, good_snapshot(tmp_path))
    remote.write(CURRENT, bad)
    one = Instance(remote, tmp_path / "run" / "index.db")
    assert one.titles == {"Old"}
    one.add("New")
    assert one.save()
    aside = [name for name in saved_files(remote) if ".bad-" in name]
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
    assert len(saved_files(remote)) == 3
    one.stop()


def test_a_newer_snapshot_is_neither_used_nor_overwritten(remote: Folder, tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    path.write_bytes(good_snapshot(tmp_path))
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
    assert saved_files(remote) == ["clonehero.db"]

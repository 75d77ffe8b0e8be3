"""Rows in memory: looked up once, never older than the last commit, never more than the limit."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.index.database import Database
from davproxy.index.until_commit import UntilCommit

LIMIT = 1 << 20


class Notes:
    """A table of texts by path that counts its queries."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.queries = 0
        with self.database.write() as connection:
            connection.execute("CREATE TABLE notes (path TEXT PRIMARY KEY, text BLOB)")
        self._kept = UntilCommit[str, bytes | None](self.database, LIMIT, lambda text: len(text or b""))

    def get(self, path: str) -> bytes | None:
        return self._kept.get(path, self._look_up)

    def _look_up(self, path: str) -> bytes | None:
        self.queries += 1
        rows = self.database.rows("SELECT text FROM notes WHERE path = ?", (path,))
        return rows[0][0] if rows else None

    def put(self, path: str, text: bytes) -> None:
        with self.database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (path, text))


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    notes = Notes(tmp_path / "notes.db")
    yield notes
    notes.database.close()


def test_a_row_is_looked_up_once_until_something_changes(notes: Notes) -> None:
    notes.put("a", b"1")
    assert [notes.get("a") for _ in range(3)] == [b"1"] * 3
    assert notes.queries == 1
    notes.put("b", b"2")
    assert (notes.get("a"), notes.get("b")) == (b"1", b"2")
    notes.put("a", b"3")
    assert notes.get("a") == b"3"


def test_a_missing_row_is_looked_up_again(notes: Notes) -> None:
    assert notes.get("a") is None
    notes.put("a", b"")
    assert notes.get("a") == b""


def test_a_transaction_sees_its_own_changes_and_others_do_not(notes: Notes) -> None:
    notes.put("a", b"old")
    seen: list[bytes | None] = []

    def read_row() -> None:
        seen.append(notes.get("a"))

    with notes.database.write() as connection:
        connection.execute("UPDATE notes SET text = ?", (b"new",))
        read_row()
        other = threading.Thread(target=read_row)
        other.start()
        other.join()
    read_row()
    assert seen == [b"new", b"old", b"new"]


def test_a_row_read_before_a_commit_is_looked_up_again_after_it(notes: Notes) -> None:
    notes.put("a", b"old")

    def look_up_slowly(path: str) -> bytes | None:
        rows = notes.database.rows("SELECT text FROM notes WHERE path = ?", (path,))
        if rows[0][0] == b"old":
            notes.put("a", b"new")
        return bytes(rows[0][0])

    kept = UntilCommit[str, bytes | None](notes.database, LIMIT)
    assert kept.get("a", look_up_slowly) == b"old"
    assert kept.get("a", look_up_slowly) == b"new"


def test_it_drops_rows_above_its_limit(notes: Notes) -> None:
    half = bytes(LIMIT // 2 + 1)
    for path in ("a", "b", "c"):
        notes.put(path, half)
    for path in ("a", "b", "c", "a"):
        assert notes.get(path) == half
    assert notes.queries == 4

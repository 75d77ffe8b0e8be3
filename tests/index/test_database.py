"""The index file: migrations, one writer, backups, and what makes a file unusable."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.errors import NoSpace
from davproxy.index import NEWER, Index, problem_of
from davproxy.index.schema import VERSION
from davproxy.model import Entry, Song


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(tmp_path / "index.db")
    yield index
    index.close()


def older_layout(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE songs (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, artist TEXT, album TEXT,
            file_path TEXT UNIQUE NOT NULL, metadata TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
            updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
        CREATE INDEX idx_title ON songs (title COLLATE NOCASE);
        CREATE TRIGGER touched AFTER UPDATE ON songs BEGIN
            UPDATE songs SET updated_at = CURRENT_TIMESTAMP WHERE id = new.id; END;
        INSERT INTO songs (id, title, artist, file_path, metadata)
            VALUES (7, 'Feelings', 'Sectoid', '/Songs/F', '{"name": "Feelings"}');
        """
    )
    connection.close()


def test_an_older_layout_keeps_its_songs(tmp_path: Path) -> None:
    older_layout(tmp_path / "index.db")
    assert problem_of(tmp_path / "index.db") is None
    index = Index(tmp_path / "index.db")
    song = index.songs.get(7)
    assert song is not None
    assert (song.title, song.artist, song.path, song.metadata) == (
        "Feelings",
        "Sectoid",
        "/Songs/F",
        {"name": "Feelings"},
    )
    index.close()


def test_the_songs_table_keeps_its_promised_columns(index: Index, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "index.db")
    columns = {row[1] for row in connection.execute("PRAGMA table_info(songs)")}
    assert columns >= {
        "id",
        "title",
        "artist",
        "album",
        "remote_path",
        "metadata",
        "synced_at",
        "created_at",
        "updated_at",
    }
    assert connection.execute("PRAGMA user_version").fetchone()[0] == VERSION
    index.songs.put([Song(1, "/Songs/a", "A", "", "")])
    before = connection.execute("SELECT updated_at, created_at FROM songs").fetchone()
    index.songs.put([Song(1, "/Songs/a", "B", "", "")])
    after = connection.execute("SELECT updated_at, created_at FROM songs").fetchone()
    assert after[0] > before[0]
    assert after[1] == before[1]
    connection.close()


def test_a_failed_transaction_leaves_nothing(index: Index) -> None:
    def put_and_fail() -> None:
        with index.transaction():
            index.entries.put([Entry("/Songs/a", False)])
            assert index.entries.get("/Songs/a") is not None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put_and_fail()
    assert index.entries.get("/Songs/a") is None


@pytest.mark.slow
def test_backups_made_while_writing_are_whole(index: Index, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            index.entries.put(Entry(f"/Songs/{number}/{name}", False, number) for name in range(20))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(50):
            index.backup(tmp_path / "copy.db")
            assert problem_of(tmp_path / "copy.db") is None, number
            copy = sqlite3.connect(tmp_path / "copy.db")
            assert copy.execute("SELECT count(*) % 20 FROM entries").fetchone()[0] == 0
            copy.close()
    finally:
        done.set()
        writer.join()


def test_bad_files_are_recognised(index: Index, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.db", tmp_path / "bad.db"
    index.entries.put(Entry(f"/Songs/{number}", True) for number in range(2000))
    index.backup(good)
    assert problem_of(good) is None
    for content in (b"", b"<html>502 Bad Gateway</html>", b"SQLite format 3\0" + bytes(100), good.read_bytes()[:9000]):
        bad.write_bytes(content)
        assert problem_of(bad) is not None
    for statement, words in (
        (f"PRAGMA user_version = {VERSION + 1}", NEWER),
        ("PRAGMA application_id = 1", "not an index"),
    ):
        bad.write_bytes(good.read_bytes())
        connection = sqlite3.connect(bad)
        connection.execute(statement)
        connection.commit()
        connection.close()
        assert words in str(problem_of(bad))


def test_a_full_disk_is_an_error_and_the_rows_before_it_stay(index: Index) -> None:
    entries = [Entry(f"/Songs/{number:04}", is_folder=False, size=number) for number in range(3000)]
    index.entries.put(entries[:10])
    with index.transaction() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(NoSpace, match="TEMP_DIR"):
        index.entries.put(entries)
    assert [entry.size for entry in index.entries.below("/Songs")] == list(range(10))
    with index.transaction() as connection:
        connection.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    index.entries.put(entries)
    assert len(index.entries.below("/Songs")) == 3000

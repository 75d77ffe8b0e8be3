"""The index file: migrations, one writer, backups, and what makes a file unusable."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlite_utils import Database as Sqlite

from davproxy.errors import NoSpace, Unavailable
from davproxy.index import NEWER, Index, problem_of
from davproxy.index.database import WAL_BYTES, Database
from davproxy.index.schema import MIGRATIONS, VERSION, add_facets
from davproxy.model import Entry, Song, SongQuery


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


def test_filters_find_songs_at_once_after_an_upgrade(tmp_path: Path) -> None:
    older = Sqlite(sqlite3.connect(tmp_path / "index.db", isolation_level=None))
    before = MIGRATIONS.index(add_facets)
    for step in MIGRATIONS[:before]:
        step(older)
    older.execute(f"PRAGMA user_version = {before}")
    values = """'{"song.ogg": 1, "drums.ogg": 1, "notes.mid": 1}', '{"guitar": 3}', '["hard"]'"""
    older.execute(
        "INSERT INTO songs (id, title, remote_path, files, instruments, difficulties)"
        f" VALUES (7, 'Feelings', '/Songs/F', {values}), (8, 'Other', '/Songs/O', '{{}}', '{{}}', '[]')"
    )
    older.close()
    index = Index(tmp_path / "index.db")
    for query in (SongQuery(instrument="guitar"), SongQuery(difficulty="hard"), SongQuery(search="has:stems")):
        assert [song.id for song in index.songs.find(query)[1]] == [7], query
    assert index.songs.find(SongQuery(instrument="guitarcoop")) == (0, [])
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


def damage(path: Path, keep: int = 0) -> None:
    """Overwrite the file with other bytes, from `keep` on, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(keep)
        file.write(b"\xab" * (path.stat().st_size - keep))
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def test_threads_share_connections_because_each_has_a_cache_of_its_own(tmp_path: Path) -> None:
    database = Database(tmp_path / "index.db")
    for _ in range(20):  # threads of a server come one after the other
        thread = threading.Thread(target=database.rows, args=("SELECT count(*) FROM entries",))
        thread.start()
        thread.join()
    assert len(database._connections) == 2, "one that writes and one that reads"
    with database.write() as connection:
        connection.execute(
            "INSERT INTO entries (path, parent, is_folder, size, modified, etag) VALUES ('/a', '/', 0, 1, 0, '')"
        )
        assert database.rows("SELECT path FROM entries") == [("/a",)]
        with ThreadPoolExecutor(1) as other:
            assert other.submit(database.rows, "SELECT path FROM entries").result() == []
    assert database.rows("SELECT path FROM entries") == [("/a",)]
    database.close()


def test_an_index_file_that_is_removed_is_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "temp"
    index = Index(folder / "index.db")
    index.entries.put([Entry("/Songs/a", False, 1)])
    shutil.rmtree(folder)
    with ThreadPoolExecutor(4) as threads:  # each with a connection of its own
        found = list(threads.map(lambda _: index.entries.get("/Songs/a"), range(8)))
    assert [entry.path for entry in found if entry] == ["/Songs/a"] * 8
    index.entries.put([Entry("/Songs/b", False, 2)])
    assert {entry.path for entry in index.entries.below("/Songs")} == {"/Songs/a", "/Songs/b"}
    shutil.rmtree(folder)
    index.backup(tmp_path / "copy.db")
    index.close()
    for path in (folder / "index.db", tmp_path / "copy.db"):
        assert problem_of(path) is None
        again = Index(path)
        assert {entry.path for entry in again.entries.below("/Songs")} == {"/Songs/a", "/Songs/b"}
        again.close()


@pytest.mark.parametrize("keep", [0, 100, 8192], ids=["header", "first page", "others"])
def test_a_damaged_index_file_is_set_aside_and_the_index_begins_empty(tmp_path: Path, keep: int) -> None:
    index = Index(tmp_path / "index.db")
    index.entries.put(Entry(f"/Songs/{number}", True) for number in range(5000))
    index.close()
    index = Index(tmp_path / "index.db")
    damage(tmp_path / "index.db", keep)
    generation = index.generation

    def read(_: int) -> list[Entry]:
        with suppress(Unavailable):
            return index.entries.below("/")
        return []

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(read, range(50)))
    assert all(len(found) in (0, 5000) for found in results)
    with suppress(Unavailable):
        index.entries.put([Entry("/Songs/new", False)])
    if index.generation == generation:
        pytest.fail("the damage was not noticed")
    assert index.is_new
    index.entries.put([Entry("/Songs/new", False)])
    assert [entry.path for entry in index.entries.below("/")] == ["/Songs/new"]
    assert (tmp_path / "index.db.bad").exists()
    index.close()
    assert problem_of(tmp_path / "index.db") is None


def test_a_transaction_on_a_damaged_file_is_an_error_of_ours(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    index.entries.put(Entry(f"/Songs/{number}", True) for number in range(5000))
    index.close()
    index = Index(tmp_path / "index.db")
    damage(tmp_path / "index.db", 8192)

    def write() -> None:
        with index.transaction():
            index.entries.put([Entry("/Songs/new", False)])
            index.entries.below("/")

    with pytest.raises(Unavailable, match="made again"):
        write()
    write()
    assert [entry.path for entry in index.entries.below("/")] == ["/Songs/new"]
    index.close()


def test_a_mistake_in_a_query_is_no_damage(index: Index) -> None:
    with pytest.raises(sqlite3.OperationalError):
        index._database.rows("SELECT nothing FROM nowhere")
    assert index.generation == 0


def test_the_write_ahead_log_is_cut_back(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    with index.transaction():
        index.entries.put([Entry("/Songs/a", False, etag="1")])
        index.entries.put_contents([("/Songs/a", "1", bytes(5 * WAL_BYTES))])
    log = tmp_path / "index.db-wal"
    assert log.stat().st_size > WAL_BYTES
    for number in range(3):
        index.entries.put([Entry(f"/Songs/{number}", False)])
    assert log.stat().st_size <= WAL_BYTES
    index.close()

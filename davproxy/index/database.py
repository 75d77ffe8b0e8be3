"""The SQLite file: write-ahead log, one writer, a reading connection for each thread, backup and checks."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Sqlite

from davproxy.errors import NoSpace
from davproxy.index import schema


class Database:
    """One open index file. Only one thread at a time is in `write`; reads never wait for it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._writing = threading.RLock()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self.commits = 0
        """Transactions committed so far: what was read before one may be outdated after it."""
        self._writer = self._connect()
        self._writer.enable_wal()
        schema.migrate(self._writer)

    def _connect(self) -> Sqlite:
        connection = sqlite3.connect(self.path, check_same_thread=False, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -400")  # KiB, and each thread has its own
        with self._opening:
            self._connections.append(connection)
        return Sqlite(connection)

    def rows(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query on this thread's own connection; inside `write` they include what it has written."""
        reader: Sqlite | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = self._connect()
        return reader.conn.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the one writer, rolled back when the block raises. Blocks may nest. Raises NoSpace."""
        with self._writing:
            connection = self._writer.conn
            outer: Sqlite | None = getattr(self._local, "reader", None)
            if outer is self._writer:
                yield connection
                return
            self._local.reader = self._writer
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
                self.commits += 1
            except BaseException as error:
                connection.rollback()
                if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                    raise NoSpace("The disk that holds the index is full. Free some space in TEMP_DIR.") from error
                raise
            finally:
                self._local.reader = outer

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `write`, where it sees changes that others do not see yet."""
        return getattr(self._local, "reader", None) is self._writer

    @property
    def changes(self) -> int:
        """The number of rows changed since the file was opened."""
        return self._writer.conn.total_changes

    def backup(self, target: Path) -> None:
        """Write a consistent copy to `target` while reads and writes go on (SQLite's backup API). Raises NoSpace."""
        target.unlink(missing_ok=True)
        source, copy = sqlite3.connect(self.path), sqlite3.connect(target)
        with contextlib.closing(source), contextlib.closing(copy):
            try:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.OperationalError as error:
                raise NoSpace(f"The index could not be copied to {target.parent}: {error}.") from error

    def replace(self, source: Path) -> None:
        """Replace the content with that of another index file, in one transaction."""
        with self._writing, contextlib.closing(sqlite3.connect(source)) as connection:
            connection.backup(self._writer.conn)
            self.commits += 1

    def close(self) -> None:
        """Close every connection, which writes the write-ahead log into the file."""
        with self._writing, self._opening:
            for connection in self._connections:
                connection.close()
            self._connections.clear()


def problem_of(path: Path) -> str | None:
    """Why the file at `path` cannot be used as an index, in words; None when it can.

    It must be undamaged (`quick_check`), ours (`application_id`, or the older layout's songs table) and not newer than
    this program. Its content does not change.
    """
    # The write-ahead log of a killed process belongs to the index, and SQLite must write to the file to apply it.
    mode = "mode=rw" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as connection:
            if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                return "it is damaged"
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            columns = {row[1] for row in connection.execute("PRAGMA table_info(songs)")}
            if mark != schema.APPLICATION_ID and "file_path" not in columns:
                return "it is not an index of this program"
            if connection.execute("PRAGMA user_version").fetchone()[0] > schema.VERSION:
                return NEWER
    except sqlite3.DatabaseError:
        return "it is not an SQLite file"
    return None


NEWER = "it was written by a newer version of this program"

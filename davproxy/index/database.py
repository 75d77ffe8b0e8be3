"""The SQLite file: write-ahead log, one writer, as many reading connections as queries run at once, backup and
checks."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from loguru import logger
from sqlite_utils import Database as Sqlite

from davproxy.errors import NoSpace, Unavailable
from davproxy.index import schema
from davproxy.index.failures import DAMAGED, error_for, is_damage

WAL_BYTES = 4 * 1024 * 1024
"""Size that the write-ahead log is cut back to after a large transaction."""


class Database:
    """One open index file. Only one thread at a time is in `write`; reads never wait for it.

    A file that is removed while it is in use is written again with all its content. One that is damaged is set aside,
    and the index begins empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.RLock()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._readers: list[Sqlite] = []
        """Reading connections that no thread uses now. Each has a cache of its own, so that a few are enough."""
        self._opening = threading.Lock()
        self.commits = 0
        """Transactions committed so far: what was read before one may be outdated after it."""
        self.generation = 0
        """How often the file was written again or begun empty since this one was opened."""
        self.is_new = False
        """Whether the index began empty because its file was damaged."""
        self._open()

    def _open(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._writer = self._connect()
        self._writer.enable_wal()
        schema.migrate(self._writer)
        self._file = self._file_at_path()

    def _connect(self) -> Sqlite:
        connection = sqlite3.connect(self.path, check_same_thread=False, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -400")  # KiB, of each connection
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
        with self._opening:
            self._connections.append(connection)
        return Sqlite(connection)

    def rows(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query; inside `write` they include what it has written. Raises Unavailable, NoSpace."""
        generation, readers = self.generation, self._readers  # in this order: the readers may be newer
        try:
            if self.in_transaction:
                return self._writer.conn.execute(sql, values).fetchall()
            reader = self._take(readers)
            try:
                return reader.conn.execute(sql, values).fetchall()
            finally:
                readers.append(reader)
        except sqlite3.Error as error:
            self._raise(error, generation)

    def _take(self, readers: list[Sqlite]) -> Sqlite:
        """The connection that was used last, whose cache is warm, or a new one."""
        try:
            return readers.pop()
        except IndexError:
            self._write_again_if_removed()
            return self._connect()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the one writer, rolled back when the block raises. Blocks may nest.

        Raises NoSpace, Unavailable.
        """
        with self._writing:
            if self.in_transaction:
                yield self._writer.conn
                return
            self._write_again_if_removed()
            generation, connection = self.generation, self._writer.conn
            self._local.writes = True
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
                self.commits += 1
            except sqlite3.Error as error:
                _roll_back(connection)
                self._raise(error, generation)
            except BaseException:
                _roll_back(connection)
                raise
            finally:
                self._local.writes = False

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `write`, where it sees changes that others do not see yet."""
        return bool(getattr(self._local, "writes", False))

    @property
    def changes(self) -> int:
        """The number of rows changed since the file was opened."""
        return self._writer.conn.total_changes

    # A file that is gone or damaged

    def _file_at_path(self) -> tuple[int, int] | None:
        """Which file is at the path: its device and inode; None where there is none."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _write_again_if_removed(self) -> None:
        """Where the file was removed, write its content, which the writer still has open, to a new one."""
        if self._file_at_path() == self._file or self.in_transaction:
            return
        with self._writing:
            if self._file_at_path() == self._file:
                return
            logger.warning("The index file {} was removed; it is written again", self.path)
            removed = self._writer.conn
            self._set_aside()
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self.path)) as copy:
                removed.backup(copy)
            self._open_again()
            removed.close()

    def _raise(self, error: sqlite3.Error, generation: int) -> NoReturn:
        """Raise `error` as one of ours. A damaged file, opened in this generation, is set aside."""
        if is_damage(error):
            with self._writing:
                if generation == self.generation:
                    logger.warning("The index is damaged ({}); it is made again from the library", error)
                    self._set_aside()
                    self._open_again()
                    self.is_new = True
        if str(error).startswith(("no such table", "no such column")):  # the new file's tables are not all made yet
            raise Unavailable(DAMAGED) from error
        raise (error_for(error) or error) from error

    def _set_aside(self) -> None:
        """Rename what is at the path."""
        for ending in ("", "-wal", "-shm"):
            file = self.path.with_name(self.path.name + ending)
            if file.exists():
                file.replace(file.with_name(f"{self.path.name}.bad{ending}"))

    def _open_again(self) -> None:
        """Use the file that is at the path now, or a new one; each query from now on opens it."""
        with self._opening:
            self._connections.clear()
        self._open()
        self._readers = []
        self.generation += 1
        self.commits += 1

    # Copies

    def backup(self, target: Path) -> None:
        """Write a consistent copy to `target` while reads and writes go on (SQLite's backup API). Raises NoSpace."""
        self._write_again_if_removed()
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
            self.is_new = False

    def close(self) -> None:
        """Close every connection, which writes the write-ahead log into the file."""
        with self._writing, self._opening:
            for connection in self._connections:
                connection.close()
            self._connections.clear()


def _roll_back(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):  # the file is damaged, and maybe closed already
        connection.rollback()


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

"""Marks of songs in the index, by the hash of the notes: the lists that hold a song, and its tags.

The rows of a file belong to its etag, so they are read again where that differs.
"""

from collections.abc import Iterable
from typing import Literal

from davproxy.index.database import Database

Kind = Literal["list", "tag"]


class Marks:
    """Queries and changes of the marks, and of the etags of the files that marks and scores were read from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, path: str, kind: Kind, marks: Iterable[tuple[str, str]]) -> None:
        """Replace what the file at `path` says: the names of marks, each with the hash of a song."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM marks WHERE path = ?", (path,))
            connection.executemany(
                "INSERT OR IGNORE INTO marks (path, kind, name, hash) VALUES (?, ?, ?, ?)",
                ((path, kind, name, hash) for name, hash in marks if hash),
            )

    def names(self, kind: Kind) -> list[tuple[str, int]]:
        """The marks of a kind, each with its number of songs, by name."""
        return self._database.rows(
            "SELECT name, count(DISTINCT hash) FROM marks WHERE kind = ? GROUP BY name ORDER BY name COLLATE NOCASE",
            (kind,),
        )

    # The files that were read

    def read_files(self, folder: str) -> dict[str, tuple[str, str]]:
        """The files below `folder` that were read: etag, and why one could not be, by path."""
        rows = self._database.rows(
            "SELECT path, etag, problem FROM read_files WHERE path >= ? || '/' AND path < ? || '0'", (folder, folder)
        )
        return {path: (etag, problem) for path, etag, problem in rows}

    def note_read(self, path: str, etag: str, problem: str = "") -> None:
        """Record that the file was read as it is with this etag."""
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO read_files VALUES (?, ?, ?)", (path, etag, problem))

    def forget(self, path: str) -> None:
        """Remove what the file at `path` said."""
        with self._database.write() as connection:
            for table in ("marks", "scores", "read_files"):
                connection.execute(f"DELETE FROM {table} WHERE path = ?", (path,))

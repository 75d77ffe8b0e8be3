"""The tree in the index: entries by path, with the bytes of song.ini files."""

from collections.abc import Collection, Iterable

from davproxy.index.database import Database
from davproxy.index.until_commit import UntilCommit
from davproxy.model import Entry
from davproxy.paths import is_at_or_below, parent_of

ENTRY_BYTES, CONTENT_BYTES = 500, 200
"""What an entry takes in memory, about, and a content in addition to its bytes."""
MEMORY = 16 << 20
"""Most bytes of all entries in memory together, and as many of all contents."""
_COLUMNS = "path, is_folder, size, modified, etag, file_id, checksums"


def _entry(row: tuple[str, int, int, float, str, int | None, str]) -> Entry:
    path, is_folder, size, modified, etag, file_id, checksums = row
    return Entry(path, bool(is_folder), size, modified, etag, file_id, checksums)


def _span(folder: str) -> tuple[str, str]:
    """The range of paths strictly below `folder`: from `folder/` up to, not including, `folder0` (0 follows /)."""
    stem = folder.rstrip("/")
    return stem + "/", stem + "0"


class Entries:
    """Queries and changes of the entries table. Each change is a transaction, or part of the one it is made in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entries = UntilCommit[str, Entry | None](database, MEMORY, lambda _: ENTRY_BYTES)
        self._contents = UntilCommit[str, bytes | None](database, MEMORY, lambda text: CONTENT_BYTES + len(text or b""))

    def get(self, path: str) -> Entry | None:
        """The entry at `path`."""
        return self._entries.get(path, self._look_up)

    def _look_up(self, path: str) -> Entry | None:
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM entries WHERE path = ?", (path,))
        return _entry(rows[0]) if rows else None

    def children(self, folder: str) -> list[Entry]:
        """The entries directly in `folder`, by name."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM entries WHERE parent = ? ORDER BY path", (folder,))
        return [_entry(row) for row in rows]

    def below(self, folder: str) -> list[Entry]:
        """The entries at any depth below `folder`, by path."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM entries WHERE path >= ? AND path < ? ORDER BY path", _span(folder)
        )
        return [_entry(row) for row in rows]

    def following(self, path: str, folder: str, names: Collection[str], limit: int) -> list[Entry]:
        """The next `limit` files after `path` in the order of paths, below `folder`, whose name is one of `names`."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM entries WHERE path > ? AND path < ? AND NOT is_folder"
            f" AND substr(path, length(parent) + 2) IN ({', '.join('?' * len(names))}) ORDER BY path LIMIT ?",
            (path, _span(folder)[1], *names, limit),
        )
        return [_entry(row) for row in rows]

    def files_ending(self, folder: str, endings: Iterable[str]) -> list[Entry]:
        """The files at any depth below `folder` whose names end with one of `endings`, in any case."""
        endings = tuple(ending.lower() for ending in endings)
        condition = " OR ".join("substr(lower(path), -?) = ?" for _ in endings) or "0"
        values = [value for ending in endings for value in (len(ending), ending)]
        sql = f"SELECT {_COLUMNS} FROM entries WHERE path >= ? AND path < ? AND NOT is_folder AND ({condition})"
        return [_entry(row) for row in self._database.rows(sql, (*_span(folder), *values))]

    def total(self, folder: str) -> tuple[int, int]:
        """The number of files below `folder`, and their total size in bytes."""
        sql = "SELECT count(*), coalesce(sum(size), 0) FROM entries WHERE path >= ? AND path < ? AND NOT is_folder"
        files, size = self._database.rows(sql, _span(folder))[0]
        return files, size

    def content(self, path: str) -> bytes | None:
        """The stored bytes of a small file; None where none are stored for its present etag."""
        return self._contents.get(path, self._look_up_content)

    def _look_up_content(self, path: str) -> bytes | None:
        rows = self._database.rows("SELECT content FROM entries WHERE path = ?", (path,))
        return rows[0][0] if rows else None

    def deepest(self, path: str) -> int:
        """The number of names in the longest path at or below `path`."""
        rows = self._database.rows(
            "SELECT max(length(path) - length(replace(path, '/', ''))) FROM entries WHERE path >= ? AND path < ?",
            _span(path),
        )
        return max(path.count("/"), rows[0][0] or 0)

    def put(self, entries: Iterable[Entry]) -> None:
        """Add or update entries. Stored bytes, and checksums that are not given, stay only where etag and size do."""
        with self._database.write() as connection:
            connection.executemany(
                f"""
                INSERT INTO entries ({_COLUMNS}, parent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (path) DO UPDATE SET
                    content = CASE WHEN etag = excluded.etag AND size = excluded.size THEN content END,
                    checksums = CASE WHEN excluded.checksums <> '' THEN excluded.checksums
                                     WHEN etag = excluded.etag AND size = excluded.size THEN checksums ELSE '' END,
                    is_folder = excluded.is_folder, size = excluded.size, modified = excluded.modified,
                    etag = excluded.etag, file_id = excluded.file_id
                """,
                (
                    (
                        entry.path,
                        entry.is_folder,
                        entry.size,
                        entry.modified,
                        entry.etag,
                        entry.file_id,
                        entry.checksums,
                        parent_of(entry.path),
                    )
                    for entry in entries
                ),
            )

    def put_contents(self, contents: Iterable[tuple[str, str, bytes]]) -> None:
        """Store bytes of small files, given as (path, etag they belong to, bytes)."""
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE entries SET content = ? WHERE path = ? AND etag = ?",
                ((content, path, etag) for path, etag, content in contents),
            )

    def set_etag(self, paths: Collection[str], etag: str) -> None:
        """Give these entries, where they are in the index, the same new etag, and drop their kept bytes."""
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE entries SET etag = ?, content = NULL WHERE path = ?", ((etag, path) for path in paths)
            )

    def set_folder_etag(self, folders: Collection[str], etag: str) -> None:
        """Give those of these paths that are folders in the index the same new etag."""
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE entries SET etag = ? WHERE path = ? AND is_folder", ((etag, path) for path in folders)
            )

    def remove(self, path: str) -> None:
        """Remove `path` and everything below it."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM entries WHERE path = ?", (path,))
            connection.execute("DELETE FROM entries WHERE path >= ? AND path < ?", _span(path))

    def move(self, source: str, target: str) -> None:
        """Move `source` and everything below it to `target`, replacing what was there."""
        assert not is_at_or_below(target, source)
        self.remove(target)
        with self._database.write() as connection:
            connection.execute(
                "UPDATE entries SET path = ?, parent = ? WHERE path = ?", (target, parent_of(target), source)
            )
            connection.execute(
                """
                UPDATE entries SET path = ? || substr(path, ?), parent = ? || substr(parent, ?)
                WHERE path >= ? AND path < ?
                """,
                (*(target, len(source) + 1) * 2, *_span(source)),
            )

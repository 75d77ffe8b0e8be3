"""Songs in the index: rows, full-text search, sort, filters, counts."""

import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from davproxy.index.database import Database
from davproxy.model import Song, SongQuery, Sort

_COLUMNS = (
    "id", "remote_path", "title", "artist", "album", "genre", "year", "charter", "length", "identity", "etag",
    "metadata", "files", "instruments", "difficulties", "problems", "refused", "has_video", "has_lyrics", "has_art",
    "modified", "notes_etag", "chart", "sha1",
)  # fmt: skip
_PUT = (
    f"INSERT INTO songs ({', '.join(_COLUMNS)}, synced_at) VALUES ({', '.join('?' * len(_COLUMNS))}, ?) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in _COLUMNS[1:])}, "
    "synced_at = excluded.synced_at"
)
_encode = json.JSONEncoder(ensure_ascii=False).encode
_TIMES = ("created_at", "updated_at", "synced_at")
"""Columns that the index sets by itself."""
_LISTED = ", ".join(f"songs.{column}" for column in (*_COLUMNS, *_TIMES))
_AT_ONCE = 500
"""Values in one condition."""
_TEXT = ("artist", "album", "genre", "year", "charter")
_SORTS: dict[Sort, str] = {
    "title": "title COLLATE NOCASE", "artist": "artist COLLATE NOCASE", "album": "album COLLATE NOCASE",
    "genre": "genre COLLATE NOCASE", "year": "year COLLATE NOCASE", "charter": "charter COLLATE NOCASE",
    "length": "length", "modified": "modified", "added": "created_at",
}  # fmt: skip
_BELOW = "remote_path >= :path || '/' AND remote_path < :path || '0'"  # 0 follows /
_DUPLICATES = (
    "songs.identity IN (SELECT identity FROM songs WHERE identity <> '' GROUP BY identity HAVING count(*) > 1)"
)


@dataclass(frozen=True, slots=True)
class SongCounts:
    """The library in numbers; `length` is that of all songs together, in milliseconds, `unread` the number of songs
    whose notes have not been read yet."""

    songs: int
    artists: int
    length: int
    refused: int
    problems: int
    without_art: int
    duplicates: int
    unread: int


def _song(row: Sequence[Any]) -> Song:
    values = dict(zip((*_COLUMNS, *_TIMES), row, strict=True))
    values["path"] = values.pop("remote_path")
    for name in ("metadata", "files", "instruments"):
        values[name] = json.loads(values[name])
    values["difficulties"] = tuple(json.loads(values["difficulties"]))
    values["problems"] = tuple(json.loads(values["problems"]))
    values["chart"] = json.loads(values["chart"]) if values["chart"] else None
    values["synced_at"] = values["synced_at"] or 0.0
    for name in ("refused", "has_video", "has_lyrics", "has_art"):
        values[name] = bool(values[name])
    return Song(**values)


def _row(song: Song) -> tuple[Any, ...]:
    values = {column: getattr(song, "path" if column == "remote_path" else column) for column in _COLUMNS}
    for name in ("metadata", "files", "instruments", "difficulties", "problems"):
        values[name] = _encode(values[name])
    values["chart"] = _encode(song.chart) if song.chart is not None else None
    return tuple(values.values())


def _match(search: str) -> str:
    """The FTS5 query for a search text: all of its words, each as the beginning of a word."""
    return " ".join(f'"{word}"*' for word in re.findall(r"\w+", search))


class Songs:
    """Queries and changes of the songs table. Each change is a transaction, or part of the one it is made in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: int) -> Song | None:
        """The song with this id."""
        return self._one("id = ?", id)

    def at(self, path: str) -> Song | None:
        """The song at exactly this path."""
        return self._one("remote_path = ?", path)

    def with_identity(self, identity: str) -> list[Song]:
        """Every song whose notes file has this MD5."""
        return [
            _song(row) for row in self._database.rows(f"SELECT {_LISTED} FROM songs WHERE identity = ?", (identity,))
        ]

    def with_hashes(self, md5s: Iterable[str], sha1s: Iterable[str]) -> list[Song]:
        """Every song whose notes file has one of these MD5 or SHA-1."""
        found: dict[int, Song] = {}
        for column, values in (("identity", list(md5s)), ("sha1", list(sha1s))):
            for start in range(0, len(values), _AT_ONCE):
                some = values[start : start + _AT_ONCE]
                condition = f"{column} IN ({', '.join('?' * len(some))})"
                rows = self._database.rows(f"SELECT {_LISTED} FROM songs WHERE {condition} ORDER BY id", tuple(some))
                found |= {row[0]: _song(row) for row in rows}
        return list(found.values())

    def _one(self, condition: str, value: object) -> Song | None:
        rows = self._database.rows(f"SELECT {_LISTED} FROM songs WHERE {condition}", (value,))
        return _song(rows[0]) if rows else None

    def paths(self) -> set[str]:
        """The paths of all songs."""
        return {path for (path,) in self._database.rows("SELECT remote_path FROM songs")}

    def names(self) -> list[tuple[int, str, str, str]]:
        """(id, identity, artist, title) of every song, in the order in which they came."""
        return self._database.rows("SELECT id, identity, artist, title FROM songs ORDER BY created_at, id")

    def ids_below(self, folder: str) -> dict[str, int]:
        """The paths of the songs below `folder`, with their ids."""
        rows = self._database.rows(f"SELECT remote_path, id FROM songs WHERE {_BELOW}", {"path": folder})
        return dict(rows)

    def unread(self, limit: int) -> list[Song]:
        """Songs whose notes file has not been read yet, `limit` at most."""
        rows = self._database.rows(f"SELECT {_LISTED} FROM songs WHERE notes_etag = '' ORDER BY id LIMIT ?", (limit,))
        return [_song(row) for row in rows]

    def find(self, query: SongQuery) -> tuple[int, list[Song]]:
        """How many songs match in all, and the page that the query names."""
        conditions, values = _conditions(query)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        counted = f"SELECT count(*) FROM songs {where}"
        if len(conditions) == 1 and _match(query.search):
            counted = "SELECT count(*) FROM songs_fts WHERE songs_fts MATCH ?"
        total = self._database.rows(counted, tuple(values))[0][0]
        order = f"{_SORTS[query.sort]} {'DESC' if query.order == 'desc' else 'ASC'}, id"
        rows = self._database.rows(
            f"SELECT {_LISTED} FROM songs {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, max(0, query.limit), max(0, query.offset)),
        )
        return total, [_song(row) for row in rows]

    def values_of(self, field: str, query: SongQuery) -> list[tuple[str, int]]:
        """The values of `artist`, `album`, `genre`, `year` or `charter` in the songs that match, whatever their case,
        each with its number of songs, most first. The page of the query does not matter."""
        if field not in _TEXT:
            raise ValueError(f"{field} is not a field to group by")
        conditions, values = _conditions(query)
        where = " AND ".join([f"songs.{field} <> ''", *conditions])
        return [
            (value, count)
            for value, count in self._database.rows(
                f"SELECT {field}, count(*) FROM songs WHERE {where} GROUP BY {field} COLLATE NOCASE ORDER BY 2 DESC, 1",
                tuple(values),
            )
        ]

    def counts(self) -> SongCounts:
        """The library in numbers."""
        row = self._database.rows(
            """
            SELECT count(*), count(DISTINCT artist COLLATE NOCASE), coalesce(sum(length), 0), coalesce(sum(refused), 0),
                   coalesce(sum(problems <> '[]'), 0), coalesce(sum(NOT has_art), 0),
                   coalesce(sum(identity <> ''), 0) - count(DISTINCT nullif(identity, '')),
                   coalesce(sum(notes_etag = ''), 0)
            FROM songs
            """
        )[0]
        return SongCounts(*row)

    def put(self, songs: Iterable[Song]) -> None:
        """Add or update songs by id. A song at the path of another one replaces it."""
        now = time.time()
        with self._database.write() as connection:
            for song in songs:
                connection.execute("DELETE FROM songs WHERE remote_path = ? AND id <> ?", (song.path, song.id))
                connection.execute(_PUT, (*_row(song), now))

    def remove(self, path: str) -> None:
        """Remove the songs at and below `path`."""
        with self._database.write() as connection:
            connection.execute(f"DELETE FROM songs WHERE remote_path = :path OR ({_BELOW})", {"path": path})

    def remove_at(self, path: str) -> bool:
        """Remove the song at exactly `path`. Returns whether there was one."""
        with self._database.write() as connection:
            return connection.execute("DELETE FROM songs WHERE remote_path = ?", (path,)).rowcount > 0

    def remove_below(self, folder: str) -> None:
        """Remove the songs below `folder`."""
        with self._database.write() as connection:
            connection.execute(f"DELETE FROM songs WHERE {_BELOW}", {"path": folder})

    def move(self, source: str, target: str) -> None:
        """Move the songs at and below `source` to `target`; ids stay."""
        self.remove(target)
        with self._database.write() as connection:
            connection.execute(
                "UPDATE songs SET remote_path = :target || substr(remote_path, length(:path) + 1)"
                f" WHERE remote_path = :path OR ({_BELOW})",
                {"path": source, "target": target},
            )


def _conditions(query: SongQuery) -> tuple[list[str], list[object]]:
    conditions: list[str] = []
    values: list[object] = []

    def add(condition: str, *parameters: object) -> None:
        conditions.append(condition)
        values.extend(parameters)

    if _match(query.search):
        # The + keeps SQLite from fetching every match by its id; following the index of the sort order is cheaper.
        add("+songs.id IN (SELECT rowid FROM songs_fts WHERE songs_fts MATCH ?)", _match(query.search))
    elif query.search.strip():
        add("songs.title LIKE ?", f"%{query.search.strip()}%")
    for field in _TEXT:
        if value := getattr(query, field):
            add(f"songs.{field} = ? COLLATE NOCASE", value)
    for flag in ("has_video", "has_lyrics", "has_art"):
        if (wanted := getattr(query, flag)) is not None:
            add(f"songs.{flag} = ?", int(wanted))
    if query.instrument:
        add("instr(songs.instruments, ?) > 0", json.dumps(query.instrument))
    if query.difficulty:
        add("instr(songs.difficulties, ?) > 0", json.dumps(query.difficulty))
    if query.problem == "refused":
        add("songs.refused")
    elif query.problem == "any":
        add("songs.problems <> '[]'")
    elif query.problem:
        add("instr(songs.problems, ?) > 0", json.dumps(query.problem))
    if query.duplicates:
        add(_DUPLICATES)
    return conditions, values

"""Songs in the index: rows, full-text search, sort, filters, counts."""

import json
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from davproxy.index.database import Database
from davproxy.index.facets import Facets, Name, SongFacets
from davproxy.index.features import features_of
from davproxy.index.lazy_json import LazyJson
from davproxy.index.matches import Matches, among_ids
from davproxy.index.orders import Orders
from davproxy.index.relevance import Relevance
from davproxy.index.search import HASHES, Search, matching, parse
from davproxy.index.sort_keys import ARTICLES, sort_key
from davproxy.index.spelling import Spelling
from davproxy.model import Played, Song, SongQuery

_COLUMNS = (
    "id", "remote_path", "title", "artist", "album", "genre", "year", "charter", "length", "identity", "etag",
    "metadata", "files", "instruments", "difficulties", "problems", "refused", "has_video", "has_lyrics", "has_art",
    "modified", "notes_etag", "chart", "sha1",
)  # fmt: skip
_KEYS = ("title_key", "artist_key", "album_key")
"""What songs are sorted by instead of title, artist and album."""
_STORED = (*_COLUMNS, "nps", "features", *_KEYS, "synced_at")
_PUT = (
    f"INSERT INTO songs ({', '.join(_STORED)}) VALUES ({', '.join('?' * len(_STORED))}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in _STORED[1:])}"
)
_encode = json.JSONEncoder(ensure_ascii=False).encode
_TIMES = ("created_at", "updated_at", "synced_at")
"""Columns that the index sets by itself."""
_LISTED = ", ".join(
    (
        *(f"songs.{column}" for column in (*_COLUMNS, "nps", *_TIMES)),
        "iif(EXISTS (SELECT 1 FROM scores), (SELECT json_array(sum(plays), max(score), max(stars), max(percent),"
        f" max(full_combo)) FROM scores WHERE hash IN {HASHES} HAVING count(*)), NULL)",
        "iif(EXISTS (SELECT 1 FROM marks), (SELECT json_group_array(json_array(kind, name)) FROM marks"
        f" WHERE hash IN {HASHES} HAVING count(*)), NULL)",
    )
)
_ALL = 2**31
"""More songs than there are."""
_AT_ONCE = 500
"""Values in one condition."""
_BELOW = "remote_path >= :path || '/' AND remote_path < :path || '0'"  # 0 follows /


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
    *stored, scores, marks = row
    values = dict(zip((*_COLUMNS, "nps", *_TIMES), stored, strict=True))
    if scores is not None:
        plays, score, stars, percent, full_combo = json.loads(scores)
        values["played"] = Played(plays, score, stars, percent, bool(full_combo))
    if marks is not None:
        found = json.loads(marks)
        for name, kind in (("lists", "list"), ("tags", "tag")):
            values[name] = tuple(sorted({mark for each, mark in found if each == kind}))
    values["path"] = values.pop("remote_path")
    for name in ("metadata", "instruments"):
        values[name] = json.loads(values[name])
    values["difficulties"] = tuple(json.loads(values["difficulties"]))
    values["problems"] = tuple(json.loads(values["problems"]))
    values["files"] = LazyJson(values["files"])
    values["chart"] = LazyJson(values["chart"]) if values["chart"] else None
    values["synced_at"] = values["synced_at"] or 0.0
    for name in ("refused", "has_video", "has_lyrics", "has_art"):
        values[name] = bool(values[name])
    return Song(**values)


def _row(song: Song) -> tuple[Any, ...]:
    values = {column: getattr(song, "path" if column == "remote_path" else column) for column in _COLUMNS}
    for name in ("metadata", "instruments", "difficulties", "problems"):
        values[name] = _encode(values[name])
    values["files"] = _encode(dict(song.files))
    values["chart"] = _encode(dict(song.chart)) if song.chart is not None else None
    return tuple(values.values())


def _most_notes_a_second(song: Song) -> float:
    """The notes a second of the chart that has most, on average."""
    return max((track["average"] for track in (song.chart or {}).get("tracks", ())), default=0.0)


class Songs:
    """Queries and changes of the songs table. Each change is a transaction, or part of the one it is made in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._spelling = Spelling(database)
        self._matches = Matches(database)
        self._orders = Orders(database)
        self._facets = Facets(database, self._matches)
        self._relevance = Relevance(database, self._matches, self._orders)
        self._articles: Collection[str] = ARTICLES

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
        """How many songs match in all, and the page that the query names.

        Where none does, the words are searched for again as the library spells them.
        """
        total, ids = self._find(query)
        return total, self._in_order(ids)

    def ids(self, query: SongQuery) -> list[int]:
        """The ids of all songs that `find` finds, in the same order."""
        return self._find(replace(query, limit=_ALL, offset=0))[1]

    def _find(self, query: SongQuery) -> tuple[int, list[int]]:
        search = parse(query.search)
        match = matching(search.words)
        found = self._ids(query, search, match)
        if match and not found[0] and (corrected := self._spelling.correct(search.words)):
            found = self._ids(query, search, corrected)
        return found

    def _ids(self, query: SongQuery, search: Search, match: str) -> tuple[int, list[int]]:
        matches = self._matches.of(query, search, match)
        total = len(matches) if matches is not None else self._database.rows("SELECT count(*) FROM songs")[0][0]
        if total <= query.offset:
            return total, []
        if matches is not None and match and query.sort == "relevance":
            title = sort_key(search.words, self._articles)
            return total, self._relevance.page(match, title, matches, max(0, query.limit), max(0, query.offset))
        return total, self._orders.page(query, matches)

    def _in_order(self, ids: Sequence[int]) -> list[Song]:
        """The songs with these ids, as they are in order."""
        if not ids:
            return []
        among, value = among_ids(ids)
        rows = self._database.rows(f"SELECT {_LISTED} FROM songs WHERE {among}", (value,))
        songs = {row[0]: _song(row) for row in rows}
        return [songs[id] for id in ids if id in songs]

    def facets(self, query: SongQuery, most: int) -> SongFacets:
        """What the songs that match have in common, counted; with the same corrections as `find`."""
        search = parse(query.search)
        match = matching(search.words)
        found = self._facets.of(query, search, match, most)
        if match and not found.total and (corrected := self._spelling.correct(search.words)):
            found = self._facets.of(query, search, corrected, most)
        return found

    def names_of(self, field: str, query: SongQuery) -> list[Name]:
        """The values of `artist`, `album`, `genre`, `year` or `charter` in the songs that match, in sort order."""
        search = parse(query.search)
        match = matching(search.words)
        return list(self._facets.names(field, query, search, match, lambda value: sort_key(value, self._articles)))

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
                values = (*_row(song), _most_notes_a_second(song), features_of(song), *self._keys(song))
                connection.execute(_PUT, (*values, now))

    def _keys(self, song: Song) -> list[str]:
        return [sort_key(text, self._articles) for text in (song.title, song.artist, song.album)]

    def sort_without(self, articles: Collection[str], *, known: bool) -> None:
        """Pass over these articles where songs are sorted. `known` is whether all stored keys do so already."""
        self._articles = frozenset(articles)
        if known:
            return
        rows = self._database.rows("SELECT title, artist, album, id FROM songs")
        with self._database.write() as connection:
            connection.executemany(
                f"UPDATE songs SET {', '.join(f'{key} = ?' for key in _KEYS)} WHERE id = ?",
                ((*(sort_key(text, self._articles) for text in texts), id) for *texts, id in rows),
            )

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

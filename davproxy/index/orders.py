"""The orders that songs are listed in, and the pages of them."""

import time
from array import array
from collections.abc import Iterable
from itertools import islice

from davproxy.index.database import Database
from davproxy.index.matches import FEW, among_ids
from davproxy.index.search import PLAYS, STARS
from davproxy.index.until_commit import UntilCommit
from davproxy.model import SongQuery, Sort

_SORTS: dict[Sort, str] = {
    "title": "title_key", "artist": "artist_key", "album": "album_key",
    "genre": "genre COLLATE NOCASE", "year": "year COLLATE NOCASE", "charter": "charter COLLATE NOCASE",
    "length": "length", "modified": "modified", "added": "created_at", "nps": "nps", "plays": PLAYS, "stars": STARS,
    "random": "(songs.id * 40503 + {day} * 7919) % 65521",
    "relevance": "title_key",
}  # fmt: skip
_WITHOUT_INDEX = ("nps", "plays", "stars", "random")
"""Sorts for which SQLite would compare all songs again for each page."""
_BY_TITLE_NEXT = ("artist", "album")
"""Sorts whose equals are in the order of their titles."""
_DAY = 86_400
_KEPT = 6
"""Orders that are kept until the next commit, each 8 bytes a song."""


class Orders:
    """The ids of songs in each order. Those of the whole library are kept until the next commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = UntilCommit[str, "array[int]"](database, _KEPT)

    def page(self, query: SongQuery, matches: frozenset[int] | None) -> list[int]:
        """The ids of the page that `query` names of `matches`; of all songs if that is None."""
        order_by = _order_by(query)
        limit, offset = max(0, query.limit), max(0, query.offset)
        if matches is None and query.sort not in _WITHOUT_INDEX:
            return self._rows(f"SELECT id FROM songs ORDER BY {order_by} LIMIT ? OFFSET ?", limit, offset)
        if matches is not None and len(matches) <= FEW:
            among, ids = among_ids(matches)
            sql = f"SELECT id FROM songs WHERE {among} ORDER BY {order_by} LIMIT ? OFFSET ?"
            return self._rows(sql, ids, limit, offset)
        ordered: Iterable[int] = self._all(order_by)
        if matches is not None:
            ordered = filter(matches.__contains__, ordered)
        return list(islice(ordered, offset, offset + limit))

    def by_title(self) -> "array[int]":
        """The ids of all songs by title."""
        return self._all(_order_by(SongQuery()))

    def _all(self, order_by: str) -> "array[int]":
        return self._kept.get(order_by, self._look_up)

    def _look_up(self, order_by: str) -> "array[int]":
        return array("q", self._rows(f"SELECT id FROM songs ORDER BY {order_by}"))

    def _rows(self, sql: str, *values: object) -> list[int]:
        return [id for (id,) in self._database.rows(sql, values)]


def _order_by(query: SongQuery) -> str:
    way = "DESC" if query.order == "desc" else "ASC"
    sort = _SORTS[query.sort].format(day=int(time.time()) // _DAY)
    return f"{sort} {way}, {f'title_key {way}, ' if query.sort in _BY_TITLE_NEXT else ''}id {way}"

"""The ids of the songs that match a query: looked up once, for each of its pages, its order and its counts."""

import json
from collections.abc import Collection

from davproxy.index.conditions import conditions_of
from davproxy.index.database import Database
from davproxy.index.search import Search
from davproxy.index.until_commit import UntilCommit
from davproxy.model import SongQuery

FEW = 1_000
"""So many songs, read by their ids, take less time than all songs of a large library in order."""
_KEPT = 200_000
"""Ids that are kept until the next commit, of all queries together: about 15 MB."""


_Wanted = tuple[str, str, tuple[object, ...]]
"""An FTS5 query, conditions of SQL, and their values; an empty one finds all."""


def among_ids(ids: Collection[int]) -> tuple[str, str]:
    """The condition that a song has one of these ids, and its value."""
    return "id IN (SELECT value FROM json_each(?))", json.dumps(list(ids))


class Matches:
    """Looks ids up by words and conditions, and keeps them until the next commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = UntilCommit[_Wanted, frozenset[int]](database, _KEPT, len)

    def of(self, query: SongQuery, search: Search, match: str) -> frozenset[int] | None:
        """The ids of the songs that match; None for all. `match` is the FTS5 query for the words of `search`."""
        conditions, values = conditions_of(query, search, match)
        text = search.match(match)
        if not text and not conditions:
            return None
        return self._kept.get((text, " AND ".join(conditions), tuple(values)), self._look_up)

    def of_text(self, match: str) -> frozenset[int]:
        """The ids of the songs that an FTS5 query finds."""
        return self._kept.get((match, "", ()), self._look_up)

    def _look_up(self, wanted: _Wanted) -> frozenset[int]:
        text, conditions, values = wanted
        if not conditions:
            return frozenset(self._ids("rowid", "songs_fts WHERE songs_fts MATCH ?", text))
        if not text:
            return frozenset(self._ids("id", f"songs WHERE {conditions}", *values))
        found = self.of_text(text)
        if len(found) <= FEW:
            among, ids = among_ids(found)
            return frozenset(self._ids("id", f"songs WHERE {among} AND {conditions}", ids, *values))
        return frozenset([id for id in self._ids("id", f"songs WHERE {conditions}", *values) if id in found])

    def _ids(self, column: str, source: str, *values: object) -> list[int]:
        """SQLite joins the ids to one text: a row for each of many would take twice as long."""
        [(ids,)] = self._database.rows(f"SELECT json_group_array({column}) FROM {source}", values)
        found: list[int] = json.loads(ids)
        return found

"""The ids of the songs that match a query: looked up once, for each of its pages, its order and its counts."""

import json
from collections.abc import Collection, Sequence

from davproxy.index.conditions import conditions_of
from davproxy.index.database import Database
from davproxy.index.search import Search
from davproxy.index.until_commit import UntilCommit
from davproxy.model import SongQuery

FEW = 1_000
"""So many songs, read by their ids, take less time than all songs of a large library in order."""
_KEPT = 200_000
"""Ids that are kept until the next commit, of all queries together: about 15 MB."""


def among_ids(ids: Collection[int]) -> tuple[str, str]:
    """The condition that a song has one of these ids, and its value."""
    return "id IN (SELECT value FROM json_each(?))", json.dumps(list(ids))


class Matches:
    """Looks ids up by conditions, and keeps them until the next commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = UntilCommit[tuple[str, tuple[object, ...]], frozenset[int]](database, _KEPT, len)

    def of(self, query: SongQuery, search: Search, match: str) -> frozenset[int] | None:
        """The ids of the songs that match; None for all. `match` is the FTS5 query for the words of `search`."""
        conditions, values = conditions_of(query, search, match)
        text = search.match(match)
        found = self.of_text(text) if text else None
        if not conditions:
            return found
        if found is not None and len(found) <= FEW:
            among, ids = among_ids(found)
            return self._of([among, *conditions], [ids, *values])
        others = self._of(conditions, values)
        return others if found is None else others & found

    def of_text(self, match: str) -> frozenset[int]:
        """The ids of the songs that an FTS5 query finds."""
        return self._ids("SELECT group_concat(rowid) FROM songs_fts WHERE songs_fts MATCH ?", (match,))

    def _of(self, conditions: Sequence[str], values: Sequence[object]) -> frozenset[int]:
        return self._ids(f"SELECT group_concat(id) FROM songs WHERE {' AND '.join(conditions)}", values)

    def _ids(self, sql: str, values: Sequence[object]) -> frozenset[int]:
        return self._kept.get((sql, tuple(values)), self._look_up)

    def _look_up(self, query: tuple[str, tuple[object, ...]]) -> frozenset[int]:
        """SQLite joins the ids to one text: a row for each of many would take twice as long."""
        [(ids,)] = self._database.rows(*query)
        return frozenset(map(int, str(ids).split(","))) if ids is not None else frozenset()

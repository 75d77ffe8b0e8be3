"""Which songs that have the words come first."""

from collections.abc import Iterator
from itertools import islice

from davproxy.index.database import Database
from davproxy.index.matches import FEW, Matches, among_ids
from davproxy.index.orders import Orders

_RANK = "bm25(songs_fts, 10.0, 5.0, 2.0, 1.0, 1.0)"
"""Smaller is better; the title counts most."""


class Relevance:
    """Finds the page of a search in the order of relevance."""

    def __init__(self, database: Database, matches: Matches, orders: Orders) -> None:
        self._database, self._matches, self._orders = database, matches, orders

    def page(self, words: str, title: str, matches: frozenset[int], limit: int, offset: int) -> list[int]:
        """The ids of a page of `matches`, all of which the FTS5 query `words` finds; `title` is its words' sort key.

        Few songs are ranked, which costs as much as to read their rows. Of many, those come first whose title is the
        words, then those whose title has them, each group by title.
        """
        if len(matches) > FEW:
            return list(islice(self._in_groups(words, title, matches), offset, offset + limit))
        among, ids = among_ids(matches)
        sql = (
            f"SELECT id FROM (SELECT rowid, {_RANK} AS far FROM songs_fts WHERE songs_fts MATCH ?)"
            f" JOIN songs ON id = rowid WHERE {among}"
            " ORDER BY title_key = ? DESC, far, title_key, id LIMIT ? OFFSET ?"
        )
        rows = self._database.rows(sql, (words, ids, title, limit, offset))
        return [id for (id,) in rows]

    def _in_groups(self, words: str, title: str, matches: frozenset[int]) -> Iterator[int]:
        same = self._database.rows("SELECT id FROM songs WHERE title_key = ? ORDER BY id", (title,))
        first = {id: None for (id,) in same if id in matches}
        yield from first
        titled = self._matches.of_text(f"title : ({words})")
        by_title = self._orders.by_title()
        yield from (id for id in by_title if id in titled and id in matches and id not in first)
        yield from (id for id in by_title if id in matches and id not in titled and id not in first)

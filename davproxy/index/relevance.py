"""Which songs that have the words come first."""

from collections.abc import Sequence

from davproxy.index.database import Database

_RANKED = 1_000
"""Most matches that are ranked one by one. To rank a song costs as much as to read its row."""
_RANK = "bm25(songs_fts, 10.0, 5.0, 2.0, 1.0, 1.0)"
"""Smaller is better; the title counts most."""


class Relevance:
    """Finds the page of a search in the order of relevance."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(
        self, match: str, title: str, where: str, values: Sequence[object], total: int, page: tuple[int, int]
    ) -> list[int]:
        """The ids of a page (limit, offset) of the `total` songs that `where` finds with `values`.

        `match` is the FTS5 query in `where`, `title` the sort key of the words. Few songs are ranked. Of many, those
        come first whose title is the words, then those whose title has them, each group by title.
        """
        limit, offset = page
        if total <= _RANKED:
            sql = (
                f"SELECT id FROM (SELECT rowid, {_RANK} AS far FROM songs_fts WHERE songs_fts MATCH ?)"
                f" JOIN songs ON id = rowid {where}"
                " ORDER BY title_key = ? DESC, far, title_key, id LIMIT ? OFFSET ?"
            )
            return [id for (id,) in self._database.rows(sql, (match, *values, title, limit, offset))]
        in_title = "+songs.id IN (SELECT rowid FROM songs_fts WHERE songs_fts MATCH ?)"
        title_match = f"title : ({match})"
        ids: list[int] = []
        for group, parameters in (
            ("title_key = ?", [title]),
            (f"title_key <> ? AND {in_title}", [title, title_match]),
            (f"title_key <> ? AND NOT {in_title}", [title, title_match]),
        ):
            if missing := offset + limit - len(ids):
                sql = f"SELECT id FROM songs {where} AND {group} ORDER BY title_key, id LIMIT ?"
                ids += [id for (id,) in self._database.rows(sql, (*values, *parameters, missing))]
        return ids[offset:]

"""Scores in the index, by the hash of the notes: the MD5 of Clone Hero or the SHA-1 of YARG.

The rows of a file belong to its etag, so they are read again where that differs.
"""

from collections.abc import Iterable

from davproxy.index.database import Database
from davproxy.model import PlayerCounts, Score

_COLUMNS = "player, hash, plays, score, stars, percent, full_combo, played, title, artist"


class Scores:
    """Queries and changes of the scores table. Each change is a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, path: str, scores: Iterable[Score]) -> None:
        """Replace what the file at `path` says."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM scores WHERE path = ?", (path,))
            connection.executemany(
                f"INSERT INTO scores (path, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        path, each.player, each.hash, each.plays, each.score, each.stars, each.percent,
                        int(each.full_combo), each.played, each.title, each.artist,
                    )
                    for each in scores
                ),
            )  # fmt: skip

    def of(self, *hashes: str) -> list[Score]:
        """The scores in the song with these hashes, one for each player and file, highest first."""
        named = [each for each in hashes if each]
        marks = ", ".join("?" * len(named))
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM scores WHERE hash IN ({marks}) ORDER BY score DESC, player", tuple(named)
        )
        return [_score(row) for row in rows]

    def players(self) -> list[PlayerCounts]:
        """Every player in numbers, by name."""
        rows = self._database.rows(
            f"""
            SELECT player, count(DISTINCT hash), sum(plays), count(DISTINCT iif(full_combo, hash, NULL)),
                   count(DISTINCT iif(stars >= 5, hash, NULL)), count(DISTINCT iif({_LOST}, hash, NULL))
            FROM scores GROUP BY player ORDER BY player COLLATE NOCASE
            """
        )
        return [PlayerCounts(*row) for row in rows]

    def of_missing_songs(self, limit: int) -> list[Score]:
        """Scores in songs that the library does not have, those played most first."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM scores WHERE {_LOST} ORDER BY plays DESC, hash, player LIMIT ?", (limit,)
        )
        return [_score(row) for row in rows]


_LOST = (
    "hash NOT IN (SELECT identity FROM songs WHERE identity <> '') AND hash NOT IN (SELECT sha1 FROM songs"
    " WHERE sha1 <> '')"
)


def _score(row: tuple[str, str, int, int, int, int, int, str, str, str]) -> Score:
    player, hash, plays, score, stars, percent, full_combo, played, title, artist = row
    return Score(player, hash, plays, score, stars, percent, bool(full_combo), played, title, artist)

"""The library in numbers by year, genre, intensity and month, for plots."""

from dataclasses import dataclass

from davproxy.index.database import Database
from davproxy.index.until_commit import UntilCommit

MOST_GENRES = 10


@dataclass(frozen=True, slots=True)
class Statistics:
    """Numbers of songs.

    `years` are (year, songs) in order, without songs that give none; `genres` are (genre, songs), most first, and
    `other_genres` the songs of all others; `intensities` has the songs of each instrument by intensity, 0 to 6;
    `growth` are (month as `2026-11`, songs added in it) in order.
    """

    years: tuple[tuple[int, int], ...] = ()
    genres: tuple[tuple[str, int], ...] = ()
    other_genres: int = 0
    intensities: tuple[tuple[str, tuple[int, ...]], ...] = ()
    growth: tuple[tuple[str, int], ...] = ()


class LibraryStatistics:
    """Counts with the indexes of the songs alone, once until the next commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = UntilCommit[None, Statistics](database, limit=1)

    def now(self) -> Statistics:
        """The statistics of all songs."""
        return self._kept.get(None, self._count)

    def _count(self, _key: None) -> Statistics:
        rows = self._database.rows
        years = rows(
            "SELECT CAST(substr(trim(year), 1, 4) AS INTEGER) AS number, count(*) FROM songs INDEXED BY songs_by_year"
            " GROUP BY number HAVING number BETWEEN 1000 AND 2999 ORDER BY number"
        )
        genres = rows(
            "SELECT genre, count(*) FROM songs INDEXED BY songs_by_genre WHERE genre <> ''"
            " GROUP BY genre COLLATE NOCASE ORDER BY 2 DESC, 1"
        )
        growth = rows(
            "SELECT strftime('%Y-%m', created_at, 'unixepoch') AS month, count(*)"
            " FROM songs INDEXED BY songs_by_created_at GROUP BY month ORDER BY month"
        )
        shown, others = tuple(genres[:MOST_GENRES]), sum(songs for _, songs in genres[MOST_GENRES:])
        return Statistics(tuple(years), shown, others, self._intensities(), tuple(growth))

    def _intensities(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        counted: dict[str, list[int]] = {}
        for instrument, intensity, songs in self._database.rows(
            "SELECT each.key, each.value, sum(number) FROM"
            " (SELECT instruments, count(*) AS number FROM songs INDEXED BY songs_by_facets GROUP BY instruments),"
            " json_each(instruments) AS each WHERE each.value BETWEEN 0 AND 6 GROUP BY 1, 2"
        ):
            counted.setdefault(instrument, [0] * 7)[int(intensity)] += songs
        return tuple((name, tuple(songs)) for name, songs in sorted(counted.items(), key=lambda each: -sum(each[1])))

"""The scores that YARG keeps: an SQLite file, scores.db, with a row for each play of a song and of each player."""

import contextlib
import itertools
import sqlite3
import time
from dataclasses import dataclass, replace

from davproxy.errors import BadInput

MAX_BYTES = 32 * 1024 * 1024
MOST_SCORES = 100_000
"""Songs of all players together."""
_STEPS, _MOST_SECONDS = 1_000, 20.0
"""Steps of SQLite's virtual machine between two looks at the clock, and how long the file may take."""
_LONGEST_VALUE = 16 * 1024
"""Bytes of a row. A crafted file has many rows share the bytes of one."""
_GOLD = 6
_TABLES = {"GameRecords", "PlayerScores", "Players"}
_HEADER, _WAL_BYTES = b"SQLite format 3\0", slice(18, 20)
_NOT_ONE = "This is not a scores.db of YARG. Copy it again while the game is closed."
_OTHER_SCHEMA = """
    SELECT count(*) FROM sqlite_master WHERE sql NOT LIKE 'CREATE TABLE %' AND sql NOT LIKE 'CREATE INDEX %'
        AND sql NOT LIKE 'CREATE UNIQUE INDEX %'
"""
"""Views and virtual tables: what they compute has no bounds."""
_QUERY = """
    SELECT substr(scores.PlayerId, 1, 64), substr(players.Name, 1, 200), lower(hex(games.SongChecksum)), scores.Score,
           scores.Stars, scores.IsFc, {percent}, substr(games.Date, 1, 40), substr(games.SongName, 1, 200),
           substr(games.SongArtist, 1, 200)
    FROM PlayerScores AS scores
    JOIN GameRecords AS games ON games.Id = scores.GameRecordId JOIN Players AS players ON players.Id = scores.PlayerId
    WHERE length(games.SongChecksum) = 20 AND NOT coalesce({is_replay}, 0)
"""
"""A row for each play; grouped by SQLite, they would all be in memory at once. Older versions lack `percent` and
`isreplay`."""


@dataclass(frozen=True, slots=True)
class YargScore:
    """What a player did in a song, by the SHA-1 of its notes file in lower case.

    `percent` is of notes hit, 0 to 100; `stars` 0 to 6, where 6 are gold. `when` is the text or number that the game
    wrote.
    """

    player: str
    sha1: str
    plays: int
    score: int
    stars: int
    full_combo: bool
    percent: int
    when: str
    title: str
    artist: str


def parse(data: bytes) -> tuple[YargScore, ...]:
    """The best of each player in each song. Raises BadInput for anything but a whole scores.db."""
    if len(data) > MAX_BYTES or not data.startswith(_HEADER):
        raise BadInput(_NOT_ONE)
    content = bytearray(data)
    content[_WAL_BYTES] = b"\x01\x01"  # a copy has no write-ahead log beside it
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        end = time.monotonic() + _MOST_SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        connection.text_factory = lambda text: text.decode(errors="replace")
        try:
            connection.deserialize(content)
            return _best(connection)
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise BadInput(_NOT_ONE) from error


def _best(connection: sqlite3.Connection) -> tuple[YargScore, ...]:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA automatic_index = OFF")  # it would copy all rows
    kinds = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    if not {str(name) for (name,) in kinds} >= _TABLES or connection.execute(_OTHER_SCHEMA).fetchone() != (0,):
        raise BadInput(_NOT_ONE)
    columns = {table: connection.execute(f"PRAGMA table_xinfo({table})").fetchall() for table in _TABLES}
    if any(hidden for *_, hidden in itertools.chain(*columns.values())):
        raise BadInput(_NOT_ONE)  # a generated column computes what it says for each row
    there = {str(column[1]).lower() for column in columns["PlayerScores"]}
    added = {name: f"scores.{name}" if name in there else "NULL" for name in ("percent", "isreplay")}
    best: dict[tuple[object, str], YargScore] = {}
    for player_id, *row in connection.execute(_QUERY.format(percent=added["percent"], is_replay=added["isreplay"])):
        play = _play(*row)
        former = best.get((player_id, play.sha1))
        if former is None and len(best) == MOST_SCORES:
            raise BadInput(f"This scores.db has more than {MOST_SCORES:,} scores.")
        best[player_id, play.sha1] = play if former is None else _better(former, play)
    return tuple(best.values())


def _play(
    player: object, sha1: object, score: object, stars: object, full_combo: object, percent: object, when: object,
    title: object, artist: object,
) -> YargScore:  # fmt: skip
    hit = _number(percent)
    return YargScore(
        str(player or "?"), str(sha1), 1, _whole(score), _stars(_whole(stars)), bool(full_combo),
        min(100, round(hit * 100 if hit <= 1 else hit)), str(when or ""), str(title or ""), str(artist or ""),
    )  # fmt: skip


def _better(one: YargScore, other: YargScore) -> YargScore:
    """The best of both plays, with the names of the later one."""
    return replace(
        max(one, other, key=lambda each: each.when),
        plays=one.plays + other.plays,
        score=max(one.score, other.score),
        stars=max(one.stars, other.stars),
        full_combo=one.full_combo or other.full_combo,
        percent=max(one.percent, other.percent),
    )


def _stars(value: int) -> int:
    """YARG has one more kind between five stars and gold ones, and great numbers for no stars."""
    return value if value <= _GOLD else _GOLD - 1 if value == _GOLD + 1 else 0


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 2**53 else 0.0


def _whole(value: object) -> int:
    return int(_number(value))

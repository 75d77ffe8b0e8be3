"""The scores that YARG keeps: an SQLite file, scores.db, with a row for each play of a song and of each player."""

import contextlib
import sqlite3
from dataclasses import dataclass

from davproxy.errors import BadInput

MAX_BYTES = 256 * 1024 * 1024
_STEPS, _MOST_STEPS = 100_000, 2_000
"""Steps of SQLite's virtual machine between two looks, and how many looks a query takes at most."""
_LONGEST_VALUE = 1024 * 1024
_GOLD = 6
_TABLES = {"GameRecords", "PlayerScores", "Players"}
_HEADER, _WAL_BYTES = b"SQLite format 3\0", slice(18, 20)
_NOT_ONE = "This is not a scores.db of YARG. Copy it again while the game is closed."
_QUERY = """
    SELECT players.Name, lower(hex(games.SongChecksum)), count(*), max(scores.Score), max(scores.Stars),
           max(scores.IsFc), max({percent}), max(games.Date), max(games.SongName), max(games.SongArtist)
    FROM PlayerScores AS scores
    JOIN GameRecords AS games ON games.Id = scores.GameRecordId JOIN Players AS players ON players.Id = scores.PlayerId
    WHERE length(games.SongChecksum) = 20 AND NOT coalesce({is_replay}, 0)
    GROUP BY scores.PlayerId, games.SongChecksum
"""
"""`percent` and `isreplay` are columns that older versions lack."""


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
        looks = iter(range(_MOST_STEPS))
        connection.set_progress_handler(lambda: next(looks, None) is None, _STEPS)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        try:
            connection.deserialize(bytes(content))
            connection.execute("PRAGMA trusted_schema = OFF")
            kinds = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not {str(name) for (name,) in kinds} >= _TABLES:
                raise BadInput(_NOT_ONE)
            there = {str(row[1]).lower() for row in connection.execute("PRAGMA table_info(PlayerScores)")}
            added = {name: f"scores.{name}" if name in there else "NULL" for name in ("percent", "isreplay")}
            query = _QUERY.format(percent=added["percent"], is_replay=added["isreplay"])
            rows = connection.execute(query).fetchall()
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise BadInput(_NOT_ONE) from error
    return tuple(_score(row) for row in rows)


def _score(row: tuple[object, ...]) -> YargScore:
    player, sha1, plays, score, stars, full_combo, percent, when, title, artist = row
    hit = _number(percent)
    return YargScore(
        str(player or "?"), str(sha1), _whole(plays), _whole(score), _stars(_whole(stars)), bool(full_combo),
        min(100, round(hit * 100 if hit <= 1 else hit)), str(when or ""), str(title or ""), str(artist or ""),
    )  # fmt: skip


def _stars(value: int) -> int:
    """YARG has one more kind between five stars and gold ones, and great numbers for no stars."""
    return value if value <= _GOLD else _GOLD - 1 if value == _GOLD + 1 else 0


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 2**53 else 0.0


def _whole(value: object) -> int:
    return int(_number(value))

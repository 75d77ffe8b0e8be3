"""Writers of score files, from the layouts that formats/scores.py and formats/yarg_scores.py tell."""

import contextlib
import sqlite3
import struct
from collections.abc import Iterable, Sequence

from davproxy.formats.scores import PlayedChart

FULL_ROW = struct.Struct("<HBBBHBII")


def scoredata(charts: Sequence[PlayedChart]) -> bytes:
    """The bytes of a scoredata.bin."""
    parts = [struct.pack("<II", 20211009, len(charts))]
    for chart in charts:
        parts.append(bytes.fromhex(chart.identity) + bytes([len(chart.rows)]) + chart.plays.to_bytes(3, "little"))
        parts += [
            FULL_ROW.pack(
                row.variant, row.difficulty, row.percent, row.full_combo, row.speed, row.stars, 0, row.score
            )
            for row in chart.rows
        ]  # fmt: skip
    return b"".join(parts)


def scoresext(charts: Sequence[PlayedChart], bonus: int = 1000) -> bytes:
    """The bytes of the scoresext.bin beside it, with `bonus` points more for each row."""
    parts = [struct.pack("<II", 20251011, len(charts))]
    for chart in charts:
        parts.append(bytes.fromhex(chart.identity) + bytes([len(chart.rows)]))
        parts += [struct.pack("<HBII", row.variant, row.full_combo, row.score + bonus, 0) for row in chart.rows]
    return b"".join(parts)


def yarg_db(plays: Iterable[tuple[str, str, int, int, bool]]) -> bytes:
    """The bytes of a scores.db with these plays: player, SHA-1, score, stars, full combo."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            """
            CREATE TABLE GameRecords (Id INTEGER PRIMARY KEY, Date INTEGER, SongChecksum BLOB, GameVersion TEXT,
                SongName TEXT, SongArtist TEXT, SongCharter TEXT, ReplayFileName TEXT, ReplayChecksum BLOB,
                BandScore INTEGER, BandStars INTEGER, SongSpeed REAL, PlayedWithReplay INTEGER);
            CREATE TABLE PlayerScores (Id INTEGER PRIMARY KEY, GameRecordId INTEGER, PlayerId BLOB, Instrument INTEGER,
                Difficulty INTEGER, EnginePresetId BLOB, Score INTEGER, Stars INTEGER, NotesHit INTEGER,
                NotesMissed INTEGER, IsFc INTEGER, IsReplay INTEGER, Percent REAL);
            CREATE TABLE Players (Id BLOB PRIMARY KEY, Name TEXT);
            """
        )
        for number, (player, sha1, score, stars, full_combo) in enumerate(plays, start=1):
            connection.execute("INSERT OR IGNORE INTO Players VALUES (?, ?)", (player.encode(), player))
            connection.execute(
                "INSERT INTO GameRecords (Id, Date, SongChecksum, SongName, SongArtist)"
                " VALUES (?, ?, ?, 'Song', 'Band')",
                (number, 638_000_000 + number, bytes.fromhex(sha1)),
            )
            connection.execute(
                "INSERT INTO PlayerScores (GameRecordId, PlayerId, Score, Stars, IsFc, IsReplay, Percent)"
                " VALUES (?, ?, ?, ?, ?, 0, 0.97)",
                (number, player.encode(), score, stars, full_combo),
            )
        connection.commit()
        return connection.serialize()

"""YARG's scores.db."""

import contextlib
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from davproxy.errors import BadInput
from davproxy.formats import yarg_scores
from tests.formats.score_files import yarg_db

ONE, TWO = "1f" * 20, "2e" * 20
PLAYS = [
    ("Anna", ONE, 100, 4, False),
    ("Anna", ONE, 300, 6, True),
    ("Ben", ONE, 200, 255, False),
    ("Ben", TWO, 1, 0, False),
]


def test_the_best_of_each_player_in_each_song_is_read() -> None:
    read = {(each.player, each.sha1): each for each in yarg_scores.parse(yarg_db(PLAYS))}
    assert len(read) == 3
    best = read["Anna", ONE]
    assert (best.plays, best.score, best.stars, best.full_combo, best.percent) == (2, 300, 6, True, 97)
    assert (best.title, best.artist, best.when) == ("Song", "Band", "638000002")
    assert read["Ben", ONE].stars == 0, "the game writes great numbers for no stars"


def test_a_file_in_the_mode_of_a_running_game_is_read() -> None:
    data = bytearray(yarg_db(PLAYS))
    data[18:20] = b"\x02\x02"
    assert len(yarg_scores.parse(bytes(data))) == 3


@settings(deadline=None)
@given(st.integers(0, len(yarg_db(PLAYS)) - 1), st.integers(0, 255))
def test_a_damaged_file_is_refused_or_read(at: int, value: int) -> None:
    data = bytearray(yarg_db(PLAYS))
    data[at] = value
    for damaged in (bytes(data), bytes(data[:at])):
        try:
            yarg_scores.parse(damaged)
        except BadInput:
            continue


def test_what_is_no_table_of_yarg_is_refused() -> None:
    data = yarg_db([]).replace(b"Players", b"Playerz")
    for other in (b"", b"SQLite format 3\0", b"scores", data):
        with pytest.raises(BadInput, match=r"not a scores\.db"):
            yarg_scores.parse(other)


def changed(script: str) -> bytes:
    """A scores.db of PLAYS after this SQL."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(yarg_db(PLAYS))
        connection.executescript(script)
        return connection.serialize()


@pytest.mark.parametrize(
    "script",
    [
        "ALTER TABLE GameRecords DROP COLUMN SongName; ALTER TABLE GameRecords ADD COLUMN SongName AS (hex(Id))",
        "CREATE VIEW Anything AS SELECT 1",
    ],
)
def test_a_file_that_computes_what_it_says_is_refused(script: str) -> None:
    with pytest.raises(BadInput, match=r"not a scores\.db"):
        yarg_scores.parse(changed(script))


def test_long_and_broken_texts_are_cut_and_replaced() -> None:
    script = f"UPDATE GameRecords SET SongName = '{'a' * 9000}', SongArtist = CAST(x'41eda080' AS TEXT)"
    best = yarg_scores.parse(changed(script))[0]
    assert best.title == "a" * 200
    assert best.artist.startswith("A\ufffd")


def test_a_value_that_is_far_too_long_is_refused() -> None:
    with pytest.raises(BadInput, match=r"not a scores\.db"):
        yarg_scores.parse(changed("UPDATE GameRecords SET SongName = hex(zeroblob(10000))"))


@pytest.mark.slow
def test_far_too_many_scores_are_refused() -> None:
    many = f"""
        WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < {yarg_scores.MOST_SCORES + 10})
        INSERT INTO GameRecords (Id, SongChecksum) SELECT i, CAST(printf('%020d', i) AS BLOB) FROM n;
        INSERT INTO PlayerScores (GameRecordId, PlayerId) SELECT Id, CAST('Ben' AS BLOB) FROM GameRecords;
    """
    with pytest.raises(BadInput, match="more than 100,000"):
        yarg_scores.parse(changed(many))

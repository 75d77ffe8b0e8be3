"""Clone Hero's files of scores: what is written is read, and what is no whole file is refused."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadInput
from davproxy.formats import scores
from davproxy.formats.scores import PlayedChart, Row
from tests.formats.score_files import scoredata, scoresext

ROW = st.builds(
    Row, st.just(0), st.integers(0, 3), st.integers(0, 100), st.booleans(), st.integers(1, 1000), st.integers(0, 6),
    st.integers(0, 2**31),
)  # fmt: skip
CHARTS = st.lists(
    st.builds(
        PlayedChart,
        st.binary(min_size=16, max_size=16).map(bytes.hex),
        st.integers(0, 2**24 - 1),
        st.lists(ROW, max_size=1).map(tuple),
    ),
    max_size=5,
    unique_by=lambda chart: chart.identity,
)
TWO = (
    PlayedChart("0f" * 16, 12, (Row(0, 3, 98, False, 100, 5, 123_456), Row(8, 3, 50, False, 100, 2, 9_999_999))),
    PlayedChart("ab" * 16, 70_000, (Row(0, 2, 100, True, 120, 6, 200_000),)),
)
HEAD = 8
"""Bytes of the magic number and the count."""


@given(CHARTS)
def test_what_is_written_is_read(charts: list[PlayedChart]) -> None:
    assert scores.parse(scoredata(charts)) == tuple(charts)


def test_the_file_beside_it_has_the_scores_that_the_game_shows() -> None:
    shown = scores.with_shown_scores(TWO, scoresext(TWO, bonus=500))
    assert [[row.score for row in chart.rows] for chart in shown] == [[123_956, 10_000_499], [200_500]]


def is_refused(read: Callable[[bytes], object], data: bytes) -> bool:
    try:
        read(data)
    except BadInput:
        return True
    return False


show = partial(scores.with_shown_scores, TWO)


def test_every_cut_of_scoredata_is_refused() -> None:
    data = scoredata(TWO)
    assert [length for length in range(len(data)) if not is_refused(scores.parse, data[:length])] == []


def test_every_cut_of_scoresext_is_refused() -> None:
    data = scoresext(TWO)
    assert [length for length in range(len(data)) if not is_refused(show, data[:length])] == []


def _lengths(charts: tuple[PlayedChart, ...], row: int, between: int) -> list[int]:
    """The offsets of magic number, count, and the number of rows of each chart."""
    found, at = list(range(HEAD)), HEAD
    for chart in charts:
        found.append(at + 16)
        at += 17 + between + row * len(chart.rows)
    return found


def flips(data: bytes, offsets: Iterable[int]) -> Iterator[tuple[int, int, bytes]]:
    """Offset and bit, and `data` with that bit changed."""
    for at, bit in product(offsets, range(8)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << bit
        yield at, bit, bytes(flipped)


def test_every_flip_in_magic_counts_and_lengths_of_scoredata_is_refused() -> None:
    flipped = flips(scoredata(TWO), _lengths(TWO, 16, 3))
    assert [(at, bit) for at, bit, data in flipped if not is_refused(scores.parse, data)] == []


def test_flips_of_scoresext_are_refused_or_change_a_score() -> None:
    data, lengths = scoresext(TWO), _lengths(TWO, 11, 0)
    read = [(at, bit) for at, bit, flipped in flips(data, range(len(data))) if not is_refused(show, flipped)]
    assert [(at, bit) for at, bit in read if at in lengths] == []


@given(st.integers(HEAD, len(scoredata(TWO)) - 1), st.integers(0, 255))
def test_another_byte_is_refused_or_read_within_bounds(at: int, value: int) -> None:
    data = bytearray(scoredata(TWO))
    data[at] = value
    try:
        read = scores.parse(bytes(data))
    except BadInput:
        return
    assert all(row.percent <= 100 and row.stars <= 6 and row.difficulty <= 3 for chart in read for row in chart.rows)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    for read in (scores.parse, scores.parse_last_play):
        try:
            read(data)
        except BadInput:
            continue


def test_what_follows_the_last_chart_is_refused() -> None:
    with pytest.raises(BadInput):
        scores.parse(scoredata(TWO) + b"\0")


def test_a_pair_of_different_moments_is_refused() -> None:
    with pytest.raises(BadInput, match="different moments"):
        scores.with_shown_scores(TWO, scoresext(TWO[:1]))


def test_the_older_file_is_refused_with_advice() -> None:
    with pytest.raises(BadInput, match=r"Start Clone Hero 1\.1 once"):
        scores.parse(b"\x01\x00\x00\x00 " + b"0123456789abcdef" * 2 + bytes(20))


def test_the_last_play_is_read() -> None:
    content = {
        "checksum": "AB" * 16, "song_name": "Song", "artist_name": "Band",
        "score_timestamp": "2026-11-30T12:34:56.1234567Z", "band_score": 5, "band_stars": 3,
        "players": [{"score": 100, "stars": 4, "is_fc": False, "instrument": "Guitar"}, {"score": 200, "is_fc": True}],
    }  # fmt: skip
    play = scores.parse_last_play(json.dumps(content).encode())
    assert (play.identity, play.score, play.full_combo) == ("ab" * 16, 200, True)
    assert play.when == "2026-11-30T12:34:56.1234567Z", "all of its digits"


def test_texts_of_the_last_play_can_be_stored_whatever_they_are() -> None:
    content = {"checksum": "ab" * 16, "song_name": "\ud800", "artist_name": "a" * 1000, "score_timestamp": [1]}
    play = scores.parse_last_play(json.dumps(content).encode())
    assert (play.title, play.artist, play.when) == ("\ufffd", "a" * 200, "")

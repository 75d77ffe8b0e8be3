"""Charts for the highway: seconds, lanes and flags of each note."""

import pytest

from davproxy.formats.chart import (
    BLACK_3,
    KICK,
    OPEN,
    TAP,
    YELLOW_CYMBAL,
    YELLOW_DRUM,
    Chart,
    Difficulty,
    Instrument,
    Note,
    Phrase,
    Tempo,
    Track,
)
from webui.api.highway import CYMBAL_FLAG, HOPO_FLAG, TAP_FLAG, highway_chart

GUITAR = Track(
    Instrument.GUITAR,
    Difficulty.EXPERT,
    (Note(0, 0, 192), Note(192, 1), Note(240, 2), Note(384, 3), Note(384, TAP), Note(576, OPEN)),
    star_power=(Phrase(0, 192),),
)
DRUMS = Track(Instrument.DRUMS, Difficulty.HARD, (Note(0, KICK), Note(0, YELLOW_DRUM), Note(0, YELLOW_CYMBAL)))
CHART = Chart(192, {}, (Tempo(0, 60_000),), tracks=(DRUMS, GUITAR))


def test_notes_have_seconds_lanes_and_flags() -> None:
    shown = highway_chart(CHART, "", "", 0.5)
    assert (shown.instrument, shown.difficulty, shown.offset, shown.length) == ("guitar", "expert", -0.5, 3)
    assert shown.notes == [
        (0, 1, [0], 0),
        (1, 0, [1], 0),
        (1.25, 0, [2], HOPO_FLAG),
        (2, 0, [3], TAP_FLAG),
        (3, 0, [-1], 0),
    ]
    assert shown.star_power == [(0, 1)]
    assert [(track.instrument, track.notes) for track in shown.tracks] == [("guitar", 5), ("drums", 1)]


def test_drum_lanes_are_counted_from_the_left_and_the_kick_is_below_them() -> None:
    shown = highway_chart(CHART, "drums", "", 0)
    assert shown.notes == [(0, 0, [-1, 1], CYMBAL_FLAG)]


def test_six_frets_are_white_then_black() -> None:
    notes = (*(Note(0, lane) for lane in range(5)), Note(0, BLACK_3), Note(192, OPEN))
    track = Track(Instrument.GUITAR_GHL, Difficulty.EXPERT, notes)
    shown = highway_chart(Chart(192, tracks=(track,)), "", "", 0)
    assert [note[2] for note in shown.notes] == [
        [0, 1, 2, 3, 4, 5],
        [-1],
    ]


@pytest.mark.parametrize(
    ("offset", "delay", "shown"),
    [("1.5", 0, 1.5), ("-0.25", 0, -0.25), ("1.5", 0.5, -0.5), ("0", 0, 0), ("soon", 0, 0), ("inf", 0, 0)],
)
def test_a_charts_own_offset_counts_unless_the_song_has_a_delay(offset: str, delay: float, shown: float) -> None:
    assert highway_chart(Chart(192, {"Offset": offset}, tracks=(GUITAR,)), "", "", delay).offset == shown


@pytest.mark.parametrize("chart", [Chart(), Chart(tracks=(Track(Instrument.KEYS, Difficulty.EASY),))])
def test_a_chart_without_notes_is_an_empty_highway(chart: Chart) -> None:
    assert highway_chart(chart, "", "", 0).notes == []

"""Charts for the highway: seconds, lanes and flags of each note."""

from dataclasses import replace

import pytest

from davproxy.formats import notes as notes_files
from davproxy.formats import notes_chart
from davproxy.formats.chart import (
    BLACK_3,
    BLUE_DRUM,
    DOUBLE_KICK,
    FIFTH_DRUM,
    GREEN_DRUM,
    KICK,
    OPEN,
    SNARE,
    TAP,
    YELLOW_CYMBAL,
    YELLOW_DRUM,
    Chart,
    Difficulty,
    Event,
    Instrument,
    Note,
    Phrase,
    Tempo,
    Track,
)
from tests.formats.midis import midi
from webui.api.highway import ACCENT, CYMBAL, DOUBLE, GHOST, HOPO, TAP_NOTE, highway_chart

GUITAR = Track(
    Instrument.GUITAR,
    Difficulty.EXPERT,
    (Note(0, 0, 192), Note(192, 1), Note(240, 2), Note(384, 3), Note(384, TAP), Note(576, OPEN)),
    star_power=(Phrase(0, 192),),
    solos=(Phrase(192, 192),),
)
DRUMS = Track(
    Instrument.DRUMS,
    Difficulty.HARD,
    (
        *(Note(0, lane) for lane in (KICK, SNARE, YELLOW_DRUM, BLUE_DRUM, BLUE_DRUM + 33, SNARE + 39, YELLOW_CYMBAL)),
        Note(192, DOUBLE_KICK),
    ),
)
CHART = Chart(192, {}, (Tempo(0, 60_000),), tracks=(DRUMS, GUITAR))


def test_each_note_has_seconds_its_own_length_a_lane_and_flags() -> None:
    shown = highway_chart(CHART, {"delay": "500"})
    assert (shown.instrument, shown.difficulty, shown.offset, shown.length, shown.lanes) == (
        "guitar", "expert", -0.5, 3, 5,
    )  # fmt: skip
    assert shown.notes == [(0, 1, 0, 0), (1, 0, 1, 0), (1.25, 0, 2, HOPO), (2, 0, 3, TAP_NOTE), (3, 0, -1, 0)]
    assert (shown.star_power, shown.solos) == ([(0, 1)], [(1, 2)])
    assert [(track.instrument, track.notes, track.peak) for track in shown.tracks] == [
        ("guitar", 5, 3),
        ("drums", 5, 5),
    ]


@pytest.mark.parametrize(
    ("metadata", "times"),
    [
        ({}, [1.25]),
        ({"hopo_frequency": "47"}, []),
        ({"hopo_frequency": "192"}, [1, 1.25, 3]),
        ({"eighthnote_hopo": "True"}, [1.25, 1.75]),
    ],
)
def test_hammer_ons_follow_the_threshold_of_the_song(metadata: dict[str, str], times: list[float]) -> None:
    notes = (*GUITAR.notes, Note(336, 4)) if "eighthnote_hopo" in metadata else GUITAR.notes
    chart = replace(CHART, tracks=(replace(GUITAR, notes=tuple(sorted(notes))),))
    read = notes_files.parse("notes.chart", notes_chart.render(chart), metadata)
    assert [time for time, _, _, flags in highway_chart(read, metadata).notes if flags & HOPO] == times


@pytest.mark.parametrize("metadata", [{}, {"hopo_frequency": "250"}, {"eighthnote_hopo": "True"}])
def test_what_a_midi_file_forces_is_shown_at_any_threshold(metadata: dict[str, str]) -> None:
    keys = [(0, 96, 10), (240, 97, 10), (480, 96, 10), (720, 97, 10), (240, 101, 10), (720, 102, 10)]
    read = notes_files.parse("notes.mid", midi({"PART GUITAR": keys}), metadata)
    hammer_ons = [bool(flags & HOPO) for *_, flags in highway_chart(read, metadata).notes]
    assert hammer_ons == [False, True, bool(metadata), False]


def test_the_sustains_of_a_midi_file_are_cut_at_the_songs_own_threshold() -> None:
    data, metadata = midi({"PART GUITAR": [(0, 96, 80), (480, 96, 120)]}), {"sustain_cutoff_threshold": "80"}
    assert [note[1] > 0 for note in highway_chart(notes_files.parse("notes.mid", data), {}).notes] == [False, False]
    read = notes_files.parse("notes.mid", data, metadata)
    assert [note[1] > 0 for note in highway_chart(read, metadata).notes] == [False, True]


def test_short_sustains_are_cut_and_solos_stay_those_of_a_chart_in_text() -> None:
    assert highway_chart(CHART, {"sustain_cutoff_threshold": "191"}).notes[0][1] == 1
    assert highway_chart(CHART, {"sustain_cutoff_threshold": "192"}).notes[0][1] == 0
    shown = highway_chart(CHART, {"multiplier_note": "103"})
    assert (shown.star_power, shown.solos) == ([(0, 1)], [(1, 2)])


def test_drums_have_lanes_from_the_left_and_marks_of_their_own() -> None:
    assert highway_chart(CHART, {}, "drums").notes == [
        (0, 0, -1, 0),
        (0, 0, 0, GHOST),
        (0, 0, 1, CYMBAL),
        (0, 0, 2, ACCENT),
        (1, 0, -1, DOUBLE),
    ]


def test_five_lanes_keep_orange_and_green_apart() -> None:
    track = Track(Instrument.DRUMS, Difficulty.EXPERT, (Note(0, GREEN_DRUM), Note(192, FIFTH_DRUM)))
    shown = highway_chart(Chart(192, tracks=(track,)), {})
    assert (shown.lanes, [note[2] for note in shown.notes]) == (5, [3, 4])
    four = Track(Instrument.DRUMS, Difficulty.EXPERT, (Note(0, GREEN_DRUM),))
    assert highway_chart(Chart(192, tracks=(four,)), {}).lanes == 4
    assert highway_chart(Chart(192, tracks=(four,)), {"five_lane_drums": "True"}).lanes == 5


def test_six_frets_are_white_then_black() -> None:
    notes = (*(Note(0, lane) for lane in range(5)), Note(0, BLACK_3), Note(192, OPEN))
    track = Track(Instrument.GUITAR_GHL, Difficulty.EXPERT, notes)
    shown = highway_chart(Chart(192, tracks=(track,)), {})
    assert ([note[2] for note in shown.notes], shown.lanes) == ([0, 1, 2, 3, 4, 5, -1], 3)


def test_lyrics_come_in_lines_by_phrase_or_by_pause() -> None:
    words = (Event(0, "lyric One"), Event(192, "lyric two"), Event(960, "lyric three"))
    assert highway_chart(Chart(192, tempos=(Tempo(0, 60_000),), events=words), {}).lyrics == [
        [(0, "One"), (1, "two")],
        [(5, "three")],
    ]
    phrases = (Event(0, "phrase_start"), words[0], Event(192, "phrase_start"), *words[1:])
    shown = highway_chart(Chart(192, tempos=(Tempo(0, 60_000),), events=phrases), {})
    assert [[text for _, text in line] for line in shown.lyrics] == [["One"], ["two", "three"]]


@pytest.mark.parametrize(
    ("offset", "delay", "shown"),
    [("1.5", 0, 1.5), ("-0.25", 0, -0.25), ("1.5", 500, -0.5), ("0", 0, 0), ("soon", 0, 0), ("inf", 0, 0)],
)
def test_a_charts_own_offset_counts_unless_the_song_has_a_delay(offset: str, delay: int, shown: float) -> None:
    assert highway_chart(Chart(192, {"Offset": offset}, tracks=(GUITAR,)), {"delay": str(delay)}).offset == shown


@pytest.mark.parametrize("chart", [Chart(), Chart(tracks=(Track(Instrument.KEYS, Difficulty.EASY),))])
def test_a_chart_without_notes_is_an_empty_highway(chart: Chart) -> None:
    assert highway_chart(chart, {}).notes == []

"""Summaries of charts."""

import json

import pytest
from hypothesis import given

from davproxy.formats.chart import Chart, Difficulty, Event, Instrument, Note, Phrase, Tempo, Track
from davproxy.formats.summary import BINS, SectionSummary, summarise
from tests.formats.charts import charts

GUITAR = Track(
    Instrument.GUITAR,
    Difficulty.EXPERT,
    (*(Note(tick, lane) for tick in range(0, 1000, 100) for lane in (0, 1)), Note(1900, 2, 100)),
    star_power=(Phrase(0, 100),),
)
DRUMS = Track(Instrument.DRUMS, Difficulty.EASY, (Note(0, 0), Note(0, 1), Note(0, 66), Note(1000, 1)))
CHART = Chart(
    resolution=100,
    tempos=(Tempo(0, 60_000), Tempo(1000, 120_000)),
    events=(Event(0, "section Intro"), Event(1000, "section Verse"), Event(0, "lyric La")),
    tracks=(GUITAR, DRUMS, Track(Instrument.BASS, Difficulty.HARD)),
)


def test_a_chart_is_summed_up() -> None:
    summary = summarise(CHART)
    assert summary.length == 15_000
    assert (summary.slowest, summary.fastest) == (60, 120)
    assert (summary.has_lyrics, summary.has_vocals) == (True, False)
    assert summary.sections == (SectionSummary("Intro", 0), SectionSummary("Verse", 10_000))
    assert [(track.instrument, track.difficulty) for track in summary.tracks] == [
        (Instrument.GUITAR, Difficulty.EXPERT),
        (Instrument.DRUMS, Difficulty.EASY),
    ]


def test_chords_count_once_on_a_guitar_and_each_drum_counts() -> None:
    guitar, drums = summarise(CHART).tracks
    assert (guitar.notes, drums.notes) == (11, 3)
    assert guitar.average == pytest.approx(11 / 14.5, abs=1e-3)
    assert (guitar.has_star_power, drums.has_star_power) == (True, False)


def test_the_peak_is_the_densest_second() -> None:
    notes = tuple(Note(tick, 0) for tick in (0, 500, 1000, 1020, 1040, 1060, 1110))
    (track,) = summarise(Chart(100, {}, (Tempo(0, 60_000),), tracks=(Track(*KEYS, notes),))).tracks
    assert (track.peak, track.peak_at) == (4, 10_000)


KEYS = (Instrument.KEYS, Difficulty.EXPERT)


def test_density_says_where_the_notes_are() -> None:
    guitar, _ = summarise(CHART).tracks
    assert guitar.density[0] == 1
    assert guitar.density[int(14.5 / 15 * BINS)] == 1


def test_a_chart_without_notes_is_summed_up_too() -> None:
    summary = summarise(Chart())
    assert (summary.length, summary.tracks, summary.slowest) == (0, (), 120)


def test_a_hostile_chart_has_a_short_summary() -> None:
    chart = Chart(events=tuple(Event(tick, "section " + "x" * 10_000) for tick in range(2000)))
    assert len(json.dumps(summarise(chart).as_json())) < 100_000


@given(charts)
def test_any_chart_has_a_summary_that_can_be_sent(chart: Chart) -> None:
    summary = summarise(chart)
    assert json.loads(json.dumps(summary.as_json()))["length"] == summary.length
    for track in summary.tracks:
        assert sum(track.density) == track.notes >= track.peak > 0

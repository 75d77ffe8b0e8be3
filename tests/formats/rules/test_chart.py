"""Rules for a whole chart."""

from dataclasses import replace

import pytest

from davproxy.formats.chart import Chart, Difficulty, Event, Instrument, Note, Tempo, TimeSignature, Track, Violation
from davproxy.formats.rules import chart as chart_rules
from davproxy.formats.rules.problem import Severity
from tests.formats.rules.songs import BEAT, CHART, TEXTS, guitar

SEVEN_EIGHT = TimeSignature(8 * BEAT, 7, 8)
EXPERT, HARD, *_ = CHART.tracks


def codes(chart: Chart) -> list[str]:
    return [problem.code for problem in chart_rules.check(chart, TEXTS)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"tracks": ()}, ["noNotes"]),
        ({"tracks": (Track(Instrument.GUITAR, Difficulty.EXPERT),)}, ["noNotes"]),
        ({"tracks": (), "has_vocals": True}, []),
        ({"tracks": (HARD,)}, ["noExpert"]),
        ({"tracks": (EXPERT, replace(EXPERT, difficulty=Difficulty.HARD))}, ["difficultyNotReduced"]),
        ({"tempos": (Tempo(0, 120_000),)}, ["isDefaultBPM"]),
        ({"tempos": ()}, ["isDefaultBPM"]),
        ({"tempos": (Tempo(0, 120_000), Tempo(BEAT, 121_000))}, []),
        ({"tempos": (Tempo(0, 120_000),), "time_signatures": (TimeSignature(0, 3),)}, []),
        ({"events": (Event(204 * BEAT, "end"),)}, ["noSections"]),
        ({"events": (Event(0, "section A"), Event(100 * BEAT, "end"))}, ["badEndEvent"]),
        ({"events": (Event(0, "section A"), Event(204 * BEAT, "end"), Event(205 * BEAT, "end"))}, ["badEndEvent"]),
        ({"events": (Event(0, "section A"), Event(400 * BEAT, "end"))}, ["badEndEvent"]),
        ({"events": (Event(0, "section A"),)}, []),
        ({"time_signatures": (TimeSignature(0), SEVEN_EIGHT)}, []),
        ({"time_signatures": (SEVEN_EIGHT, TimeSignature(15 * BEAT, 4))}, []),
        ({"time_signatures": (SEVEN_EIGHT, TimeSignature(16 * BEAT, 4))}, ["misalignedTimeSignature"]),
        ({"time_signatures": (TimeSignature(BEAT, 3), TimeSignature(4 * BEAT, 3))}, ["misalignedTimeSignature"]),
    ],
)
def test_charts_are_judged(changes: dict[str, object], expected: list[str]) -> None:
    assert codes(replace(CHART, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("violation", Violation)
def test_what_the_file_does_against_its_format_is_a_problem(violation: Violation) -> None:
    (problem,) = chart_rules.check(replace(CHART, violations=frozenset({violation})), TEXTS)
    assert problem.code == violation
    refused = violation in (Violation.FORMAT, Violation.LONE_TRACK)
    assert (problem.severity is Severity.REFUSED) == refused


def test_a_chart_without_notes_is_refused() -> None:
    (problem,) = chart_rules.check(replace(CHART, tracks=()), TEXTS)
    assert problem.severity is Severity.REFUSED


def test_without_a_length_an_end_event_may_be_late() -> None:
    chart = replace(CHART, events=(Event(0, "section A"), Event(400 * BEAT, "end")))
    assert chart_rules.check(chart, {key: value for key, value in TEXTS.items() if key != "song_length"}) == []


def test_a_problem_says_where_it_is_and_how_often() -> None:
    broken = (Note(20 * BEAT + 1, 3), Note(30 * BEAT + 1, 3))
    chart = replace(CHART, tracks=(guitar(Difficulty.EXPERT, *broken), *CHART.tracks[1:]))
    (problem,) = chart_rules.check(chart, TEXTS)
    assert (problem.code, problem.instrument, problem.difficulty) == ("brokenNote", "guitar", "expert")
    assert (problem.tick, problem.count) == (20 * BEAT + 1, 2)
    assert problem.seconds == pytest.approx((20 * BEAT + 1) / BEAT * 60 / 110, abs=1e-3)


def test_short_sustains_count_as_none_where_song_ini_says_so() -> None:
    chart = replace(CHART, tracks=(guitar(Difficulty.EXPERT, Note(210 * BEAT, 0, 10)),), events=CHART.events[:1])
    assert codes(chart) == ["babySustain"]
    assert chart_rules.check(chart, TEXTS | {"sustain_cutoff_threshold": "10"}) == []

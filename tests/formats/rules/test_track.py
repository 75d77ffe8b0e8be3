"""Rules for one track."""

from dataclasses import replace

import pytest

from davproxy.formats.chart import FORCE_FLIP, OPEN, TAP, Chart, Difficulty, Instrument, Note, Phrase, Tempo, Track
from davproxy.formats.rules import track as track_rules
from davproxy.formats.rules.track import Played
from davproxy.formats.tempo_map import TempoMap
from tests.formats.rules.songs import BEAT, guitar

TIMES = TempoMap(BEAT, [Tempo(0, 60_000)])  # a beat is a second, a tick 5.2 ms
EXPERT, HARD, MEDIUM, EASY = Difficulty
G, R, Y, B, ORANGE = range(5)


def codes(track: Track, hopo_threshold: int = 0) -> list[str]:
    played = Played.of(track, Chart(BEAT, hopo_threshold=hopo_threshold), TIMES)
    return [problem.code for problem in track_rules.check(played, TIMES)]


def track(*notes: Note, instrument: Instrument = Instrument.GUITAR, difficulty: Difficulty = EXPERT) -> Track:
    return Track(instrument, difficulty, tuple(sorted(notes)))


def chord(*lanes: int) -> tuple[Note, ...]:
    return tuple(Note(4 * BEAT, lane) for lane in lanes)


@pytest.mark.parametrize(
    ("difficulty", "lanes", "expected"),
    [
        (EXPERT, (G, R, Y, B), []),
        (EXPERT, (G, R, Y, B, ORANGE), ["invalidChord"]),
        (HARD, (G, ORANGE), ["difficultyForbiddenNote"]),
        (HARD, (R, ORANGE), []),
        (MEDIUM, (ORANGE,), ["difficultyForbiddenNote"]),
        (MEDIUM, (G, B), ["difficultyForbiddenNote"]),
        (MEDIUM, (R, B), []),
        (EASY, (B,), ["difficultyForbiddenNote"]),
        (EASY, (ORANGE,), ["difficultyForbiddenNote"]),
        (EASY, (G, Y), []),
    ],
)
def test_five_fret_chords(difficulty: Difficulty, lanes: tuple[int, ...], expected: list[str]) -> None:
    assert codes(track(*chord(*lanes), difficulty=difficulty)) == expected


@pytest.mark.parametrize(
    ("difficulty", "lanes", "expected"),
    [
        (EXPERT, (0, 1, 2), []),
        (EXPERT, (0, 1, 2, 3), ["invalidChord"]),
        (EXPERT, (1, 4, 0), ["invalidChord"]),
        (EXPERT, (2, 8, 1), ["invalidChord"]),
        (HARD, (0, 1, 8), ["difficultyForbiddenNote"]),
        (HARD, (0, 1, 2), []),
        (MEDIUM, (0, 1, 2), ["difficultyForbiddenNote"]),
        (MEDIUM, (0, 4), ["difficultyForbiddenNote"]),
        (MEDIUM, (0, 3), []),
        (EASY, (0, 1), []),
        (EASY, (0, 2), ["difficultyForbiddenNote"]),
    ],
)
def test_six_fret_chords(difficulty: Difficulty, lanes: tuple[int, ...], expected: list[str]) -> None:
    assert codes(track(*chord(*lanes), instrument=Instrument.GUITAR_GHL, difficulty=difficulty)) == expected


@pytest.mark.parametrize(
    ("difficulty", "lanes", "expected"),
    [
        (EXPERT, (0, 32, 1, 2), []),
        (EXPERT, (1, 2, 3), ["invalidChord"]),
        (EXPERT, (3, 4, 5), []),
        (EXPERT, (1, 4, 5), ["invalidChord"]),
        (HARD, (32,), ["difficultyForbiddenNote"]),
        (EASY, (0, 1, 2), ["difficultyForbiddenNote"]),
        (EASY, (1, 2), []),
        (MEDIUM, (0, 1, 2), []),
    ],
)
def test_drum_chords(difficulty: Difficulty, lanes: tuple[int, ...], expected: list[str]) -> None:
    assert codes(track(*chord(*lanes), instrument=Instrument.DRUMS, difficulty=difficulty)) == expected


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ([Note(383, G)], ["smallLeadingSilence"]),
        ([Note(384, G)], []),
        ([Note(400, G), Note(402, R)], ["brokenNote"]),
        ([Note(400, G), Note(403, R)], []),
        ([Note(400, G), Note(402, OPEN)], []),
        ([Note(400, OPEN), Note(402, OPEN)], ["brokenNote"]),
        ([Note(400, G, 19)], ["babySustain"]),
        ([Note(400, G, 20)], []),
        ([Note(400, G, 19), Note(410, OPEN)], []),
        ([Note(400, G, 19), Note(410, OPEN), Note(410, FORCE_FLIP)], ["babySustain"]),
        ([Note(400, G, 19), Note(410, OPEN), Note(410, FORCE_FLIP), Note(410, TAP)], []),
        ([Note(400, G, 40), Note(440, R)], ["badSustainGap"]),
        ([Note(400, G, 40), Note(447, R)], ["badSustainGap"]),
        ([Note(400, G, 40), Note(448, R)], []),
        ([Note(400, G, 40), Note(430, R)], []),
        ([Note(400, G, 400), Note(440, G)], ["badSustainGap"]),
        ([Note(400, OPEN, 40), Note(440, R)], []),
    ],
)
def test_timing_and_sustains(notes: list[Note], expected: list[str]) -> None:
    assert codes(track(*notes)) == expected


def test_phrases_hold_notes() -> None:
    notes = (Note(4 * BEAT, G), Note(8 * BEAT, R))
    good, empty = Phrase(4 * BEAT, 0), Phrase(5 * BEAT, 3 * BEAT)
    plain = track(*notes)
    assert codes(replace(plain, star_power=(good,), solos=(good,), rolls=(good,), swells=(good,))) == []
    assert codes(replace(plain, star_power=(good, empty))) == ["emptyStarPower"]
    assert codes(replace(plain, solos=(good, empty))) == ["emptySoloSection"]
    assert codes(replace(plain, rolls=(empty,), swells=(good, empty))) == ["emptyFlexLane"]


def test_long_tracks_need_star_power_and_drums_a_way_to_use_it() -> None:
    long = guitar(EXPERT)
    drums = replace(long, instrument=Instrument.DRUMS)
    assert codes(long) == []
    assert codes(replace(long, star_power=())) == ["noStarPower"]
    assert codes(replace(long, star_power=(), notes=long.notes[:50])) == []
    assert codes(drums) == ["noDrumActivationLanes"]
    assert codes(replace(drums, fills=(Phrase(36 * BEAT, BEAT),))) == []
    assert codes(replace(drums, star_power=())) == []


def test_a_sustain_may_be_short_only_before_a_hammer_on_by_the_threshold_of_the_song() -> None:
    notes = track(Note(400, G, 19), Note(410, OPEN))
    assert codes(notes, 10) == []
    assert codes(notes, 9) == ["babySustain"]

"""Rules for one track: chords for its difficulty, sustains, star power, solos, roll lanes."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from davproxy.formats.chart import (
    BLACK_3,
    BLUE,
    BLUE_DRUM,
    DOUBLE_KICK,
    FIFTH_DRUM,
    GREEN,
    GREEN_DRUM,
    KICK,
    OPEN,
    ORANGE,
    TAP,
    Chart,
    Difficulty,
    Family,
    Note,
    Phrase,
    Track,
)
from davproxy.formats.rules.problem import Problem, Severity
from davproxy.formats.tempo_map import TempoMap

LEAD_IN = 2.0
"""Seconds before the first note, in which a player gets ready."""
SHORTEST_SUSTAIN = 0.100
"""Seconds."""
SHORTEST_GAP = 0.040
"""Seconds between the end of a sustain and the next note."""
CLOSEST = 0.015
"""Seconds. Notes that are no further apart are a mistake."""
_ROUNDING = 1e-6
MANY_NOTES, LONG_TIME = 50, 60.0
"""A track with more notes and more seconds needs star power."""

_MESSAGES = {
    "smallLeadingSilence": f"The first note comes within the first {LEAD_IN:g} seconds; nobody can be ready for it.",
    "noStarPower": "This track has no star power.",
    "emptyStarPower": "A star power phrase holds no note.",
    "emptySoloSection": "A solo holds no note.",
    "noDrumActivationLanes": "These drums have star power, but no drum fills to activate it.",
    "emptyFlexLane": "A roll lane holds no note.",
    "difficultyForbiddenNote": "A note or chord is too hard for this difficulty.",
    "invalidChord": "A chord has more notes than players can be asked for.",
    "brokenNote": f"Two notes are no more than {CLOSEST * 1000:g} ms apart; they were probably meant as one.",
    "badSustainGap": f"A note comes less than {SHORTEST_GAP * 1000:g} ms after a sustain ends.",
    "babySustain": f"A sustain is shorter than {SHORTEST_SUSTAIN * 1000:g} ms.",
}
_WARNINGS = frozenset({"noStarPower", "noDrumActivationLanes"})

Chord = tuple[Note, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A track as it is played: its chords, with sustains cut as games cut them, and their starts in seconds."""

    track: Track
    chart: Chart
    chords: list[Chord]
    starts: list[float]

    @classmethod
    def of(cls, track: Track, chart: Chart, times: TempoMap, cutoff: int = -1) -> "Played":
        """`cutoff` is sustain_cutoff_threshold: a note of at most that many ticks is not held."""
        chords = _cut_sustains(track.chords(), cutoff)
        return cls(track, chart, chords, times.seconds_of(chord[0].tick for chord in chords))


def _cut_sustains(chords: list[Chord], cutoff: int) -> list[Chord]:
    """`chords` with a sustain cut where a note begins in its lane; the note is held for the rest of the sustain."""
    changed: dict[tuple[int, int], int] = {}
    held: dict[int, tuple[int, int]] = {}
    for chord in chords:
        for note in chord:
            length = note.length if note.length > cutoff else 0
            if held and note.lane in held:
                start, end = held.pop(note.lane)
                if end > note.tick:
                    changed[start, note.lane] = note.tick - start
                    length = max(length, end - note.tick)
            if length:
                held[note.lane] = note.tick, note.tick + length
            if length != note.length:
                changed[note.tick, note.lane] = length
    if not changed:
        return chords
    return [
        tuple(replace(n, length=changed[n.tick, n.lane]) if (n.tick, n.lane) in changed else n for n in chord)
        for chord in chords
    ]


def check(played: Played, times: TempoMap) -> Iterator[Problem]:
    """The problems of one track that has notes."""
    track = played.track
    drums = track.instrument.family is Family.DRUMS
    too_hard, too_wide = _CHORD_RULES[track.instrument.family]
    starts = [chord[0].tick for chord in played.chords]
    shapes = [tuple(note.lane for note in chord) for chord in played.chords]
    hard = {shape for shape in set(shapes) if too_hard(frozenset(shape), track.difficulty)}
    wide = {shape for shape in set(shapes) if too_wide(frozenset(shape))}
    ticks_by_code: dict[str, Iterable[int]] = {
        "smallLeadingSilence": starts[:1] if played.starts[0] < LEAD_IN else [],
        "noStarPower": _if_missing(played, not track.star_power and not drums),
        "emptyStarPower": _empty_phrases(track.star_power, starts),
        "emptySoloSection": _empty_phrases(track.solos, starts),
        "noDrumActivationLanes": _if_missing(played, drums and bool(track.star_power) and not track.fills),
        "emptyFlexLane": _empty_phrases((*track.rolls, *track.swells), starts),
        "difficultyForbiddenNote": _ticks_of(starts, shapes, hard),
        "invalidChord": _ticks_of(starts, shapes, wide),
        "brokenNote": _split_chords(played),
        "badSustainGap": [] if drums else _bad_gaps(played, times),
        "babySustain": [] if drums else _short_sustains(played, times),
    }
    for code, ticks in ticks_by_code.items():
        ticks = list(ticks)
        if ticks:
            yield Problem(
                code,
                Severity.WARNING if code in _WARNINGS else Severity.ERROR,
                _MESSAGES[code],
                track.instrument,
                track.difficulty,
                tick=ticks[0],
                seconds=round(times.seconds(ticks[0]), 3),
                count=len(ticks),
            )


def _ticks_of(starts: list[int], shapes: list[tuple[int, ...]], wanted: set[tuple[int, ...]]) -> list[int]:
    return [tick for tick, shape in zip(starts, shapes, strict=True) if shape in wanted] if wanted else []


def _if_missing(played: Played, missing: bool) -> list[int]:
    """The first tick of a track that is long enough to need it, if it is `missing`."""
    long = len(played.chords) > MANY_NOTES and played.starts[-1] - played.starts[0] > LONG_TIME
    return [played.chords[0][0].tick] if missing and long else []


def _empty_phrases(phrases: Iterable[Phrase], starts: Sequence[int]) -> Iterator[int]:
    for phrase in phrases:
        first = bisect_left(starts, phrase.tick)
        if first == len(starts) or starts[first] >= phrase.tick + max(phrase.length, 1):
            yield phrase.tick


def _split_chords(played: Played) -> Iterator[int]:
    for index, (before, now) in enumerate(pairwise(played.starts)):
        if now - before <= CLOSEST:
            earlier, chord = played.chords[index : index + 2]
            # An open note just beside a fretted one is a known style.
            if any(note.lane == OPEN for note in earlier) == any(note.lane == OPEN for note in chord):
                yield chord[0].tick


def _bad_gaps(played: Played, times: TempoMap) -> Iterator[int]:
    """The ticks of notes that come too soon after the end of a sustain; open sustains do not count."""
    ends = sorted(
        times.seconds(note.tick + note.length)
        for chord in played.chords
        for note in chord
        if note.length and note.lane != OPEN
    )
    for start, chord in zip(played.starts, played.chords, strict=True):
        ended = bisect_right(ends, start)
        if ended and start < ends[ended - 1] + SHORTEST_GAP - _ROUNDING:
            yield chord[0].tick


def _short_sustains(played: Played, times: TempoMap) -> Iterator[int]:
    slurred: Callable[[], frozenset[int]] = cache(lambda: _slur_ticks(played))
    for index, (start, chord) in enumerate(zip(played.starts, played.chords, strict=True)):
        for note in chord:
            end = note.tick + note.length
            if note.length and times.seconds(end) - start < SHORTEST_SUSTAIN - _ROUNDING:
                following = played.chords[index + 1] if index + 1 < len(played.chords) else ()
                # A sustain that ends in an open note without a strum is a known style.
                if not any(n.lane == OPEN and n.tick < end and n.tick in slurred() for n in following):
                    yield note.tick


def _slur_ticks(played: Played) -> frozenset[int]:
    """The ticks of notes that need no strum."""
    taps = frozenset(note.tick for note in played.track.notes if note.lane == TAP)
    return taps | played.track.hammer_ons(played.chart.resolution, played.chart.hopo_threshold)


def _five_fret_too_hard(lanes: frozenset[int], difficulty: Difficulty) -> bool:
    match difficulty:
        case Difficulty.HARD:
            return {GREEN, ORANGE} <= lanes
        case Difficulty.MEDIUM:
            return ORANGE in lanes or {GREEN, BLUE} <= lanes
        case Difficulty.EASY:
            return bool(lanes & {BLUE, ORANGE})
    return False


def _five_fret_too_wide(lanes: frozenset[int]) -> bool:
    return len(lanes - {OPEN}) == 5


_WHITES, _BLACKS = frozenset({0, 1, 2}), frozenset({3, 4, BLACK_3})
_FIRSTS, _SECONDS, _THIRDS = frozenset({0, 3}), frozenset({1, 4}), frozenset({2, BLACK_3})


def _six_fret_too_hard(lanes: frozenset[int], difficulty: Difficulty) -> bool:
    mixed = bool(lanes & _WHITES) and bool(lanes & _BLACKS)
    match difficulty:
        case Difficulty.HARD:
            return len(lanes) == 3 and mixed
        case Difficulty.MEDIUM:
            return len(lanes) == 3 or (len(lanes) == 2 and mixed and lanes not in (_FIRSTS, _SECONDS, _THIRDS))
        case Difficulty.EASY:
            return len(lanes) == 3 or (len(lanes) == 2 and lanes not in ({0, 1}, {1, 2}))
    return False


def _six_fret_too_wide(lanes: frozenset[int]) -> bool:
    second_and_first = lanes >= _SECONDS and lanes & _FIRSTS
    third_and_lower = lanes >= _THIRDS and lanes & (_FIRSTS | _SECONDS)
    return len(lanes) > 3 or bool(second_and_first) or bool(third_and_lower)


def _hands(lanes: frozenset[int]) -> int:
    """How many drums are hit by hand. The fifth lane is another drum only beside the fourth."""
    hit = lanes - {KICK, DOUBLE_KICK}
    if {GREEN_DRUM, FIFTH_DRUM} <= hit:
        return len(hit - {FIFTH_DRUM} | {BLUE_DRUM})
    return len(hit)


def _drums_too_hard(lanes: frozenset[int], difficulty: Difficulty) -> bool:
    if difficulty is not Difficulty.EXPERT and DOUBLE_KICK in lanes:
        return True
    return difficulty is Difficulty.EASY and _hands(lanes) == 2 and KICK in lanes


def _drums_too_wide(lanes: frozenset[int]) -> bool:
    return _hands(lanes) >= 3


_CHORD_RULES: dict[Family, tuple[Callable[[frozenset[int], Difficulty], bool], Callable[[frozenset[int]], bool]]] = {
    Family.FIVE_FRET: (_five_fret_too_hard, _five_fret_too_wide),
    Family.SIX_FRET: (_six_fret_too_hard, _six_fret_too_wide),
    Family.DRUMS: (_drums_too_hard, _drums_too_wide),
}

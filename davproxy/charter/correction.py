"""What a person corrects of a generated chart."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Self

from davproxy.errors import BadInput

RATES = {"": Fraction(1), "x2": Fraction(2), "/2": Fraction(1, 2), "x3": Fraction(3), "/3": Fraction(1, 3)}
"""The values of `tempo`: how many beats there are for each one that was found."""
DENSITIES = {"": 1.0, "fewer": 0.75, "more": 1.3}
"""The values of `density`: about how many notes are charted for each one without it."""
SLOWEST, FASTEST = 20.0, 400.0  # beats a minute
MOST_SHIFTED = 6  # beats
FEWEST_BEATS, MOST_BEATS = 2, 7  # of a bar
FARTHEST = 0.5  # seconds
MOST_MUTED = 100  # ranges


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says against the chart that is made without them; each default agrees with it.

    `tempo` is one of RATES, or `bpm` the tempo that they tapped: the beat becomes the one that is nearest to it. Bars
    have `beats_per_bar` beats, and begin `bar_shift` beats later. The whole grid moves by `offset` seconds. `density`
    is one of DENSITIES. No notes are charted in the ranges `muted`, (start, end) in seconds of the recording.
    """

    tempo: str = ""
    bpm: float = 0.0
    bar_shift: int = 0
    beats_per_bar: int = 0
    offset: float = 0.0
    density: str = ""
    muted: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The correction from JSON values. Raises BadInput with the name of what is wrong."""
        if unknown := set(given) - {each.name for each in fields(cls)}:
            raise BadInput(f"{min(unknown)}: there is no such correction.")
        tempo, bpm = _one_of(given, "tempo", RATES), _number(given, "bpm")
        if bpm and not SLOWEST <= bpm <= FASTEST:
            raise BadInput(f"bpm: must be 0, or from {SLOWEST:g} to {FASTEST:g}.")
        if bpm and tempo:
            raise BadInput("bpm: give either a tapped tempo or a multiple of the one that was found.")
        shift, beats = _whole(given, "bar_shift"), _whole(given, "beats_per_bar")
        if abs(shift) > MOST_SHIFTED:
            raise BadInput(f"bar_shift: must be from -{MOST_SHIFTED} to {MOST_SHIFTED}.")
        if beats and not FEWEST_BEATS <= beats <= MOST_BEATS:
            raise BadInput(f"beats_per_bar: must be 0, or from {FEWEST_BEATS} to {MOST_BEATS}.")
        offset = _number(given, "offset")
        if abs(offset) > FARTHEST:
            raise BadInput(f"offset: must be from -{FARTHEST} to {FARTHEST} seconds.")
        return cls(tempo, bpm, shift, beats, offset, _one_of(given, "density", DENSITIES), _muted(given))

    @property
    def moves_beats(self) -> bool:
        """Whether it is about the grid."""
        return any((self.tempo, self.bpm, self.bar_shift, self.beats_per_bar, self.offset))


NOTHING = Correction()


@dataclass(frozen=True, slots=True)
class FoundBeat:
    """The beat without a correction, from which corrections count: its typical tempo, `bpm`; how many of them a bar
    has; and the time of a `downbeat`, in seconds of the recording."""

    bpm: float
    beats_per_bar: int
    downbeat: float


def _one_of(given: Mapping[str, Any], name: str, values: Mapping[str, object]) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or value not in values:
        raise BadInput(f"{name}: must be one of {', '.join(filter(None, values))}, or empty.")
    return value


def _number(given: Mapping[str, Any], name: str) -> float:
    value = given.get(name, 0.0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
        raise BadInput(f"{name}: must be a number.")
    return float(value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that is larger than any float
        return False


def _whole(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(f"{name}: must be a whole number.")
    return value


def _muted(given: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """The muted ranges in order, joined where they overlap."""
    ranges = given.get("muted", ())
    if not isinstance(ranges, Sequence) or isinstance(ranges, str):
        raise BadInput("muted: must be a list of ranges.")
    if len(ranges) > MOST_MUTED:
        raise BadInput(f"muted: must be at most {MOST_MUTED} ranges.")
    joined: list[tuple[float, float]] = []
    for start, end in sorted(_range(each) for each in ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _range(given: object) -> tuple[float, float]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 2:
        raise BadInput("muted: each range has a start and an end.")
    start, end = (_number({"muted": value}, "muted") for value in given)
    if not 0 <= start < end:
        raise BadInput("muted: each range ends after it starts, which is not before 0.")
    return start, end

"""The grid: the times of the beats and downbeats of a song."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Segment:
    """A tempo: `bpm` beats a minute from `beat`, which is at `seconds`, to the next segment."""

    beat: float
    seconds: float
    bpm: float


def segments_through(beats: NDArray[np.float64], seconds: NDArray[np.float64]) -> tuple[Segment, ...]:
    """The segments through the points (beats, seconds), both (points,), at least two, strictly ascending. Each BPM is
    rounded to three decimals, as in charts; the next segment starts where the rounded tempo ends and aims at its own
    end, so rounding errors do not add up."""
    now = float(seconds[0])
    found: list[Segment] = []
    for start, end, goal in zip(beats, beats[1:], seconds[1:], strict=False):
        bpm = round(60 * float(end - start) / (float(goal) - now), 3)
        if not found or bpm != found[-1].bpm:
            found.append(Segment(float(start), now, bpm))
        now += float(end - start) * 60 / bpm
    return tuple(found)


@dataclass(frozen=True)
class Grid:
    """A piecewise constant tempo, with continuous time.

    Beat 0 is a downbeat: the last one at or before the first sound, so its time may be negative. The first segment also
    holds before its start, and the last one to the end, so every time has a beat.
    """

    segments: tuple[Segment, ...]
    beats_per_bar: int = 4

    def time(self, beat: ArrayLike) -> NDArray[np.float64]:
        """The time of each beat, which may have a fraction, in seconds; of the same shape."""
        beats = np.asarray(beat, dtype=np.float64)
        segment = self._segment(self._beats, beats)
        return np.asarray(self._seconds[segment] + (beats - self._beats[segment]) * 60.0 / self._bpm[segment])

    def beat(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """The beat, with its fraction, at each time (seconds); of the same shape."""
        times = np.asarray(seconds, dtype=np.float64)
        segment = self._segment(self._seconds, times)
        return np.asarray(self._beats[segment] + (times - self._seconds[segment]) * self._bpm[segment] / 60.0)

    def bpm(self, beat: ArrayLike) -> NDArray[np.float64]:
        """The tempo in beats a minute at each beat; of the same shape."""
        return np.asarray(self._bpm[self._segment(self._beats, np.asarray(beat, dtype=np.float64))])

    def beats(self, start: float, end: float) -> NDArray[np.int64]:
        """The numbers of the beats from `start` to `end`, both in seconds: (beats,)."""
        first, last = self.beat([start, end])
        return np.arange(np.ceil(first - 1e-9), np.floor(last + 1e-9) + 1).astype(np.int64)

    def downbeats(self, start: float, end: float) -> NDArray[np.int64]:
        """The numbers of the downbeats from `start` to `end`, both in seconds: (downbeats,)."""
        first, last = self.beat([start, end]) / self.beats_per_bar
        return np.arange(np.ceil(first - 1e-9), np.floor(last + 1e-9) + 1).astype(np.int64) * self.beats_per_bar

    def shifted(self, seconds: float) -> "Grid":
        """The grid of the same music, with `seconds` of silence before it."""
        return replace(self, segments=tuple(replace(s, seconds=s.seconds + seconds) for s in self.segments))

    def at_rate(self, ratio: Fraction) -> "Grid":
        """The grid with `ratio` beats for each one of this one; beat 0 stays where it is."""
        rate = float(ratio)
        return replace(self, segments=tuple(replace(s, beat=s.beat * rate, bpm=s.bpm * rate) for s in self.segments))

    def in_bars_of(self, beats: int) -> "Grid":
        """The same times in bars of so many beats; beat 0 is a downbeat."""
        return replace(self, beats_per_bar=beats)

    def from_beat(self, beat: int) -> "Grid":
        """The same times, counted from `beat`, which becomes beat 0."""
        start = Segment(0.0, float(self.time(beat)), float(self.bpm(beat)))
        others = [replace(each, beat=each.beat - beat) for each in self.segments[1:] if each.beat > beat]
        return replace(self, segments=(start, *others))

    @staticmethod
    def _segment(starts: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.asarray(np.maximum(np.searchsorted(starts, places, side="right") - 1, 0))

    @property
    def _beats(self) -> NDArray[np.float64]:
        return np.array([segment.beat for segment in self.segments])

    @property
    def _seconds(self) -> NDArray[np.float64]:
        return np.array([segment.seconds for segment in self.segments])

    @property
    def _bpm(self) -> NDArray[np.float64]:
        return np.array([segment.bpm for segment in self.segments])

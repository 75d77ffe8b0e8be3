"""A map of time to tatums, and how well onset strength fits it.

The tatum is the finest step that is surely played (Bilmes, "Timing is of the essence", 1993): half a tactus, whatever
level of it turns out to be the beat.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.viterbi import Floats

HARMONICS = ((1, 1.0), (2, 0.8), (3, 0.25), (4, 0.3))  # of the tatum, with their weights


@dataclass(frozen=True)
class TatumMap:
    """The tatum at each time: straight lines through knots, the outer ones extended beyond the ends.

    `seconds` and `tatums` are (knots,), at least two, both rising. The times are those of onset strength, which peaks
    `onset_strength.EARLY` before an attack.
    """

    seconds: Floats
    tatums: Floats

    @property
    def constant(self) -> bool:
        """Whether it is one straight line."""
        return len(self.seconds) == 2

    @property
    def rate(self) -> float:
        """Tatums a second, over the whole song."""
        return float((self.tatums[-1] - self.tatums[0]) / (self.seconds[-1] - self.seconds[0]))

    def at(self, seconds: Floats) -> Floats:
        """The tatum, with its fraction, at each time."""
        return piecewise_linear(seconds, self.seconds, self.tatums)

    def time(self, tatums: Floats) -> Floats:
        """The time of each tatum, in seconds."""
        return piecewise_linear(tatums, self.tatums, self.seconds)


def piecewise_linear(x: Floats, knots: Floats, values: Floats) -> Floats:
    """The height at each `x` of straight lines from (knots, values) to the next, the outer ones extended."""
    piece = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    slope = np.diff(values) / np.diff(knots)
    return np.asarray(values[piece] + (x - knots[piece]) * slope[piece])


def explained_share(onsets: NDArray[np.float32], tatums: TatumMap) -> float:
    """How much of the onset strength (frames,) lies on the tatums and their even parts: 1 if all of it does, about 0 if
    it is spread evenly."""
    return comb_sum(onsets, tatums, 0.0, len(onsets) / FRAME_RATE) / (float(np.sum(onsets)) + 1e-9)


def comb_sum(onsets: NDArray[np.float32], tatums: TatumMap, start: float, stop: float) -> float:
    """The onset strength between two times in seconds, weighted by a comb (cosines of HARMONICS) that is 1 on the
    tatums."""
    frames = np.arange(int(start * FRAME_RATE), min(int(stop * FRAME_RATE), len(onsets)))
    turn = 2 * np.pi * tatums.at(frames / FRAME_RATE)
    comb = sum(weight * np.cos(harmonic * turn) for harmonic, weight in HARMONICS)
    return float(np.sum(onsets[frames] * comb)) / sum(weight for _, weight in HARMONICS)

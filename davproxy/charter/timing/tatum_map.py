"""A map from time to tatums, and how well onset strength fits it.

The tatum is the smallest regular interval between notes (Bilmes, "Timing is of the essence", 1993). Here it is half a
tactus, or a third of it in a shuffle, at whatever metrical level the beat is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.viterbi import Floats

HARMONICS = ((1, 1.0), (2, 0.8), (3, 0.25), (4, 0.3))  # (harmonic of the tatum, weight)


@dataclass(frozen=True)
class TatumMap:
    """The tatum at each time, by linear interpolation between knots and extrapolation beyond both ends.

    `seconds` and `tatums` are (knots,), at least two, both ascending. Times are those of onset strength, which peaks
    `onset_strength.EARLY` seconds before an attack. `of_tactus` is how many tatums a tactus has.
    """

    seconds: Floats
    tatums: Floats
    of_tactus: int = 2

    @property
    def constant(self) -> bool:
        """Whether the tempo is constant."""
        return len(self.seconds) == 2

    @property
    def rate(self) -> float:
        """The mean rate over the whole song, in tatums a second."""
        return float((self.tatums[-1] - self.tatums[0]) / (self.seconds[-1] - self.seconds[0]))

    def at(self, seconds: Floats) -> Floats:
        """The tatum, with its fraction, at each time (seconds): of the same shape."""
        return piecewise_linear(seconds, self.seconds, self.tatums)

    def time(self, tatums: Floats) -> Floats:
        """The time in seconds of each tatum: of the same shape."""
        return piecewise_linear(tatums, self.tatums, self.seconds)


def piecewise_linear(x: Floats, knots: Floats, values: Floats) -> Floats:
    """The value at each `x` by linear interpolation between (knots, values), both (knots,), and extrapolation beyond
    both ends: of the shape of `x`."""
    piece = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    slope = np.diff(values) / np.diff(knots)
    return np.asarray(values[piece] + (x - knots[piece]) * slope[piece])


def explained_share(onsets: NDArray[np.float32], tatums: TatumMap) -> float:
    """The share of the onset strength (frames,) on the tatums: 1 if all of it is, about 0 if it is spread evenly."""
    return comb_sum(onsets, tatums, 0.0, len(onsets) / FRAME_RATE) / (float(np.sum(onsets)) + 1e-9)


def comb_sum(onsets: NDArray[np.float32], tatums: TatumMap, start: float, stop: float) -> float:
    """The sum of onset strength (frames,) from `start` to `stop` (seconds), weighted by a comb: a sum of cosines of
    HARMONICS that is 1 on the tatums."""
    frames = np.arange(int(start * FRAME_RATE), min(int(stop * FRAME_RATE), len(onsets)))
    turn = 2 * np.pi * tatums.at(frames / FRAME_RATE)
    comb = sum(weight * np.cos(harmonic * turn) for harmonic, weight in HARMONICS)
    return float(np.sum(onsets[frames] * comb)) / sum(weight for _, weight in HARMONICS)

"""Onset strength: how much new sound begins at each moment, in three bands and in all of them together.

It is the positive difference (spectral flux) of the log-mel spectrum (Böck and Widmer, "Maximum filter vibrato
suppression for onset detection", 2013, without the maximum filter; compare `librosa.onset.onset_strength`), normalised
by its local mean and standard deviation.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.spectrum import FRAME_RATE, MELS, Spectrum

EDGES = (0, 6, 28, MELS)  # mel bins: below about 200 Hz (kick, bass), to 1.7 kHz (snare, chords), above (cymbals)
LOCAL = 3.0  # seconds of the window for the local mean and standard deviation
EARLY = 0.0115  # seconds by which onset strength peaks before an attack, since a window reaches it before its centre


@dataclass(frozen=True)
class OnsetStrength:
    """Onset strength of the bands low, middle and high: (3, frames), float32, >= 0, FRAME_RATE frames a second, in
    local standard deviations above the local mean."""

    bands: NDArray[np.float32]

    @cached_property
    def total(self) -> NDArray[np.float32]:
        """Onset strength of all bands together, standardised like each of them: (frames,), float32, >= 0."""
        return standardize(self.bands.sum(axis=0))

    @property
    def seconds(self) -> float:
        return float(self.bands.shape[1] / FRAME_RATE)


def onset_strength(mel: Spectrum) -> OnsetStrength:
    """The onset strength of a log-mel spectrum, (MELS, frames): the rise of each bin from the previous to the next
    frame, averaged over each band."""
    rise = np.zeros_like(mel)
    rise[:, 1:-1] = np.maximum(mel[:, 2:] - mel[:, :-2], 0.0)
    return OnsetStrength(np.stack([standardize(rise[low:high].mean(axis=0)) for low, high in pairwise(EDGES)]))


def standardize(envelope: NDArray[np.float32]) -> NDArray[np.float32]:
    """The height of an envelope (frames,) above its local mean, in local standard deviations; 0 below the mean."""
    width = int(LOCAL * FRAME_RATE)
    mean = local_mean(envelope, width)
    deviation = np.sqrt(np.maximum(local_mean(envelope**2, width) - mean**2, 0.0))
    floor = 0.1 * float(np.mean(deviation)) + 1e-6
    return np.maximum((envelope - mean) / (deviation + floor), 0.0).astype(np.float32)


def local_mean(row: NDArray[np.float32], width: int) -> NDArray[np.float64]:
    """The moving average of `row` (frames,) over `width` frames, fewer at both ends: (frames,)."""
    total = np.concatenate([[0.0], np.cumsum(row, dtype=np.float64)])
    centre = np.arange(len(row))
    low, high = np.maximum(centre - width // 2, 0), np.minimum(centre + width // 2 + 1, len(row))
    return np.asarray((total[high] - total[low]) / (high - low))

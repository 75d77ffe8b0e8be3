"""Chroma: which pitch classes sound when, in the bass and above it, and how much they change at a moment."""

from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.spectrum import magnitudes

WINDOW = 4096
HOP = 1024
BLOCK = 1024  # frames
BASS, HIGHEST = 260, 2500  # Hz: where the bass ends, and where what is higher no longer counts


@dataclass(frozen=True)
class Chroma:
    """Chroma of the bass and of the rest, summed up over time, so that the mean of any span costs the same.

    `sums` is (24, frames + 1), float64: 12 pitch classes from C up of the bass, then 12 of the rest; column i holds the
    sum of the frames before i, RATE / HOP frames a second.
    """

    sums: NDArray[np.float64]

    def mean(self, start: NDArray[np.float64], stop: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean chroma from each `start` to each `stop`, both (spans,) in seconds: (2, 12, spans), each column of 12 of
        unit length."""
        columns = np.arange(self.sums.shape[1])
        ends = [[np.interp(time * RATE / HOP, columns, row) for row in self.sums] for time in (start, stop)]
        halves = (np.array(ends[1]) - np.array(ends[0])).reshape(2, 12, -1)
        return np.asarray(halves / (np.linalg.norm(halves, axis=1, keepdims=True) + 1e-6))

    def change(
        self, start: NDArray[np.float64], middle: NDArray[np.float64], stop: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """How different the harmony is from each `start` to `middle` and from there to `stop`, all (spans,) in seconds:
        0 (the same) to 2, two less the cosines of the bass and of the rest."""
        before, after = self.mean(start, middle), self.mean(middle, stop)
        return np.asarray(2.0 - (before * after).sum(axis=(0, 1)))


def chroma(samples: NDArray[np.float32]) -> Chroma:
    """The chroma of a mono signal at RATE: the square root of what the filters of `librosa.filters.chroma` let through,
    in units of its root mean square over the song."""
    filters = librosa.filters.chroma(sr=RATE, n_fft=WINDOW, base_c=True, octwidth=None)
    frequency = np.arange(filters.shape[1]) * RATE / WINDOW
    both = np.vstack([filters * (frequency < BASS), filters * ((frequency >= BASS) & (frequency < HIGHEST))])
    both = both.astype(np.float32)
    energy = np.concatenate([both @ block.T for block in magnitudes(samples, WINDOW, HOP, BLOCK, beyond=0)], axis=1)
    energy = energy / (np.sqrt(np.mean(energy**2)) + 1e-9)
    return Chroma(np.cumsum(np.pad(np.sqrt(energy), ((0, 0), (1, 0))), axis=1, dtype=np.float64))

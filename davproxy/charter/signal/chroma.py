"""Chroma: the strength of each pitch class over time, in the bass and above it, and its change at a moment."""

from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.spectrum import magnitudes

WINDOW = 4096
HOP = 1024
BLOCK = 1024  # frames
BASS, HIGHEST = 260, 2500  # Hz: the upper limits of the bass and of the rest


@dataclass(frozen=True)
class Chroma:
    """Chroma of the bass and of the rest as cumulative sums, so that the mean over any span takes constant time.

    `sums` is (24, frames + 1), float64, RATE / HOP frames a second: 12 pitch classes of the bass, from C up, then 12 of
    the rest. Column i is the sum of the frames before i.
    """

    sums: NDArray[np.float64]

    def mean(self, start: NDArray[np.float64], stop: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean chroma from each `start` to each `stop`, both (spans,) in seconds: (2, 12, spans), each column of 12
        normalised to unit length."""
        columns = np.arange(self.sums.shape[1])
        ends = [[np.interp(time * RATE / HOP, columns, row) for row in self.sums] for time in (start, stop)]
        halves = (np.array(ends[1]) - np.array(ends[0])).reshape(2, 12, -1)
        return np.asarray(halves / (np.linalg.norm(halves, axis=1, keepdims=True) + 1e-6))

    def change(
        self, start: NDArray[np.float64], middle: NDArray[np.float64], stop: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The change of harmony at each `middle`: the cosine distance between the mean chroma from `start` to `middle`
        and from `middle` to `stop`, summed over the bass and the rest. All are (spans,), in seconds; the result is 0
        (the same) to 2."""
        before, after = self.mean(start, middle), self.mean(middle, stop)
        return np.asarray(2.0 - (before * after).sum(axis=(0, 1)))


def chroma(samples: NDArray[np.float32]) -> Chroma:
    """The chroma of a mono signal at RATE: magnitudes of the STFT through `librosa.filters.chroma`, divided by their
    root mean square over the song; then their square root."""
    filters = librosa.filters.chroma(sr=RATE, n_fft=WINDOW, base_c=True, octwidth=None)
    frequency = np.arange(filters.shape[1]) * RATE / WINDOW
    both = np.vstack([filters * (frequency < BASS), filters * ((frequency >= BASS) & (frequency < HIGHEST))])
    both = both.astype(np.float32)
    energy = np.concatenate([both @ block.T for block in magnitudes(samples, WINDOW, HOP, BLOCK, beyond=0)], axis=1)
    energy = energy / (np.sqrt(np.mean(energy**2)) + 1e-9)
    return Chroma(np.cumsum(np.pad(np.sqrt(energy), ((0, 0), (1, 0))), axis=1, dtype=np.float64))

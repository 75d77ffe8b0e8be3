"""Harmony: which pitch classes sound when, and how much they change at a moment."""

from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from davproxy.charter.signal.audio import RATE, Audio

WINDOW = 4096
HOP = 1024
BLOCK = 1024  # frames analysed at a time


@dataclass(frozen=True)
class Harmony:
    """Chroma of the bass (below 260 Hz) and of the rest, summed up over time, so that any span costs the same."""

    sums: NDArray[np.float64]  # (24, frames + 1)

    def mean(self, start: NDArray[np.float64], stop: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean chroma between two times in seconds, each half of unit length."""
        places = np.arange(self.sums.shape[1])
        ends = [[np.interp(time * RATE / HOP, places, row) for row in self.sums] for time in (start, stop)]
        halves = (np.array(ends[1]) - np.array(ends[0])).reshape(2, 12, -1)
        return np.asarray(halves / (np.linalg.norm(halves, axis=1, keepdims=True) + 1e-6))

    def change(
        self, start: NDArray[np.float64], middle: NDArray[np.float64], stop: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """How different it sounds from each `start` to `middle` and from there to `stop`: 0 (alike) to 2."""
        before, after = self.mean(start, middle), self.mean(middle, stop)
        return np.asarray(2.0 - (before * after).sum(axis=(0, 1)))


def harmony(audio: Audio) -> Harmony:
    filters = librosa.filters.chroma(sr=RATE, n_fft=WINDOW, base_c=True, octwidth=None)
    frequency = np.arange(filters.shape[1]) * RATE / WINDOW
    both = np.vstack([filters * (frequency < 260), filters * ((frequency >= 260) & (frequency < 2500))])
    both = both.astype(np.float32)
    window = np.hanning(WINDOW).astype(np.float32)
    padded = np.pad(audio.samples, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    blocks = [
        both @ np.abs(fft.rfft(frames[start : start + BLOCK] * window)).T for start in range(0, len(frames), BLOCK)
    ]
    chroma = np.concatenate(blocks, axis=1)
    chroma = chroma / (np.sqrt(np.mean(chroma**2)) + 1e-9)
    return Harmony(np.cumsum(np.pad(np.sqrt(chroma), ((0, 0), (1, 0))), axis=1, dtype=np.float64))

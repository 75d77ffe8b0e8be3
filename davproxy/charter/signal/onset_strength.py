"""Spectral flux: how much new sound begins at each moment, in the whole spectrum and in three bands."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from davproxy.charter.signal.audio import RATE, Audio

WINDOW = 1024
HOP = 128
FRAMES = RATE / HOP  # frames a second
MELS = 64
EDGES = (0, 6, 28, MELS)  # mel bins: below about 200 Hz (kick, bass), to 1.7 kHz (snare, chords), above (cymbals)
BLOCK = 4096  # frames analysed at a time, so that memory does not grow with the song
LOCAL = 3.0  # seconds over which loudness is evened out
LEAD = 0.0115  # seconds by which the flux of an attack comes before the attack: a window sees it before its centre does


@dataclass(frozen=True)
class Flux:
    """Flux of each band (low, mid, high) by frame, evened out over time. Frame i is at `time(i)`."""

    bands: NDArray[np.float32]  # (3, frames)

    @cached_property
    def whole(self) -> NDArray[np.float32]:
        return even(self.bands.sum(axis=0))

    @property
    def seconds(self) -> float:
        return float(self.bands.shape[1] / FRAMES)


@lru_cache(maxsize=1)  # the tempo and the division of beats are both found by it
def flux(audio: Audio) -> Flux:
    """Rise of the log mel spectrum between the neighbours of each frame."""
    mel = log_mel(audio.samples)
    rise = np.zeros_like(mel)
    rise[:, 1:-1] = np.maximum(mel[:, 2:] - mel[:, :-2], 0.0)
    return Flux(np.stack([even(rise[low:high].mean(axis=0)) for low, high in pairwise(EDGES)]))


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log mel spectrum (MELS, frames); frame i is centred on sample i * HOP."""
    filters = librosa.filters.mel(sr=RATE, n_fft=WINDOW, n_mels=MELS, fmin=30.0)
    window = np.hanning(WINDOW).astype(np.float32)
    padded = np.pad(samples, (WINDOW // 2, WINDOW // 2 + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    loudness = float(np.sqrt(np.mean(samples**2))) or 1.0
    mel = np.empty((MELS, len(frames)), dtype=np.float32)
    for start in range(0, len(frames), BLOCK):
        spectrum = np.abs(fft.rfft(frames[start : start + BLOCK] * window))
        mel[:, start : start + BLOCK] = filters @ spectrum.T
    return np.asarray(np.log1p(mel * np.float32(10.0 / loudness)))


def even(envelope: NDArray[np.float32]) -> NDArray[np.float32]:
    """The envelope above its local mean, in units of its local deviation."""
    width = int(LOCAL * FRAMES)
    mean = smooth(envelope, width)
    deviation = np.sqrt(np.maximum(smooth(envelope**2, width) - mean**2, 0.0))
    floor = 0.1 * float(np.mean(deviation)) + 1e-6
    return np.maximum((envelope - mean) / (deviation + floor), 0.0).astype(np.float32)


def smooth(signal: NDArray[np.float32], width: int) -> NDArray[np.float64]:
    """Moving mean over `width` frames, shorter at both ends."""
    total = np.concatenate([[0.0], np.cumsum(signal, dtype=np.float64)])
    centre = np.arange(len(signal))
    low, high = np.maximum(centre - width // 2, 0), np.minimum(centre + width // 2 + 1, len(signal))
    return np.asarray((total[high] - total[low]) / (high - low))

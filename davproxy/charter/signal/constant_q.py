"""The constant-Q transform: a spectrum with one row a semitone.

Brown, "Calculation of a constant Q spectral transform", 1991, in the fast form of Schörkhuber and Klapuri, "Constant-Q
transform toolbox for music processing", 2010: one octave of filters is applied to the signal, which is then halved in
rate for the octave below. Filters and results are those of `librosa.cqt`; `librosa.LICENSE.txt` is its licence.
"""

from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import fft, sparse

from davproxy.charter.signal.audio import RATE

Filters = NDArray[np.complex64]

HOP = 512  # samples between frames
LOWEST_NOTE = 33  # MIDI number of the lowest semitone: A1, 55 Hz
OCTAVES = 6
SEMITONES = 12 * OCTAVES
DISCARDED = 0.01  # share of the magnitude of a filter's spectrum that is set to zero, so that filters are sparse


def constant_q(samples: NDArray[np.float32]) -> NDArray[np.complex64]:
    """The transform of a mono signal at RATE, (samples,): (SEMITONES, frames), from LOWEST_NOTE up.

    Frame i is centred on sample i * HOP; `samples` are padded with silence.
    """
    rows: list[NDArray[np.complex64]] = []
    for octave in range(OCTAVES):
        filters = _filters(octave)
        rows.insert(0, filters @ _frames(samples, 2 * (filters.shape[1] - 1), HOP >> octave))
        samples = _half(samples)
    frames = min(each.shape[1] for each in rows)
    transform = np.concatenate([each[:, :frames] for each in rows])
    transform /= np.sqrt(_lengths(_frequencies(), RATE))[:, None]
    return transform


def _frames(samples: NDArray[np.float32], window: int, hop: int) -> NDArray[np.complex64]:
    """The short-time Fourier transform without a taper: (1 + window // 2, frames)."""
    padded = np.pad(samples, window // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop].T
    return np.asarray(fft.rfft(frames.astype(np.float64), axis=0).astype(np.complex64))


def _half(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The signal at half its rate, with the same energy."""
    half = np.zeros(-(-len(samples) // 2), dtype=np.float32)
    resampled = soxr.resample(samples, 2, 1, quality="soxr_hq")[: len(half)]
    half[: len(resampled)] = resampled
    half /= np.sqrt(0.5)
    return half


@cache
def _filters(octave: int) -> sparse.csr_array:
    """The spectra of the filters of the n-th octave from the top, for a signal at RATE / 2 ** octave: (12, bins)."""
    rate = RATE / 2**octave
    frequencies = _frequencies()[SEMITONES - 12 * (octave + 1) :][:12]
    lengths = _lengths(frequencies, rate)
    window = int(2.0 ** np.ceil(np.log2(lengths.max())))
    waves = np.zeros((12, window), dtype=np.complex64)
    for row, length, frequency in zip(waves, lengths, frequencies, strict=True):
        angles = np.arange(-length // 2, length // 2, dtype=float) * 2 * np.pi * frequency / rate
        wave = np.cos(angles) + 1j * np.sin(angles)
        wave *= (0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, len(wave) + 1)))[:-1]  # a periodic Hann window
        first = (window - len(wave)) // 2
        row[first : first + len(wave)] = wave / np.abs(wave).sum()
    waves *= lengths[:, None] / float(window)
    spectra = fft.fft(waves, axis=1)[:, : window // 2 + 1]
    sizes = np.abs(spectra)
    ordered = np.sort(sizes, axis=1)
    least = np.argmin(np.cumsum(ordered / sizes.sum(axis=1, keepdims=True), axis=1) < DISCARDED, axis=1)
    filters = sparse.csr_array(np.where(sizes >= ordered[np.arange(12), least][:, None], spectra, 0))
    filters.data *= np.sqrt(RATE / rate)
    return filters


def _frequencies() -> NDArray[np.float64]:
    """The frequency of each semitone in Hz: (SEMITONES,)."""
    lowest = 440.0 * 2.0 ** ((LOWEST_NOTE - 69.0) / 12.0)
    octave = 2.0 ** (np.arange(12.0) / 12)
    return np.asarray(np.multiply.outer(2.0 ** np.arange(float(OCTAVES)), octave).ravel() * lowest)


def _lengths(frequencies: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """The length of the filter of each frequency, in samples at `rate`: as many periods for each."""
    step = 2.0 ** (2 / 12)
    return np.asarray((step + 1) / (step - 1) * rate / frequencies)

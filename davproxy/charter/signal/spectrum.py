"""The short-time Fourier transform, and the log-mel spectrum made of it."""

from collections.abc import Iterator

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from davproxy.charter.signal.audio import RATE

Spectrum = NDArray[np.float32]

WINDOW = 1024  # samples of the log-mel spectrum's window
HOP = 128
FRAME_RATE = RATE / HOP  # frames a second of the log-mel spectrum and of all that is made of it: 172.3
MELS = 64
LOWEST = 30.0  # Hz of the lowest mel band
BLOCK = 4096  # frames
GAIN = 10.0  # factor on magnitudes (in units of the signal's RMS) before the logarithm


def magnitudes(
    samples: NDArray[np.float32], window: int, hop: int, block: int, beyond: int = 1
) -> Iterator[NDArray[np.float32]]:
    """Magnitudes of the short-time Fourier transform, in blocks, so that memory does not grow with the song.

    Each block is float32 of shape (up to `block`, 1 + window // 2). Frame i is centred on sample i * hop under a
    symmetric Hann window; `samples` (samples,) are padded with silence. There are `frame_count` frames in all.
    """
    taper = np.hanning(window).astype(np.float32)
    padded = np.pad(samples, (window // 2, window // 2 + beyond * hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    for start in range(0, len(frames), block):
        yield np.abs(fft.rfft(frames[start : start + block] * taper))


def frame_count(samples: NDArray[np.float32], hop: int, beyond: int = 1) -> int:
    """The number of frames of `magnitudes`: those centred inside the signal or on its end, and `beyond` more."""
    return 1 + len(samples) // hop + beyond


def rms(samples: NDArray[np.float32]) -> float:
    """The root mean square of a signal (samples,); 1 if it is silent, so that one can divide by it."""
    return float(np.sqrt(np.mean(samples**2))) or 1.0


def log_mel(samples: NDArray[np.float32]) -> Spectrum:
    """Log-mel spectrum of a mono signal at RATE: (MELS, frames), float32, log(1 + GAIN * magnitude / RMS).

    Slaney's mel filters from LOWEST to RATE / 2 (`librosa.filters.mel`); frame i is centred on sample i * HOP.
    """
    filters = librosa.filters.mel(sr=RATE, n_fft=WINDOW, n_mels=MELS, fmin=LOWEST)
    mel = np.concatenate([filters @ block.T for block in magnitudes(samples, WINDOW, HOP, BLOCK)], axis=1)
    return np.asarray(np.log1p(mel * np.float32(GAIN / rms(samples))))

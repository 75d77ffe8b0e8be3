"""The spectral features of one signal: onset strength and level by band, a constant-Q spectrum, and partials."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.spectrum import FRAME_RATE, Spectrum, frame_count, log_mel, magnitudes, rms

Array = NDArray[np.float32]

BANDS = 8
TONE_HOP = 512
TONE_RATE = RATE / TONE_HOP  # frames a second of `tones`
LOWEST_NOTE = 33  # MIDI number of the lowest semitone: A1, 55 Hz
SEMITONES = 72
PIECE, MARGIN = 1024, 48  # frames of `tones` computed at a time, and frames by which pieces overlap
PARTIAL_WINDOW, PARTIAL_HOP, PARTIAL_BLOCK = 2048, 256, 1024
PARTIAL_RATE = RATE / PARTIAL_HOP  # frames a second of `partials`
PARTIAL_BINS = slice(round(80 * PARTIAL_WINDOW / RATE), round(5000 * PARTIAL_WINDOW / RATE))  # 80 Hz to 5 kHz
PARTIAL_GAIN = 3.0  # factor on magnitudes (in units of the signal's RMS) before the logarithm
PARTIAL_WIDTH = 17  # bins of the median filter that estimates broadband sound such as drums


@dataclass(frozen=True)
class Features:
    """The spectral features of a mono signal at RATE. All are float32, >= 0.

    `attacks` and `levels` are (BANDS, frames), FRAME_RATE frames a second: the rise of the log-mel spectrum over four
    frames, and the log-mel spectrum itself, each averaged over groups of neighbouring bins. `tones` is
    (SEMITONES, frames), TONE_RATE frames a second: log magnitudes of the constant-Q transform from LOWEST_NOTE up.
    """

    samples: NDArray[np.float32]
    attacks: Array
    levels: Array
    tones: Array

    @property
    def partials(self) -> NDArray[np.float16]:
        """Log magnitudes above the median of PARTIAL_WIDTH neighbouring bins: (bins of PARTIAL_BINS, frames), float16,
        >= 0, PARTIAL_RATE frames a second. The partials of strings and voices stand out there; drums do not."""
        return self._partials[0]

    @property
    def body(self) -> Array:
        """The mean log magnitude of PARTIAL_BINS, with all their sound: (frames,), PARTIAL_RATE frames a second."""
        return self._partials[1]

    @cached_property
    def _partials(self) -> tuple[NDArray[np.float16], Array]:
        return partials_and_body(self.samples)  # computed on demand: only those of the lead are used


def spectral_features(samples: NDArray[np.float32], mel: Spectrum | None = None) -> Features:
    """The features of a mono signal at RATE, (samples,). `mel` is its log-mel spectrum, if that is already computed."""
    if mel is None:
        mel = log_mel(samples)
    rise = np.zeros_like(mel)
    rise[:, 2:-2] = np.maximum(mel[:, 4:] - mel[:, :-4], 0.0)
    tones = _tones(samples)
    usual = float(np.percentile(tones.max(axis=0), 95)) + 1e-9
    return Features(samples, _by_band(rise), _by_band(mel), np.log1p(20.0 * tones / usual))


def _tones(samples: NDArray[np.float32]) -> Array:
    """Magnitudes of the constant-Q transform (Brown, "Calculation of a constant Q spectral transform", 1991;
    `librosa.cqt`), one row a semitone: (SEMITONES, frames), float32. Computed in overlapping pieces, so that memory
    does not grow with the song."""
    scaled = samples / (float(np.max(np.abs(samples), initial=0.0)) or 1.0)
    frames = 1 + len(samples) // TONE_HOP
    padded = np.pad(scaled, (0, MARGIN * TONE_HOP))
    parts = []
    for start in range(0, frames, PIECE):
        first = max(start - MARGIN, 0)
        piece = padded[first * TONE_HOP : (start + PIECE + MARGIN) * TONE_HOP]
        transform = librosa.cqt(
            piece,
            sr=RATE,
            hop_length=TONE_HOP,
            fmin=librosa.midi_to_hz(LOWEST_NOTE),
            n_bins=SEMITONES,
            bins_per_octave=12,
        )
        parts.append(np.abs(transform[:, start - first :][:, : min(PIECE, frames - start)]))
    return np.concatenate(parts, axis=1).astype(np.float32)


def partials_and_body(samples: NDArray[np.float32]) -> tuple[NDArray[np.float16], Array]:
    """`Features.partials` and `Features.body`. Percussive sound is broadband, so the median over neighbouring bins
    estimates it (Fitzgerald, "Harmonic/percussive separation using median filtering", 2010)."""
    gain = np.float32(PARTIAL_GAIN / rms(samples))
    frames = frame_count(samples, PARTIAL_HOP)
    partials = np.empty((PARTIAL_BINS.stop - PARTIAL_BINS.start, frames), dtype=np.float16)
    body = np.empty(frames, dtype=np.float32)
    start = 0
    for block in magnitudes(samples, PARTIAL_WINDOW, PARTIAL_HOP, PARTIAL_BLOCK):
        level = np.log1p(block[:, PARTIAL_BINS] * gain)
        noise = ndimage.median_filter(level.ravel(), PARTIAL_WIDTH).reshape(level.shape)  # one long row is much faster
        end = start + len(level)
        partials[:, start:end] = np.maximum(level - noise, 0.0).T
        body[start:end] = level.mean(axis=1)
        start = end
    return partials, body


def pool(
    rows: NDArray[Any],
    rate: float,
    times: NDArray[np.float64],
    before: float,
    after: float,
    pick: Literal["max", "mean"],
) -> Array:
    """The maximum or mean of each row around each time: (rows, times).

    `rows` is (rows, frames) at `rate` frames a second, extended by its edge values; `times` is in seconds. The window
    around a time reaches from `before` to `after`, both in seconds relative to it.
    """
    first = np.round(before * rate).astype(int)
    last = max(int(np.round(after * rate)), first)
    columns = np.round(times * rate).astype(int)[:, None] + np.arange(first, last + 1)
    near = rows[:, np.clip(columns, 0, rows.shape[1] - 1)]
    return np.asarray(near.max(axis=2) if pick == "max" else near.mean(axis=2))


def attacks_at(features: Features, times: NDArray[np.float64]) -> Array:
    """The maximum of each band's attacks within 35 ms of each of `times` (seconds): (BANDS, times)."""
    return pool(features.attacks, FRAME_RATE, times, -0.035, 0.035, "max")


def _by_band(mel: Array) -> Array:
    return np.asarray(mel.reshape(BANDS, len(mel) // BANDS, -1).mean(axis=1))

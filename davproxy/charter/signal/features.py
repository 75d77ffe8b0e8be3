"""What is heard of one signal: attacks and loudness by band, and the notes that sound, by semitone."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.onset_strength import FRAMES, log_mel

Array = NDArray[np.float32]

BANDS = 8
TONE_HOP = 512
TONE_FRAMES = RATE / TONE_HOP  # frames a second of `tones`
LOWEST_NOTE = 33  # MIDI number of the lowest semitone heard: A1, 55 Hz
SEMITONES = 72
PARTIAL_WINDOW, PARTIAL_HOP = 2048, 256
PARTIAL_FRAMES = RATE / PARTIAL_HOP  # frames a second of `partials`
PARTIAL_BINS = slice(round(80 * PARTIAL_WINDOW / RATE), round(5000 * PARTIAL_WINDOW / RATE))  # 80 Hz to 5 kHz
PARTIAL_WIDTH = 17  # bins around one: what they have in common is noise, as of drums
PIECE, MARGIN = 1024, 48  # columns of `tones` worked out at a time, and those that pieces overlap by


@dataclass(frozen=True)
class Hearing:
    """`attacks` and `levels` have one row a band, FRAMES columns a second; `tones` one row a semitone from
    LOWEST_NOTE up, TONE_FRAMES columns a second."""

    samples: NDArray[np.float32]
    attacks: Array
    levels: Array
    tones: Array

    @property
    def partials(self) -> NDArray[np.float16]:
        """What stands out over its neighbours in frequency, as strings and voices do and drums do not: one row a bin of
        PARTIAL_BINS, PARTIAL_FRAMES columns a second."""
        return self._partials_and_body[0]

    @property
    def body(self) -> Array:
        """The mean level of the same bins, all sound counted."""
        return self._partials_and_body[1]

    @cached_property
    def _partials_and_body(self) -> tuple[NDArray[np.float16], Array]:
        return _partials_and_body(self.samples)  # of the lead alone: nobody asks for the others'


def hear(samples: NDArray[np.float32]) -> Hearing:
    """Listen to a mono signal at RATE."""
    mel = log_mel(samples)
    rise = np.zeros_like(mel)
    rise[:, 2:-2] = np.maximum(mel[:, 4:] - mel[:, :-4], 0.0)
    tones = _tones(samples)
    usual = float(np.percentile(tones.max(axis=0), 95)) + 1e-9
    return Hearing(samples, _by_band(rise), _by_band(mel), np.log1p(20.0 * tones / usual))


def _tones(samples: NDArray[np.float32]) -> Array:
    """Magnitude of each semitone. Heard in pieces that overlap, so that memory does not grow with the song."""
    scaled = samples / (float(np.max(np.abs(samples), initial=0.0)) or 1.0)
    frames = 1 + len(samples) // TONE_HOP
    padded = np.pad(scaled, (0, MARGIN * TONE_HOP))
    parts = []
    for start in range(0, frames, PIECE):
        first = max(start - MARGIN, 0)
        piece = padded[first * TONE_HOP : (start + PIECE + MARGIN) * TONE_HOP]
        heard = librosa.cqt(
            piece,
            sr=RATE,
            hop_length=TONE_HOP,
            fmin=librosa.midi_to_hz(LOWEST_NOTE),
            n_bins=SEMITONES,
            bins_per_octave=12,
        )
        parts.append(np.abs(heard[:, start - first :][:, : min(PIECE, frames - start)]))
    return np.concatenate(parts, axis=1).astype(np.float32)


def _partials_and_body(samples: NDArray[np.float32]) -> tuple[NDArray[np.float16], Array]:
    window = np.hanning(PARTIAL_WINDOW).astype(np.float32)
    padded = np.pad(samples, (PARTIAL_WINDOW // 2, PARTIAL_WINDOW // 2 + PARTIAL_HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, PARTIAL_WINDOW)[::PARTIAL_HOP]
    loudness = float(np.sqrt(np.mean(samples**2))) or 1.0
    partials = np.empty((PARTIAL_BINS.stop - PARTIAL_BINS.start, len(frames)), dtype=np.float16)
    body = np.empty(len(frames), dtype=np.float32)
    for start in range(0, len(frames), PIECE):
        spectrum = np.abs(fft.rfft(frames[start : start + PIECE] * window))[:, PARTIAL_BINS]
        level = np.log1p(spectrum * np.float32(3.0 / loudness))
        noise = ndimage.median_filter(level.ravel(), PARTIAL_WIDTH).reshape(level.shape)  # one long row is far faster
        partials[:, start : start + PIECE] = np.maximum(level - noise, 0.0).T
        body[start : start + PIECE] = level.mean(axis=1)
    return partials, body


def around(
    rows: NDArray[Any], rate: float, times: NDArray[np.float64], before: float, after: float, pick: str
) -> Array:
    """For each row and time, the maximum or mean of `rows` (at `rate` columns a second) from `before` to `after`
    seconds around it."""
    first = np.round(before * rate).astype(int)
    last = max(int(np.round(after * rate)), first)
    columns = np.round(times * rate).astype(int)[:, None] + np.arange(first, last + 1)
    near = rows[:, np.clip(columns, 0, rows.shape[1] - 1)]
    return np.asarray(near.max(axis=2) if pick == "max" else near.mean(axis=2))


def attacks_at(hearing: Hearing, times: NDArray[np.float64]) -> Array:
    """The strongest attack of each band within 35 ms of each time."""
    return around(hearing.attacks, FRAMES, times, -0.035, 0.035, "max")


def _by_band(mel: Array) -> Array:
    return np.asarray(mel.reshape(BANDS, len(mel) // BANDS, -1).mean(axis=1))

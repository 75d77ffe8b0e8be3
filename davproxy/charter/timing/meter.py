"""What the meter is judged by, and how its candidates are ranked.

Two small forests of extremely randomized trees (Geurts, Ernst and Wehenkel, "Extremely randomized trees", 2006),
trained on synthetic tunes and parts of them (tests/bench/train_meter.py), rank all candidates by the profile that a
beat (`beat_choice`) or bar (`bar_choice`) of the candidate has: the mean of each band of onset strength, and of the
change of chroma, at each position in it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.chroma import Chroma, chroma
from davproxy.charter.signal.onset_strength import OnsetStrength
from davproxy.charter.viterbi import Floats

WEIGHTS = Path(__file__).parents[1] / "models" / "meter.npz"
BLUR = 2.0  # frames, standard deviation of the Gaussian that smooths onset strength before it is sampled
BANDS = 3  # bands of onset strength
SPANS = (1, 2, 4)  # beats before and after a point between which chroma is compared


@dataclass(frozen=True)
class MeterCues:
    """The evidence for the meter: onset strength, chroma, and the `start` of the first sound and `end` of the last one,
    in seconds."""

    onsets: OnsetStrength
    chroma: Chroma
    start: float
    end: float

    @cached_property
    def bands(self) -> NDArray[np.float32]:
        """The smoothed onset strength of each band: (BANDS, frames), FRAME_RATE frames a second."""
        return np.asarray(gaussian_filter1d(self.onsets.bands, BLUR, axis=1))


def meter_cues(audio: Audio, onsets: OnsetStrength) -> MeterCues:
    """The cues of a recording and its onset strength."""
    return MeterCues(onsets, chroma(audio.samples), audio.first_sound, audio.last_sound)


def part_starts(start: float, end: float, length: float) -> Floats:
    """Where the parts of `length` begin, which overlap by half, from `start` to `end`: (parts,), at least one."""
    return np.arange(start, max(end - length / 2, start + length / 4), length / 2)


def against_mean(rows: Floats) -> NDArray[np.float32]:
    """The features of each candidate, and their differences from the mean of all: (candidates, 2 * features)."""
    return np.hstack([rows, rows - rows.mean(axis=0)]).astype(np.float32)

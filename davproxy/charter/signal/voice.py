"""The voice: how much new tone begins in its band at each moment, and how long it has sounded.

Partials are used, since drums, which have none, would be the loudest onsets in that band.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.features import PARTIAL_BINS, PARTIAL_RATE, PARTIAL_WINDOW, Array
from davproxy.charter.signal.onset_strength import standardize

BAND = (200.0, 4000.0)  # Hz: most of a voice's energy
REACH = 2  # frames before and after, between which a tone rises
SOUNDS = 0.25  # share of a stem's loud level (its 95th percentile), from which the voice sounds
RESTS = 0.05  # seconds that count for a second without voice, so that all moments are in order


@dataclass(frozen=True)
class Voice:
    """The voice in a recording, at PARTIAL_RATE frames a second.

    `onsets` is the rise of partials in BAND, (frames,), in local standard deviations, >= 0. `sung` are the seconds of
    singing up to each frame, (frames,), ascending. Only of a stem that the voice has `alone` are they known; of a mix
    all time counts.
    """

    onsets: Array
    sung: NDArray[np.float64]
    alone: bool = False

    @property
    def clock(self) -> NDArray[np.float64]:
        """The time of each frame in seconds: (frames,)."""
        return np.arange(len(self.sung)) / PARTIAL_RATE


def voice(partials: NDArray[np.float16], body: Array, alone: bool) -> Voice:
    """The voice in the `Features.partials` and `Features.body` of a stem that it has `alone`, or of a mix."""
    first, last = (round(hertz * PARTIAL_WINDOW / RATE) - PARTIAL_BINS.start for hertz in BAND)
    band = partials[first:last]
    rise = np.zeros(band.shape[1], dtype=np.float32)
    change = np.maximum(band[:, 2 * REACH :] - band[:, : -2 * REACH], 0)
    rise[REACH:-REACH] = change.mean(axis=0, dtype=np.float32)
    sounds = body > SOUNDS * np.percentile(body, 95) if alone else np.ones(len(body), dtype=np.bool_)
    return Voice(standardize(rise), np.cumsum(np.where(sounds, 1.0, RESTS)) / PARTIAL_RATE, alone)

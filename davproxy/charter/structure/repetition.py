"""Bars that sound alike: a riff that comes back is charted as it was the first time."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import TONE_FRAMES, Array, Hearing, around, attacks_at
from davproxy.charter.structure.slots import Slots

ALIKE = 0.6  # cosine of two bars' sound, each without the song's mean
FEWEST_VARYING = 1e-6


def alike(hearing: Hearing, slots: Slots) -> NDArray[np.int64]:
    """For each bar, the first bar that sounds like it (itself where there is none)."""
    sounds = _sounds(hearing, slots)
    likeness = sounds @ sounds.T
    first = np.arange(len(sounds))
    for bar in range(1, len(sounds)):
        leaders = np.flatnonzero(first[:bar] == np.arange(bar))
        best = leaders[np.argmax(likeness[bar, leaders])]
        if likeness[bar, best] >= ALIKE:
            first[bar] = best
    return first


def shared(values: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """`values` (bars, slots of a bar) with each bar replaced by the mean of all bars alike."""
    result = values.copy()
    for leader in np.unique(first):
        members = first == leader
        result[members] = values[members].mean(axis=0)
    return result


def _sounds(hearing: Hearing, slots: Slots) -> Array:
    """A unit vector for each bar: the tones and attacks of its slots against the song's mean."""
    length = float(np.median(slots.lengths))
    tones = around(hearing.tones, TONE_FRAMES, slots.times, 0.0, max(length, 1 / TONE_FRAMES), "mean")
    attacks = attacks_at(hearing, slots.times)
    parts = []
    for rows in (tones, attacks):
        bars = rows.T.reshape(-1, slots.per_bar * len(rows))
        varying = bars - bars.mean(axis=0)
        parts.append(varying / (np.linalg.norm(varying, axis=1, keepdims=True) + FEWEST_VARYING))
    return np.asarray(np.concatenate(parts, axis=1) / np.sqrt(2))

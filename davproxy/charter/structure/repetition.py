"""Repetition: bars that sound alike are charted alike."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import TONE_RATE, Array, Features, attacks_at, pool
from davproxy.charter.structure.slots import Slots

ALIKE = 0.6  # cosine of two bar vectors from which the bars sound alike
FEWEST_VARYING = 1e-6


def first_alike(features: Features, slots: Slots) -> NDArray[np.int64]:
    """For each bar, the index of the first bar that sounds like it, or its own if there is none: (bars,)."""
    sounds = _bar_vectors(features, slots)
    likeness = sounds @ sounds.T
    first = np.arange(len(sounds))
    for bar in range(1, len(sounds)):
        leaders = np.flatnonzero(first[:bar] == np.arange(bar))
        best = leaders[np.argmax(likeness[bar, leaders])]
        if likeness[bar, best] >= ALIKE:
            first[bar] = best
    return first


def mean_of_alike(values: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """`values` (bars, slots of a bar), with each bar replaced by the mean of all bars that sound like it. `first` is
    the result of `first_alike`."""
    result = values.copy()
    for leader in np.unique(first):
        members = first == leader
        result[members] = values[members].mean(axis=0)
    return result


def blend_with_alike(values: NDArray[np.float64], first: NDArray[np.int64], share: float) -> NDArray[np.float64]:
    """`values` (slots,), each drawn by `share`, 0 to 1, to the mean of its slot in all bars that sound like its own;
    `first` is what `first_alike` gives."""
    bars = values.reshape(len(first), -1)
    return np.asarray((1 - share) * bars + share * mean_of_alike(bars, first)).ravel()


def _bar_vectors(features: Features, slots: Slots) -> Array:
    """A unit vector for each bar, (bars, features): tones and onset strength at its slots, less the song's mean."""
    length = float(np.median(slots.lengths))
    tones = pool(features.tones, TONE_RATE, slots.times, 0.0, max(length, 1 / TONE_RATE), "mean")
    attacks = attacks_at(features, slots.times)
    parts = []
    for rows in (tones, attacks):
        bars = rows.T.reshape(-1, slots.per_bar * len(rows))
        varying = bars - bars.mean(axis=0)
        parts.append(varying / (np.linalg.norm(varying, axis=1, keepdims=True) + FEWEST_VARYING))
    return np.asarray(np.concatenate(parts, axis=1) / np.sqrt(2))

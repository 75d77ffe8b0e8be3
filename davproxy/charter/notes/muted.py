"""The ranges of a recording in which a person wants no notes: (start, end) in seconds, in order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ranges = Sequence[tuple[float, float]]


def is_muted(ranges: Ranges, seconds: ArrayLike) -> NDArray[np.bool_]:
    """Whether each of these times is in one of the ranges; of the same shape."""
    times = np.asarray(seconds, dtype=np.float64)
    return np.asarray(sum(((start <= times) & (times < end) for start, end in ranges), times < -np.inf))


def next_muted(ranges: Ranges, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """When the first range after each of these times begins, infinite where there is none; of the same shape."""
    starts = np.array([*(start for start, _ in ranges), np.inf])
    return np.asarray(starts[np.searchsorted(starts, seconds, side="right").clip(max=len(starts) - 1)])

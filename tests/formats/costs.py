"""Whether a parser takes linear time: a hostile file must not cost more than its size."""

import time
from collections.abc import Callable

SMALL, LARGE = 20_000, 160_000
"""Sizes that are compared: eight times as much. Quadratic time would be 64 times as long."""


def is_linear(parse: Callable[[int], object]) -> bool:
    """Whether `parse`, called with a size, needs about as much more processor time as the size is larger."""
    return _seconds(parse, LARGE) < 2 * LARGE / SMALL * _seconds(parse, SMALL) + 0.05


def _seconds(parse: Callable[[int], object], size: int) -> float:
    """The processor time of the fastest of three runs, which other programs disturb least."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        parse(size)
        best = min(best, time.process_time() - start)
    return best

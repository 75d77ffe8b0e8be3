"""Waiting for a condition. The bound is generous: only a defect reaches it, a busy machine does not."""

import time
from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")
SECONDS = 60.0


def wait_until(condition: Callable[[], A], missing: Callable[[], object] | str = "", seconds: float = SECONDS) -> A:
    """The first true value that `condition` returns; it is called a hundred times a second.

    Raises AssertionError after `seconds`, with `missing` (or what it returns then) as its message.
    """
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, (missing() if callable(missing) else missing) or "the condition never held"
        time.sleep(0.01)
    return value

"""When a failed request is sent again: transient errors only, with growing pauses, for a limited time."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import tenacity

from davproxy.remote.webdav.failures import Transient

FIRST_PAUSE = 0.1
"""Seconds before the second attempt. Each further pause is twice as long."""
LONGEST_PAUSE = 2.0

T = TypeVar("T")


def retry(attempt: Callable[[], T], patience: float) -> T:
    """The result of `attempt`, which is called again after a Transient error, for `patience` seconds.

    Raises the last Transient's own error, and any other error at once.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Transient), wait=_pause, stop=_Deadline(patience), reraise=True
    )
    try:
        return retrying(attempt)
    except Transient as last:
        raise last.error from last.__cause__


class _Deadline:
    """Stops `patience` seconds after the first failure, so that a long upload that fails at its end gets a retry."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._first_failure: float | None = None

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        now = time.monotonic()
        self._first_failure = now if self._first_failure is None else self._first_failure
        return now + state.upcoming_sleep - self._first_failure > self._patience


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds before the next attempt, with 20 % jitter; at least as long as the server asks."""
    error = state.outcome.exception() if state.outcome else None
    requested = error.after if isinstance(error, Transient) else 0.0
    doubled: float = min(FIRST_PAUSE * 2 ** (state.attempt_number - 1), LONGEST_PAUSE)
    return max(requested, doubled * random.uniform(0.8, 1.2))  # noqa: S311

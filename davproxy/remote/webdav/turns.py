"""Requests that write many rows at once: side by side, or one at a time where the server cannot do two."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from loguru import logger

from davproxy.errors import Locked
from davproxy.remote.webdav.failures import Transient
from davproxy.remote.webdav.retry import retry

ALONE_SECONDS = 60.0
"""How long requests take turns after one of two was refused."""
LONGEST_WAIT = 60.0
"""Seconds after which a request is sent although others have not ended."""
T = TypeVar("T")


class Turns:
    """A Nextcloud on SQLite refuses one of two that write at a time, after it has done part of the work for nothing.

    What is refused as Locked is sent again once the others have ended, and for a while there are no two at a time.
    """

    def __init__(self) -> None:
        self._running = 0
        self._alone_until = 0.0
        self._changed = threading.Condition()

    def send(self, attempt: Callable[[], T], patience: float) -> T:
        """The result of `attempt`, which is retried as `retry` does."""
        if time.monotonic() >= self._alone_until:
            try:
                with self._one_of(most=None):
                    return retry(lambda: _at_once(attempt), patience)
            except Locked as error:
                logger.debug("Writes take turns now: {}", error.message)
                self.begin()
        with self._one_of(most=1):
            return retry(attempt, patience)

    def begin(self) -> None:
        """Let no two run at a time from now on, for a while."""
        self._alone_until = time.monotonic() + ALONE_SECONDS

    @contextmanager
    def _one_of(self, most: int | None) -> Iterator[None]:
        """Be counted as running; wait before while `most` are, but not for ever."""
        with self._changed:
            self._changed.wait_for(lambda: most is None or self._running < most, LONGEST_WAIT)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()


def _at_once(attempt: Callable[[], T]) -> T:
    """`attempt`, whose refusal as Locked is not retried."""
    try:
        return attempt()
    except Transient as failure:
        if isinstance(failure.error, Locked):
            raise failure.error from failure
        raise

"""Turns for requests that transfer large bodies, so that slow clients never occupy all threads."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol


class Waiting(Protocol):
    """A connection that waits for its turn."""

    def close(self) -> None:
        """Close it."""


class Transfers:
    """Limits how many requests transfer large bodies at the same time; the others queue without a thread.

    So slow readers and slow senders never occupy the threads that listings and pages need.
    """

    def __init__(self, turns: int, resume: Callable[[Any], object]) -> None:
        """`resume` is called with each queued connection once it has its turn."""
        self.free = turns
        """Turns that are free."""
        self._queue: deque[Waiting] = deque()
        self._lock = threading.Lock()
        self._resume = resume

    def enter(self) -> bool:
        """Take a turn if one is free."""
        with self._lock:
            if not self.free:
                return False
            self.free -= 1
            return True

    def wait(self, connection: Waiting) -> None:
        """Queue `connection` for a turn."""
        with self._lock:
            if not self.free:
                self._queue.append(connection)
                return
            self.free -= 1
        self._resume(connection)

    def leave(self) -> None:
        """Give the turn to the first in the queue, or free it."""
        with self._lock:
            if not self._queue:
                self.free += 1
                return
            connection = self._queue.popleft()
        self._resume(connection)

    def clear(self) -> None:
        """Close all connections that wait."""
        with self._lock:
            waiting, self._queue = list(self._queue), deque()
        for connection in waiting:
            connection.close()

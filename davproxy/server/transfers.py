"""Turns for requests that move large bodies, so that slow clients never hold all threads."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol


class Waiting(Protocol):
    """A connection that waits for its turn."""

    def close(self) -> None:
        """Close it."""


class Transfers:
    """Limits how many requests move large bodies at the same time; the others wait in line without a thread.

    So slow readers and slow senders never hold the threads that listings and pages need.
    """

    def __init__(self, turns: int, resume: Callable[[Any], object]) -> None:
        """`resume` is called with each connection that has waited and now has its turn."""
        self.free = turns
        """Turns that nobody has."""
        self._line: deque[Waiting] = deque()
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
        """Put `connection` in line for a turn."""
        with self._lock:
            if not self.free:
                self._line.append(connection)
                return
            self.free -= 1
        self._resume(connection)

    def leave(self) -> None:
        """Give the turn to the first in line, or back."""
        with self._lock:
            if not self._line:
                self.free += 1
                return
            connection = self._line.popleft()
        self._resume(connection)

    def clear(self) -> None:
        """Close all connections that wait."""
        with self._lock:
            waiting, self._line = list(self._line), deque()
        for connection in waiting:
            connection.close()

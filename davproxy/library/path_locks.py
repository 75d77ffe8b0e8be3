"""Changes of overlapping paths happen one after the other, so that the index changes in the order of the remote."""

import contextlib
import threading
import time
from collections.abc import Iterator

from davproxy.errors import Locked
from davproxy.paths import is_at_or_below

WAIT_SECONDS = 100.0
"""Longest wait for another change; a client gives up at about two minutes."""


class PathLocks:
    """Paths that are being changed. A path overlaps itself, everything below it, and every folder above it."""

    def __init__(self) -> None:
        self._held: list[tuple[int, str]] = []
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def hold(self, *paths: str, seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """Hold `paths` for the block, once no other thread holds one that overlaps; a thread may hold more in turn.

        Raises Locked after `seconds` of waiting.
        """
        mine = [(threading.get_ident(), path) for path in paths]
        until = time.monotonic() + seconds
        with self._changed:
            while self._is_busy(paths):
                left = until - time.monotonic()
                if left <= 0:
                    raise Locked("This is being changed by somebody else. Try again in a moment.")
                self._changed.wait(left)
            self._held += mine
        try:
            yield
        finally:
            with self._changed:
                for held in mine:
                    self._held.remove(held)
                self._changed.notify_all()

    def _is_busy(self, wanted: tuple[str, ...]) -> bool:
        me = threading.get_ident()
        return any(
            thread != me and (is_at_or_below(path, held) or is_at_or_below(held, path))
            for thread, held in self._held
            for path in wanted
        )

"""Waits until nothing has happened to a path for a while, then has it looked at."""

import threading
import time
from collections.abc import Callable

from loguru import logger


class Quiet:
    """Calls `look` with each path some seconds after its last `touch`, one at a time, in a thread of its own."""

    def __init__(self, look: Callable[[str], None]) -> None:
        self._look = look
        self._due: dict[str, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def touch(self, path: str, seconds: float) -> None:
        """Look at `path` in `seconds` from now, not before."""
        with self._changed:
            self._due[path] = time.monotonic() + seconds
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._work, name="imports-quiet", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Look at nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(5.0)

    def _work(self) -> None:
        while (path := self._next()) is not None:
            try:
                self._look(path)
            except Exception:  # noqa: BLE001 - the thread lives on; the next start looks again
                logger.exception("{} could not be looked at", path)

    def _next(self) -> str | None:
        """The next path that is due; None when closed."""
        with self._changed:
            while not self._stopped:
                path, when = min(self._due.items(), key=lambda item: item[1], default=("", 0.0))
                if path and when <= time.monotonic():
                    del self._due[path]
                    return path
                self._changed.wait(when - time.monotonic() if path else None)
        return None

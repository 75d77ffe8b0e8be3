"""Step: wait until a folder has not changed for some seconds."""

import os
import threading
import time
from collections.abc import Callable

from loguru import logger

from davproxy import processes


class Debounce:
    """Calls `action` with each scheduled path once its time has come, one at a time, in a thread of its own."""

    def __init__(self, action: Callable[[str], None]) -> None:
        self._action = action
        self._due: dict[str, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def schedule(self, path: str, seconds: float) -> None:
        """Call the action with `path` in `seconds` from now. This replaces an earlier schedule of the same path."""
        with self._changed:
            self._due[path] = time.monotonic() + seconds
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._work, name="imports-debounce", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Drop all schedules, and end the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(5.0)

    def _work(self) -> None:
        processes.take_cores_of(os.getpid())
        while (path := self._next()) is not None:
            try:
                self._action(path)
            except Exception:  # noqa: BLE001 - the thread must go on; the next start checks the path again
                logger.exception("{} could not be checked", path)

    def _next(self) -> str | None:
        """Wait for the next path that is due. Returns None once closed."""
        with self._changed:
            while not self._stopped:
                path, when = min(self._due.items(), key=lambda item: item[1], default=("", 0.0))
                if path and when <= time.monotonic():
                    del self._due[path]
                    return path
                self._changed.wait(when - time.monotonic() if path else None)
        return None

"""Push reports of changes on the remote, over a connection that is made again whenever it breaks."""

import threading
import time
from collections.abc import Callable

from loguru import logger

from davproxy.errors import DavproxyError
from davproxy.remote.protocol import Changes, Remote

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds between attempts to connect; the pause is doubled each time."""
LASTING_SECONDS = 60.0
"""After a connection that lasted this long, the pause starts at the first one again."""


class Push:
    """Calls `reported` for each report, and when the connection is made or broken, because reports may be missed."""

    def __init__(self, remote: Remote, reported: Callable[[], None], first_pause: float = FIRST_PAUSE) -> None:
        self._remote, self._reported = remote, reported
        self._first_pause = first_pause
        self._lock = threading.Lock()
        self._changes: Changes | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="push", daemon=True)

    @property
    def connected(self) -> bool:
        """Whether the remote is reporting its changes."""
        return self._changes is not None

    def start(self) -> None:
        """Connect, in a thread of its own."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """End the connection, waiting `timeout` seconds at most for the thread."""
        with self._lock:
            self._stop.set()
            if self._changes is not None:
                self._changes.close()
        if self._thread.is_alive():
            self._thread.join(min(timeout, 1.0))

    def _run(self) -> None:
        pause = self._first_pause
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                if not self._listen():
                    return
            except DavproxyError as error:
                logger.debug("The remote does not report its changes now: {}", error.message)
            except Exception:  # noqa: BLE001 - the timer of the sync goes on meanwhile
                logger.exception("Listening for changes broke")
            if time.monotonic() - began > LASTING_SECONDS:
                pause = self._first_pause
            self._stop.wait(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _listen(self) -> bool:
        """Call `reported` until the connection ends. Returns whether the remote reports changes at all."""
        changes = self._remote.changes()
        if changes is None:
            return False
        try:
            with self._lock:
                if self._stop.is_set():
                    return True
                self._changes = changes
            logger.info("The remote reports its changes by itself")
            self._reported()
            for _ in changes:
                self._reported()
        finally:
            self._changes = None
            changes.close()
            self._reported()
        return True

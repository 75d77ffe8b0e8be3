"""One line in the log for each request, written in batches by a thread of its own.

Writing a line costs more than a cached response, and a scanning game would wait for each.
"""

import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from loguru import logger

from davproxy import log, paths
from davproxy.log import RequestLine

Log = Callable[[str, str, str, float], None]
"""Logs one request: method, URI, status, and its start by `time.perf_counter`."""

BATCH_SECONDS = 0.1
"""How long lines are collected. A crash loses no more of the log than that."""
BATCH = 64
"""Lines written at once; the other threads wait for Python's lock meanwhile."""
MOST_WAITING = 50_000
"""Most lines that wait for a slow log; lines beyond it are counted and left out."""


class AccessLog:
    """Queues a line for each request without waiting, and writes it a moment later."""

    def __init__(self, write: Callable[[Sequence[RequestLine]], None] = log.write_requests) -> None:
        self._write = write
        self._noted: SimpleQueue[RequestLine | None] = SimpleQueue()
        self._left_out = 0
        self.last = 0.0
        """When the last request was logged, or else the log began, in monotonic seconds."""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_batches, name="access log", daemon=True)

    def __call__(self, method: str, uri: str, status: str, began: float) -> None:
        """Queue the line of one request. It shows no query, which may hold secrets."""
        self.last = time.monotonic()
        if self._noted.qsize() < MOST_WAITING:
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            self._noted.put(RequestLine(time.time(), method, uri, status, milliseconds))
        else:
            self._left_out += 1

    def start(self) -> None:
        """Write lines from now on."""
        self.last = time.monotonic()
        self._thread.start()

    def close(self) -> None:
        """Write the queued lines, and end the thread."""
        self._closing.set()
        self._noted.put(None)
        if self._thread.is_alive():
            self._thread.join(2)

    def _write_batches(self) -> None:
        ended = False
        while not ended:
            first = self._noted.get()
            self._closing.wait(BATCH_SECONDS)
            found = [first, *(self._noted.get() for _ in range(self._noted.qsize()))]
            lines = [_clean_line(line) for line in found if line is not None]
            ended = len(lines) < len(found)
            for start in range(0, len(lines), BATCH):
                self._write(lines[start : start + BATCH])
            if self._left_out:
                logger.warning("The log is too slow: the lines of {} requests are left out", self._left_out)
                self._left_out = 0


def _clean_line(line: RequestLine) -> RequestLine:
    path = line.path.partition("?")[0]
    return line._replace(path=path if path.isprintable() else paths.printable(path))

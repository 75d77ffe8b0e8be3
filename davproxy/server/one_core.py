"""Keeps the threads of the server on one core.

Only one thread runs Python at a time. Where threads on several cores wait for their turn, each system call of one of
them wakes another core, and handing the turn over costs more than the work: 2.5 times the processor time in a scan
by 8 clients. On one core, the next thread runs when the present one has to wait. Threads of jobs, of the sync and of
the remote stay free, and so do children.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

RECHOOSE_SECONDS = 10.0
"""How often the core is chosen again, so that the threads leave one that others keep busy."""


class OneCore:
    """Chooses a core for `threads`, which returns their native ids, again and again. Does nothing but on Linux."""

    def __init__(self, threads: Callable[[], Iterable[int]], seconds: float = RECHOOSE_SECONDS) -> None:
        self._threads = threads
        self._seconds = seconds
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin, in a thread of its own."""
        if sys.platform == "linux":
            threading.Thread(target=self._run, name="one core", daemon=True).start()

    def stop(self) -> None:
        """Leave the threads where they are from now on."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            with suppress(OSError):  # where /proc is not mounted
                move(self._threads(), core_of_this_thread())
            self._stopped.wait(self._seconds)


def core_of_this_thread() -> int:
    """The core that the system has just chosen for this thread, which is an idle one where there is any."""
    # proc(5), "processor": field 39; what precedes the last ")" is the first two
    return int(Path("/proc/thread-self/stat").read_text().rpartition(")")[2].split()[36])


def move(threads: Iterable[int], core: int) -> None:
    """Let each thread run on `core` alone. One that has ended meanwhile is passed over."""
    if sys.platform == "linux":
        for thread in threads:
            with suppress(OSError):
                os.sched_setaffinity(thread, {core})

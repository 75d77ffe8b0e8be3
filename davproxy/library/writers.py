"""Files that are being written: uploads, files that are still empty, and files that clients have locked."""

import threading
import time
from collections.abc import Callable
from weakref import WeakSet

from davproxy import paths
from davproxy.library.upload import LibraryUpload
from davproxy.model import Entry

EMPTY_SECONDS = 60.0
"""Seconds for which a file that was stored empty counts as being written, because Explorer and the Finder begin so."""


class Writers:
    """Answers whether something at a path is being written; the imports wait until nothing is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._uploads: WeakSet[LibraryUpload] = WeakSet()
        self._empty: dict[str, float] = {}
        self._locked: list[Callable[[str], bool]] = []
        self._released: list[Callable[[str], None]] = []
        self._mutex = threading.Lock()

    def add(self, upload: LibraryUpload) -> None:
        """Count an upload, until it is committed or aborted, or nothing of it has come for a while."""
        with self._mutex:
            self._uploads.add(upload)

    def note_stored(self, entry: Entry) -> None:
        """Note that a file has been stored, which may be empty."""
        now = self._clock()
        with self._mutex:
            self._empty = {path: until for path, until in self._empty.items() if until > now}
            self._empty.pop(entry.path, None)
            if not entry.size:
                self._empty[entry.path] = now + EMPTY_SECONDS

    def ask(self, is_locked: Callable[[str], bool]) -> None:
        """Ask `is_locked` too: whether something at a path, or below it, is locked by a client."""
        self._locked.append(is_locked)

    def when_released(self, subscriber: Callable[[str], None]) -> None:
        """Call `subscriber` with each path whose lock a client ends."""
        self._released.append(subscriber)

    def released(self, path: str) -> None:
        """Report that a client has ended its lock on `path`."""
        for subscriber in self._released:
            subscriber(path)

    def any_at(self, path: str) -> bool:
        """Whether the file at `path`, or one at any depth below it, is being written."""
        now = self._clock()
        with self._mutex:
            sent = [upload.path for upload in self._uploads if upload.is_under_way(now)]
            empty = [stored for stored, until in self._empty.items() if until > now]
        if any(paths.is_at_or_below(each, path) for each in (*sent, *empty)):
            return True
        return any(is_locked(path) for is_locked in self._locked)

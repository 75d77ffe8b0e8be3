"""The etags and times of folders as clients see them."""

import threading
import time
from dataclasses import replace
from hashlib import blake2b

from davproxy import paths
from davproxy.model import Change, Entry

MOST = 50_000
"""Most folders whose times are kept."""


class FolderTimes:
    """When something changed in each folder since its entry was read from the remote.

    The index gives a folder another etag with each change of our own below it, but keeps its time until the next sync.
    """

    def __init__(self) -> None:
        self._times: dict[str, float] = {}
        self._mutex = threading.Lock()

    def follow(self, change: Change) -> None:
        """Note a change of the tree."""
        now = time.time()
        with self._mutex:
            if change.kind == "folder":  # its time was read from the remote just now
                self._times.pop(change.path, None)
            for path in filter(None, (change.path, change.target)):
                self._times.pop(paths.parent_of(path), None)
                self._times[paths.parent_of(path)] = now
            while len(self._times) > MOST:
                del self._times[next(iter(self._times))]

    def shown(self, entry: Entry) -> Entry:
        """The entry of a folder with its present time, and an etag that no other folder has; that of a file as it is.

        A remote may give all its empty folders one etag.
        """
        if not entry.is_folder or not entry.etag:
            return entry
        etag = blake2b(f"{entry.etag}{entry.path}".encode(), digest_size=8).hexdigest()
        return replace(entry, etag=etag, modified=max(entry.modified, self._times.get(entry.path, 0.0)))

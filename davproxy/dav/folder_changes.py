"""The etags and times of folders as clients see them: new with every change below, at once."""

import threading
import time
from dataclasses import replace
from hashlib import blake2b
from secrets import token_hex

from davproxy import paths
from davproxy.model import Change, Entry

MOST = 50_000
"""Most folders whose changes are counted."""


class FolderChanges:
    """What happened in folders since the index learned their etags, which it does only with the next sync.

    A remote may also give all its empty folders one etag. So the etag that is shown is made of the indexed one, the
    path, and a count of the changes at any depth below; of the start of this program too, since the counts end with it.
    """

    def __init__(self) -> None:
        self._start = token_hex(8)
        self._counts: dict[str, int] = {}
        self._times: dict[str, float] = {}
        self._mutex = threading.Lock()

    def follow(self, change: Change) -> None:
        """Note a change of the tree."""
        now = time.time()
        with self._mutex:
            if len(self._counts) > MOST:
                self._counts.clear()
                self._times.clear()
                self._start = token_hex(8)
            if change.kind == "folder":  # its time was read from the remote just now
                self._times.pop(change.path, None)
            for path in filter(None, (change.path, change.target)):
                self._times[paths.parent_of(path)] = now
                for folder in paths.ancestors(path):
                    self._counts[folder] = self._counts.get(folder, 0) + 1

    def shown(self, entry: Entry) -> Entry:
        """The entry of a folder with its present etag and time; that of a file as it is."""
        if not entry.is_folder or not entry.etag:
            return entry
        parts = f"{self._start}/{self._counts.get(entry.path, 0)}/{entry.etag}{entry.path}"
        etag = blake2b(parts.encode(), digest_size=8).hexdigest()
        return replace(entry, etag=etag, modified=max(entry.modified, self._times.get(entry.path, 0.0)))

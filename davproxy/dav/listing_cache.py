"""Rendered listings by path, kept until something in them changes."""

import threading
from collections import OrderedDict

from davproxy import paths
from davproxy.dav.multistatus import Asked
from davproxy.model import Change

Key = tuple[str, Asked]
"""Depth, and what was asked for."""


class ListingCache:
    """Those longest not rendered are forgotten first."""

    def __init__(self, limit: int) -> None:
        """`limit` is the most bytes of all listings."""
        self._limit = limit
        self._total = 0
        self._listings: OrderedDict[str, dict[Key, bytes]] = OrderedDict()
        self._lock = threading.Lock()
        self.changes = 0
        """Counts the changes of the tree; a listing begun before the last one is not kept."""

    def get(self, path: str, key: Key) -> bytes | None:
        """The listing, if it is kept."""
        found = self._listings.get(path)
        return found.get(key) if found else None

    def put(self, path: str, key: Key, listing: bytes, changes: int) -> None:
        """Keep a listing that was begun at this count of changes, unless something has changed since."""
        with self._lock:
            if changes != self.changes:
                return
            self._total -= len(self._listings.get(path, {}).pop(key, b""))
            self._listings.setdefault(path, {})[key] = listing
            self._listings.move_to_end(path)
            self._total += len(listing)
            while self._total > self._limit:
                self._drop(next(iter(self._listings)))

    def follow(self, change: Change) -> None:
        """Drop every listing that shows what has changed: the entry, all above it, and all below it."""
        with self._lock:
            self.changes += 1
            for path in filter(None, (change.path, change.target)):
                for shown in (path, *paths.ancestors(path)):
                    self._drop(shown)
                if change.kind in ("moved", "removed"):
                    for below in [kept for kept in self._listings if paths.is_below(kept, path)]:
                        self._drop(below)

    def _drop(self, path: str) -> None:
        self._total -= sum(map(len, self._listings.pop(path, {}).values()))

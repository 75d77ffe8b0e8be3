"""PROPFIND of a file or a folder, answered from ready bytes; what is unusual is left to WsgiDAV."""

import threading
from collections import OrderedDict
from typing import Any

from davproxy import paths
from davproxy.dav import multistatus, urls
from davproxy.dav.locks import Locks, Properties
from davproxy.dav.multistatus import Asked
from davproxy.dav.view import View
from davproxy.errors import BadBody, DavproxyError
from davproxy.model import Change, Quota
from davproxy.server.response_cache import Repeatable

Key = tuple[str, Asked]
KIND = "listing"
"""First value of the key of a listing that can be repeated."""
KEPT_BYTES = 96 * 1024 * 1024


class FiniteDepth(DavproxyError):
    """A listing of the whole tree in one answer was asked for."""

    status = 403


class Propfind:
    """Renders listings, and keeps those of library folders until something in them changes."""

    def __init__(self, view: View, locks: Locks, properties: Properties) -> None:
        self._view = view
        self._locks = locks
        self._properties = properties
        self._kept = Kept(KEPT_BYTES)
        view.library.subscribe(self._kept.follow)

    def answer(self, path: str, environ: dict[str, Any], body: bytes) -> list[bytes] | None:
        """The multistatus, or None where WsgiDAV has to answer: locks, dead properties, an `If` header.

        Raises NotFound, BadBody, FiniteDepth. Without a Depth header one level is listed.
        """
        depth = environ.get("HTTP_DEPTH", "1").strip().lower()
        if depth not in ("0", "1"):
            if depth == "infinity":
                raise FiniteDepth("The whole tree is too much for one answer. List it folder by folder (Depth: 1).")
            raise BadBody("Depth must be 0 or 1.")
        asked = multistatus.parse(body)
        if "HTTP_IF" in environ or self._is_unusual(path, asked):
            environ["HTTP_DEPTH"] = depth
            return None
        key = (depth, asked)
        listing = self._ready(path, key) or self._render(path, depth == "1", asked)
        if self._ready(path, key) is None:
            return [listing]
        return Repeatable([listing], (KIND, path, depth, body, len(listing)))

    def repeat(self, path: str, depth: str, body: bytes, size: int) -> bytes | None:
        """The listing that is kept, if it is `size` bytes long: the head says no more than that."""
        asked = multistatus.parse(body)
        ready = None if self._is_unusual(path, asked) else self._ready(path, (depth, asked))
        return ready if ready is not None and len(ready) == size else None

    def _ready(self, path: str, key: Key) -> bytes | None:
        """The listing, if it is kept; none shows the names that are locked but not written yet."""
        return None if self._view.holds_names else self._kept.get(path, key)

    def _is_unusual(self, path: str, asked: Asked) -> bool:
        """Whether locks or dead properties may be part of the answer."""
        return (asked.locks and self._locks.any) or (asked.foreign and self._properties.any_in(urls.reference(path)))

    def _render(self, path: str, deep: bool, asked: Asked) -> bytes:
        stamp = self._kept.stamp
        entry = self._view.stat(path)
        entries = [entry, *(self._view.children(path) if deep and entry.is_folder else ())]
        rendered = multistatus.render(entries, asked, self._quota() if asked.quota else None)
        if not asked.quota and self._view.is_settled(path):
            self._kept.put(path, ("1" if deep else "0", asked), rendered, stamp)
        return rendered

    def _quota(self) -> Quota | None:
        """How much room there is; a remote that cannot say keeps nobody from the listing."""
        try:
            return self._view.library.tree.quota()
        except DavproxyError:
            return None


class Kept:
    """Rendered listings by path, the longest unused forgotten first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._total = 0
        self._listings: OrderedDict[str, dict[Key, bytes]] = OrderedDict()
        self._lock = threading.Lock()
        self.stamp = 0
        """Counts the changes; a listing begun before the last one is not kept."""

    def get(self, path: str, key: Key) -> bytes | None:
        """The listing, if it is kept."""
        found = self._listings.get(path)
        return found.get(key) if found else None

    def put(self, path: str, key: Key, listing: bytes, stamp: int) -> None:
        """Keep a listing that was begun when `stamp` was read, unless something has changed since."""
        with self._lock:
            if stamp != self.stamp:
                return
            self._drop_one(path, key)
            self._listings.setdefault(path, {})[key] = listing
            self._listings.move_to_end(path)
            self._total += len(listing)
            while self._total > self._limit:
                self._drop(next(iter(self._listings)))

    def follow(self, change: Change) -> None:
        """Drop every listing that shows what has changed: the entry, all above it, and all below it."""
        with self._lock:
            self.stamp += 1
            for path in filter(None, (change.path, change.target)):
                for shown in (path, *paths.ancestors(path)):
                    self._drop(shown)
                if change.kind in ("moved", "removed"):
                    for below in [kept for kept in self._listings if paths.is_below(kept, path)]:
                        self._drop(below)

    def _drop(self, path: str) -> None:
        self._total -= sum(map(len, self._listings.pop(path, {}).values()))

    def _drop_one(self, path: str, key: Key) -> None:
        self._total -= len(self._listings.get(path, {}).pop(key, b""))

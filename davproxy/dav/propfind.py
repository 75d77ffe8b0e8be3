"""PROPFIND of a file or a folder."""

from typing import Any

from davproxy.dav import multistatus
from davproxy.dav.dead_properties import DeadProperties
from davproxy.dav.listing_cache import Kind, ListingCache
from davproxy.dav.locks import Locks
from davproxy.dav.multistatus import Asked, Beside
from davproxy.dav.view import View
from davproxy.errors import BadBody, DavproxyError
from davproxy.model import Quota
from davproxy.server.response_cache import Repeatable

KIND = "listing"
"""First value of the key of a response that `repeat` gives again."""
KEPT_BYTES = 40 * 1024 * 1024
"""Most bytes of memory of all listings that are kept: those of 60,000 songs, about."""


class FiniteDepth(DavproxyError):
    """A client asks for the whole tree in one answer."""

    status = 403


class Propfind:
    """Renders listings. Those of library folders are kept until something in them changes, unless locks or dead
    properties are part of them."""

    def __init__(self, view: View, locks: Locks, properties: DeadProperties) -> None:
        self._view = view
        self._locks = locks
        self._properties = properties
        self._cache = ListingCache(KEPT_BYTES)
        view.subscribe(self._cache.follow)

    def answer(self, path: str, environ: dict[str, Any], body: bytes, *, repeatable: bool) -> list[bytes]:
        """The multistatus. Raises NotFound, BadBody, FiniteDepth. Without a Depth header one level is listed."""
        depth = "".join(environ.get("HTTP_DEPTH", "1").lower().split())
        if depth not in ("0", "1", "1,noroot"):
            if depth.startswith("infinity"):
                raise FiniteDepth("The whole tree is too much for one answer. List it folder by folder (Depth: 1).")
            raise BadBody("Depth must be 0 or 1.")
        kind = self._cache.kind(depth, multistatus.parse(body))
        listing = self._cached_listing(path, kind)
        if listing is None:
            listing = self._render(path, kind)
            repeatable = repeatable and self._cached_listing(path, kind) is not None
        return Repeatable([listing], (KIND, path, kind.number, len(listing))) if repeatable else [listing]

    def repeat(self, path: str, kind_number: int, size: int) -> bytes | None:
        """The listing that is kept, if it is `size` bytes long: the head says no more than that."""
        kind = self._cache.numbered(kind_number)
        kept = None if kind is None else self._cached_listing(path, kind)
        return kept if kept is not None and len(kept) == size else None

    def _cached_listing(self, path: str, kind: Kind) -> bytes | None:
        return None if self._may_differ(path, kind.asked) else self._cache.get(path, kind)

    def _may_differ(self, path: str, asked: Asked) -> bool:
        """Whether locks or dead properties, which no change of the tree announces, may be part of the answer."""
        return (
            self._view.shows_locked_names(path)
            or (asked.locks and bool(self._locks))
            or (asked.foreign and self._properties.any_at_or_in(path))
        )

    def _render(self, path: str, kind: Kind) -> bytes:
        depth, asked = kind.depth, kind.asked
        changes, locks = self._cache.changes, self._locks.changes
        lasting = not asked.quota and not self._may_differ(path, asked) and self._view.is_settled(path)
        entry = self._view.stat(path)
        entries = [] if depth == "1,noroot" else [entry]
        if depth != "0" and entry.is_folder:
            entries += self._view.children(path)
        beside = Beside(
            self._quota() if asked.quota else None,
            self._locks.protecting,
            self._properties.of if asked.foreign else None,
        )
        listing = multistatus.render(entries, asked, beside)
        if lasting and locks == self._locks.changes:
            self._cache.put(path, kind, listing, changes)
        return listing

    def _quota(self) -> Quota | None:
        """How much room there is; a remote that cannot say keeps nobody from the listing."""
        try:
            return self._view.library.space.quota()
        except DavproxyError:
            return None

"""Rendered listings by path, kept until something in them changes. Most are packed to a tenth of their length."""

import sys
import threading
import zlib
from dataclasses import dataclass, field

from davproxy import paths
from davproxy.dav import multistatus
from davproxy.dav.multistatus import Asked
from davproxy.model import Change

MOST_KINDS = 64
"""Most kinds of listings; beyond it, the one with the fewest listings is forgotten."""
LONGEST_PACKED = 32 * 1024
"""Longest listing that is packed, in bytes: to unpack a longer one at each request would take too long."""
_SLOT = 60
"""Bytes of memory that a listing takes in its dictionary."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Listings of one depth that tell the same properties, by path. `number` names the kind as long as it is kept,
    `sample` is what they are packed with."""

    number: int
    depth: str
    asked: Asked
    sample: bytes
    listings: dict[str, bytes] = field(default_factory=dict)


class ListingCache:
    """Those longest not rendered are forgotten first, of the kind that has most."""

    def __init__(self, limit: int) -> None:
        """`limit` is the most bytes of memory of all listings."""
        self._limit = limit
        self._kinds: dict[int, Kind] = {}
        self._numbers: dict[tuple[str, Asked], int] = {}
        self._made = 0
        self._lock = threading.Lock()
        self.size = 0
        """Bytes of memory of all listings."""
        self.changes = 0
        """Counts the changes of the tree; a listing begun before the last one is not kept."""

    def kind(self, depth: str, asked: Asked) -> Kind:
        """The kind of such listings."""
        number = self._numbers.get((depth, asked))
        return (self.numbered(number) if number else None) or self._make_kind(depth, asked)

    def numbered(self, number: int) -> Kind | None:
        """The kind of that number, if it is kept."""
        return self._kinds.get(number)

    def _make_kind(self, depth: str, asked: Asked) -> Kind:
        with self._lock:
            while len(self._kinds) >= MOST_KINDS:
                self._forget(min(self._kinds.values(), key=lambda kind: len(kind.listings)))
            self._made += 1
            sample = multistatus.sample(asked)[:LONGEST_PACKED]
            made = self._kinds[self._made] = Kind(self._made, depth, asked, sample)
            self._numbers[depth, asked] = made.number
            return made

    def _forget(self, kind: Kind) -> None:
        for path in list(kind.listings):
            self._drop(kind, path)
        del self._kinds[kind.number], self._numbers[kind.depth, kind.asked]

    def get(self, path: str, kind: Kind) -> bytes | None:
        """The listing, if it is kept."""
        kept = kind.listings.get(path)
        return None if kept is None else _unpack(kept, kind.sample)

    def put(self, path: str, kind: Kind, listing: bytes, changes: int) -> None:
        """Keep a listing that was begun at this count of changes, unless something has changed since."""
        packed = _pack(listing, kind.sample)
        with self._lock:
            if changes != self.changes or kind.number not in self._kinds or kind.listings.get(path) == packed:
                return
            self._drop(kind, path)
            kind.listings[path] = packed
            self.size += _size(path, packed)
            while self.size > self._limit:
                fullest = max(self._kinds.values(), key=lambda kind: len(kind.listings))
                self._drop(fullest, next(iter(fullest.listings)))

    def follow(self, change: Change) -> None:
        """Drop every listing that shows what has changed: the entry, all above it, and all below it."""
        with self._lock:
            self.changes += 1
            for kind in self._kinds.values():
                for path in filter(None, (change.path, change.target)):
                    for shown in (path, *paths.ancestors(path)):
                        self._drop(kind, shown)
                    if change.kind in ("moved", "removed"):
                        for below in [kept for kept in kind.listings if paths.is_below(kept, path)]:
                            self._drop(kind, below)

    def _drop(self, kind: Kind, path: str) -> None:
        packed = kind.listings.pop(path, None)
        if packed is not None:
            self.size -= _size(path, packed)


def _size(path: str, packed: bytes) -> int:
    return sys.getsizeof(path) + sys.getsizeof(packed) + _SLOT


def _pack(listing: bytes, sample: bytes) -> bytes:
    """A short listing by zlib, whose first byte is x; a longer one as it is, and XML begins with another byte."""
    if len(listing) > LONGEST_PACKED:
        return listing
    packing = zlib.compressobj(1, zdict=sample)
    return packing.compress(listing) + packing.flush()


def _unpack(packed: bytes, sample: bytes) -> bytes:
    return zlib.decompressobj(zdict=sample).decompress(packed) if packed[:1] == b"x" else packed

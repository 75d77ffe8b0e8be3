"""Contents on their way from the remote to the cache: fetched once, however many read them meanwhile."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

from davproxy.contents.cache import Cache, Part
from davproxy.errors import DavproxyError
from davproxy.remote.protocol import BLOCK

Fetch = Callable[[int, int], AbstractContextManager[Iterator[bytes]]]
"""Opens the remote's stream of (start, length) of a content."""


class Arrivals:
    """What is on its way now. It goes on as long as somebody reads it; the last to leave before its end drops it."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._under_way: dict[str, Arrival] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def join(self, key: str, size: int, fetch: Fetch) -> Iterator["Arrival"]:
        """Read the content of `key` with whoever reads it already."""
        with self._lock:
            arrival = self._under_way.get(key)
            if arrival is None:
                arrival = self._under_way[key] = Arrival(self._cache.part(key, size), size, fetch)
            arrival.readers += 1
        try:
            yield arrival
        finally:
            with self._lock:
                arrival.readers -= 1
                last = not arrival.readers
                if last:
                    del self._under_way[key]
            if last:
                arrival.close()

    def __contains__(self, key: str) -> bool:
        return key in self._under_way


class Arrival:
    """One content. Nobody leads: whoever needs bytes that are not here yet takes the next block for all."""

    def __init__(self, part: Part, size: int, fetch: Fetch) -> None:
        self._part, self._size, self._fetch = part, size, fetch
        self._remote = ExitStack()
        self._coming: Iterator[bytes] | None = None
        self._taking = threading.Lock()
        self._over = False
        self.readers = 0

    def blocks(self, start: int, length: int) -> Iterator[bytes]:
        """The bytes from `start`, `length` of them. Where the fetch breaks off, each reader fetches its own rest."""
        end = start + length
        while start < end:
            block = self._next(start, min(BLOCK, end - start))
            if not block:
                with self._fetch(start, end - start) as rest:
                    yield from rest
                return
            start += len(block)
            yield block

    def fill(self) -> None:
        """Fetch all of it, or as far as it comes."""
        while not self._over:
            with self._taking:
                if not self._over:
                    self._take()

    def _next(self, start: int, most: int) -> bytes:
        """Up to `most` bytes from `start`; none where the fetch broke off before."""
        if start >= self._part.stored:
            with self._taking:
                while start >= self._part.stored and not self._over:
                    before, block = self._part.stored, self._take()
                    if before == start:
                        return block[:most]
        return self._part.read(start, most) if start < self._part.stored else b""

    def _take(self) -> bytes:
        """The next block from the remote, stored. Only the first may raise: then nothing has begun."""
        if self._part.broken:
            self._end()
            return b""
        if self._coming is None:
            self._coming = self._remote.enter_context(self._fetch(0, self._size))
        try:
            block = next(self._coming, b"")
        except DavproxyError:
            block = b""
        self._part.write(block)
        if not block or self._part.broken or self._part.stored == self._size:
            self._end()
        return block

    def _end(self) -> None:
        self._over = True
        self._remote.close()

    def close(self) -> None:
        """Give everything back. Nobody reads any more."""
        with self._taking:
            self._end()
        self._part.__exit__()

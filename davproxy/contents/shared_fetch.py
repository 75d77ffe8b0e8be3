"""Downloads in progress, each shared by all readers of the same content and written to the cache on the way."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

from davproxy.contents.cache import Cache, PartialFile
from davproxy.errors import DavproxyError
from davproxy.remote.protocol import BLOCK

Fetch = Callable[[int, int], AbstractContextManager[Iterator[bytes]]]
"""Opens the remote's stream of (start, length) of a content."""


class SharedFetches:
    """The downloads in progress by content key. One is abandoned when its last reader leaves."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._in_progress: dict[str, SharedFetch] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def join(self, key: str, size: int, fetch: Fetch) -> Iterator["SharedFetch"]:
        """Read the content of `key`, of `size` bytes, in the download that is in progress or in a new one."""
        with self._lock:
            shared = self._in_progress.get(key)
            if shared is None:
                shared = self._in_progress[key] = SharedFetch(self._cache.begin(key, size), size, fetch)
            shared.readers += 1
        try:
            yield shared
        finally:
            with self._lock:
                shared.readers -= 1
                last = not shared.readers
                if last:
                    del self._in_progress[key]
            if last:
                shared.close()

    def __contains__(self, key: str) -> bool:
        return key in self._in_progress


class SharedFetch:
    """One download. No thread owns it: a reader that needs bytes that are not here yet fetches the next block."""

    def __init__(self, file: PartialFile, size: int, fetch: Fetch) -> None:
        self._file, self._size, self._fetch = file, size, fetch
        self._open = ExitStack()
        self._stream: Iterator[bytes] | None = None
        self._fetching = threading.Lock()
        self._ended = False
        self.readers = 0

    def blocks(self, start: int, length: int) -> Iterator[bytes]:
        """`length` bytes from `start`, in blocks. Where the download breaks off, each reader fetches its own rest."""
        end = start + length
        while start < end:
            block = self._next(start, min(BLOCK, end - start))
            if not block:
                with self._fetch(start, end - start) as rest:
                    yield from rest
                return
            start += len(block)
            yield block

    def fetch_all(self) -> None:
        """Download all of it, or as far as it comes."""
        while not self._ended:
            with self._fetching:
                if not self._ended:
                    self._fetch_block()

    def _next(self, start: int, most: int) -> bytes:
        """Up to `most` bytes from `start`; none where the download broke off before."""
        if start >= self._file.stored:
            with self._fetching:
                while start >= self._file.stored and not self._ended:
                    before, block = self._file.stored, self._fetch_block()
                    if before == start:
                        return block[:most]
        return self._file.read(start, most) if start < self._file.stored else b""

    def _fetch_block(self) -> bytes:
        """The next block from the remote, stored. Only the first may raise, because then no reader has begun."""
        if self._file.broken:
            self._end()
            return b""
        if self._stream is None:
            self._stream = self._open.enter_context(self._fetch(0, self._size))
        try:
            block = next(self._stream, b"")
        except DavproxyError:
            block = b""
        self._file.write(block)
        if not block or self._file.broken or self._file.stored == self._size:
            self._end()
        return block

    def _end(self) -> None:
        self._ended = True
        self._open.close()

    def close(self) -> None:
        """Close the remote's stream and the file. Nobody may read any more."""
        with self._fetching:
            self._end()
        self._file.__exit__()

"""The bytes of files: kept in the index, cached on disk, or read from the remote, in bulk where many are wanted."""

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

from davproxy.contents.cache import Cache, key_of
from davproxy.contents.ranges import Large
from davproxy.errors import NotFound, Unavailable
from davproxy.formats.identify import INI_NAME, NOTES_NAMES
from davproxy.index import Index
from davproxy.model import Entry
from davproxy.paths import SONGS, is_below, name_of
from davproxy.remote.protocol import Remote

SMALL = 1024 * 1024
"""Files up to this size are fetched whole and cached."""
BULK_BYTES = 24 * 1024 * 1024
"""Most bytes fetched in one bulk read."""
BULK_FILES = 290
STREAK_SECONDS = 5.0


class Contents:
    """Reads of file contents. A fetch happens once, however many ask for it at the same time.

    A file that has another etag by now raises Conflict: the entry is outdated.
    """

    def __init__(self, remote: Remote, index: Index, cache: Cache) -> None:
        self._remote, self._index, self._cache = remote, index, cache
        self._fetching: dict[str, Future[bytes | None]] = {}
        self._lock = threading.Lock()
        self._ahead = _ReadAhead()
        self._large = Large(remote, cache)

    def read(self, entry: Entry) -> bytes:
        """The whole of a file."""
        if entry.size > SMALL:
            with self.stream(entry) as blocks:
                return b"".join(blocks)
        content = self.cached(entry)
        return content if content is not None else self._fetch(entry)

    def cached(self, entry: Entry) -> bytes | None:
        """A small file's bytes if they are here, without a request to the remote."""
        if name_of(entry.path) == INI_NAME:
            return self._index.entries.content(entry.path)
        return self._cache.read(key_of(entry))

    @contextlib.contextmanager
    def stream(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[Iterator[bytes]]:
        """The bytes from `start`, `length` of them or to the end, in blocks."""
        length = min(max(0, entry.size - start), entry.size if length is None else length)
        if entry.size <= SMALL:
            yield iter([self.read(entry)[start : start + length]])
        else:
            with self._large.stream(entry, start, length) as blocks:
                yield blocks

    def learn(self, entry: Entry, content: bytes) -> None:
        """Take note of a content that passed by: song.ini into the index, what else is small into the cache."""
        if name_of(entry.path) == INI_NAME:
            self._index.entries.keep([(entry.path, entry.etag, content)])
        elif len(content) <= SMALL:
            self._cache.put(key_of(entry), content)

    def read_many(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """Many small files, those that are here first, the others in bulk. What is gone or changed is left out."""
        missing = []
        for entry in entries:
            content = self.cached(entry)
            if content is None:
                missing.append(entry)
            else:
                yield entry, content
        yield from self._bulk(missing)

    def _fetch(self, entry: Entry) -> bytes:
        """A small file that is not here. For notes, its neighbours come along: a game asks for them next."""
        key = key_of(entry)
        with self._lock:
            waiting = self._fetching.get(key)
            if waiting is None:
                wanted = [entry, *self._neighbours(entry)]
                for each in wanted:
                    self._fetching[key_of(each)] = Future()
        content = waiting.result() if waiting is not None else self._lead(entry, wanted)
        if content is None:
            with self._remote.stream(entry.path, etag=entry.etag) as blocks:
                content = b"".join(blocks)
            self.learn(entry, content)
        return content

    def _lead(self, entry: Entry, wanted: list[Entry]) -> bytes | None:
        """Fetch for all who wait. None where the bulk read did not bring it."""
        got: bytes | None = None
        try:
            if len(wanted) > 1:
                for found, content in self._bulk(wanted):
                    if found.path == entry.path:
                        got = content
                    self._settle(found, content)
        except (NotFound, Unavailable):
            pass  # each then asks for its own, and hears its own error
        finally:
            for each in wanted:
                self._settle(each, None)
        return got

    def _settle(self, entry: Entry, content: bytes | None) -> None:
        with self._lock:
            future = self._fetching.pop(key_of(entry), None)
        if future is not None:
            future.set_result(content)

    def _bulk(self, entries: list[Entry]) -> Iterator[tuple[Entry, bytes]]:
        by_path = {entry.path: entry for entry in entries}
        for path, content in self._remote.read_many(by_path):
            entry = by_path[path]
            if len(content) == entry.size:
                self.learn(entry, content)
                yield entry, content

    def _neighbours(self, entry: Entry) -> list[Entry]:
        """Notes files that follow `entry` in the library and are not here; more of them the longer the game goes on."""
        if (
            name_of(entry.path) not in NOTES_NAMES
            or not is_below(entry.path, SONGS)
            or not self._remote.features.bulk_read
        ):
            return []
        found: list[Entry] = []
        budget = BULK_BYTES
        for other in self._index.entries.following(entry.path, SONGS, NOTES_NAMES, self._ahead.widen()):
            budget -= other.size
            key = key_of(other)
            if budget > 0 and other.size <= SMALL and key not in self._cache and key not in self._fetching:
                found.append(other)
        return found


class _ReadAhead:
    """How many neighbours to fetch: few for a player who opens one song, many while a game scans them all."""

    def __init__(self) -> None:
        self._count, self._last = 0, 0.0

    def widen(self) -> int:
        now = time.monotonic()
        self._count = min(BULK_FILES, self._count * 4) if now - self._last < STREAK_SECONDS and self._count else 10
        self._last = now
        return self._count

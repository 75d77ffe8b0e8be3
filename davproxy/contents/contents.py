"""The bytes of files: from the index, the cache or the remote, in bulk where many are wanted."""

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

from davproxy.contents.cache import Cache, key_of
from davproxy.contents.ranges import Ranges
from davproxy.errors import NotFound, Unavailable
from davproxy.formats.identify import ART_NAMES, INI_NAME, NOTES_NAMES
from davproxy.index import Index
from davproxy.model import Entry
from davproxy.paths import SONGS, is_below, name_of
from davproxy.remote.protocol import Remote

SMALL = 1024 * 1024
"""Files up to this size are fetched whole and cached."""
BULK_BYTES = 24 * 1024 * 1024
"""Most bytes fetched in one bulk read."""
FIRST_NEIGHBOURS, MOST_NEIGHBOURS = 10, 290
"""Files fetched along with the one that is read: at first, and in a long scan."""
SCAN_SECONDS = 5.0
"""Files of one name that are read within this many seconds of each other belong to one scan."""
MOST_SCANS = 32
"""Most names whose scans are told apart."""


class Contents:
    """Reads of file contents. Readers of the same file at the same time share one fetch.

    A file whose etag on the remote is another by now raises Conflict: the entry is outdated.
    """

    def __init__(self, remote: Remote, index: Index, cache: Cache) -> None:
        self._remote, self._index, self._cache = remote, index, cache
        self._fetching: dict[str, Future[bytes | None]] = {}
        self._lock = threading.Lock()
        self._scans = _Scans()
        self._ranges = Ranges(remote, cache)

    def read(self, entry: Entry) -> bytes:
        """The whole of a file."""
        if entry.size > SMALL:
            with self.stream(entry) as blocks:
                return b"".join(blocks)
        content = self.cached(entry)
        return content if content is not None else self._fetch(entry)

    def cached(self, entry: Entry) -> bytes | None:
        """A small file's bytes from the index or the cache; None where a request to the remote would be needed."""
        if name_of(entry.path) == INI_NAME and self._index.entries.get(entry.path) == entry:
            return self._index.entries.content(entry.path)
        return self._cache.read(key_of(entry))

    @contextlib.contextmanager
    def stream(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[Iterator[bytes]]:
        """The bytes from `start`, `length` of them or to the end, in blocks."""
        length = min(max(0, entry.size - start), entry.size if length is None else length)
        if entry.size <= SMALL:
            yield iter([self.read(entry)[start : start + length]])
        else:
            with self._ranges.stream(entry, start, length) as blocks:
                yield blocks

    def learn(self, entry: Entry, content: bytes) -> None:
        """Keep a content that was read or written: a song.ini in the index, any other small file in the cache."""
        if name_of(entry.path) == INI_NAME:
            self._index.entries.put_contents([(entry.path, entry.etag, content)])
        elif len(content) <= SMALL:
            self._cache.put(key_of(entry), content)

    def learn_written(self, entry: Entry, content: bytes) -> None:
        """The same for a file that we wrote. On a disk of this machine, only what is parsed next is kept too."""
        if not self._remote.features.local or name_of(entry.path) in (INI_NAME, *NOTES_NAMES):
            self.learn(entry, content)

    def keep(self, entry: Entry) -> None:
        """Keep the bytes that the index has of a file in the cache too, where they outlast the entry's etag."""
        if name_of(entry.path) == INI_NAME and (content := self._index.entries.content(entry.path)) is not None:
            self._cache.put(key_of(entry), content)

    def forget(self, entry: Entry) -> None:
        """Drop the cached content of a file."""
        self._cache.drop(key_of(entry))

    def read_many(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """Many small files: first those that are here, then the others in bulk. Files gone or changed are left out."""
        missing = []
        for entry in entries:
            content = self.cached(entry)
            if content is None:
                missing.append(entry)
            else:
                yield entry, content
        yield from self._bulk(missing)

    def _fetch(self, entry: Entry) -> bytes:
        """A small file that is not here. In a scan its neighbours come along, because a game requests them next."""
        if self._index.in_transaction:  # another thread that fetches it may wait for this transaction
            return self._fetch_alone(entry)
        key = key_of(entry)
        with self._lock:
            waiting = self._fetching.get(key)
            if waiting is None:
                wanted = [entry, *self._neighbours(entry)]
                for each in wanted:
                    self._fetching[key_of(each)] = Future()
        content = waiting.result() if waiting is not None else self._fetch_for_all(entry, wanted)
        return content if content is not None else self._fetch_alone(entry)

    def _fetch_alone(self, entry: Entry) -> bytes:
        with self._remote.stream(entry.path, etag=entry.etag) as blocks:
            content = b"".join(blocks)
        self.learn(entry, content)
        return content

    def _fetch_for_all(self, entry: Entry, wanted: list[Entry]) -> bytes | None:
        """Fetch `wanted` in bulk for all that wait for one of them. Returns the content of `entry`, if it came."""
        content_of_entry: bytes | None = None
        try:
            if len(wanted) > 1:
                for fetched, content in self._bulk(wanted):
                    if fetched.path == entry.path:
                        content_of_entry = content
                    self._settle(fetched, content)
        except (NotFound, Unavailable):
            pass  # each reader then fetches its own file, and gets its own error
        finally:
            for each in wanted:
                self._settle(each, None)
        return content_of_entry

    def _settle(self, entry: Entry, content: bytes | None) -> None:
        """Give those that wait for `entry` its content; None makes them fetch it themselves."""
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
        """Files after `entry` that a scan reads next and that are not here; more of them the longer it goes on."""
        if not is_below(entry.path, SONGS) or not self._remote.features.bulk_read:
            return []
        names = _read_in_a_row(name_of(entry.path))
        neighbours: list[Entry] = []
        budget = BULK_BYTES
        for other in self._index.entries.following(entry.path, SONGS, names, self._scans.neighbours(names)):
            budget -= other.size
            key = key_of(other)
            if budget > 0 and other.size <= SMALL and key not in self._cache and key not in self._fetching:
                neighbours.append(other)
        return neighbours


def _read_in_a_row(name: str) -> tuple[str, ...]:
    """The names of files that a scan reads in many songs, as it reads `name` in one: notes, album art, or that name."""
    return next((names for names in (NOTES_NAMES, ART_NAMES) if name in names), (name,))


class _Scans:
    """How many neighbours to fetch: few for a player who opens one song, many while a game scans them all.

    Notes have some at once, because every game reads them; of other files it takes a second read in a row to tell.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, ...], tuple[int, float]] = OrderedDict()
        """By names: how many were fetched last, and when, in monotonic seconds."""

    def neighbours(self, names: tuple[str, ...]) -> int:
        """The number for the file with one of `names` that is read now."""
        now = time.monotonic()
        count, last = self._seen.pop(names, (0, -SCAN_SECONDS))
        going_on = now - last < SCAN_SECONDS
        first = FIRST_NEIGHBOURS if going_on or names is NOTES_NAMES else 0
        count = min(MOST_NEIGHBOURS, count * 4) if going_on and count else first
        self._seen[names] = count, now
        if len(self._seen) > MOST_SCANS:
            self._seen.popitem(last=False)
        return count

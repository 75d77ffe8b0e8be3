"""Ranges of large files: a whole file is downloaded once for all its readers, consecutive ranges are read ahead."""

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from functools import partial
from io import FileIO
from itertools import chain

from loguru import logger

from davproxy import processes
from davproxy.contents.cache import Cache, key_of
from davproxy.contents.shared_fetch import SharedFetch, SharedFetches
from davproxy.errors import DavproxyError, Unavailable
from davproxy.model import Entry
from davproxy.remote.protocol import Remote

PIECE = 8 * 1024 * 1024
"""Bytes read ahead at a time; a reader that jumps leaves at most two pieces unread."""
PIECES_AHEAD = 4
"""Most pieces that are downloaded ahead of their readers at a time, of all files together."""
SEQUENCE = 2
"""Consecutive ranges after which a reader is expected to go on."""
DISK_BLOCK = 256 * 1024
"""Bytes read from the disk at a time: few enough to be in the processor's cache still when they are sent."""
REMEMBERED = 256
"""Files whose reading positions are remembered."""


class Ranges:
    """Reads ranges of files too large to be fetched whole before the first byte is handed on.

    A single range is fetched exactly. After SEQUENCE consecutive ranges of a file it is fetched, and cached, in pieces:
    the one that is read and the next. A jump ends that.
    """

    def __init__(self, remote: Remote, cache: Cache) -> None:
        self._remote, self._cache = remote, cache
        self._fetches = SharedFetches(cache)
        self._positions = _Positions()
        self._ahead = threading.Semaphore(PIECES_AHEAD)

    @contextlib.contextmanager
    def stream(self, entry: Entry, start: int, length: int) -> Iterator[Iterator[bytes]]:
        """`length` bytes from `start`, in blocks. An error before the first block is raised at once."""
        with closing(self._blocks(entry, start, length)) as blocks:
            yield chain([next(blocks, b"")], blocks)

    def _blocks(self, entry: Entry, start: int, length: int) -> Generator[bytes, None, None]:
        key, fetch = key_of(entry), partial(self._fetch, entry)
        if self._remote.features.local:
            with fetch(start, length) as blocks:
                yield from blocks
        elif (file := self._cache.open(key)) is not None:
            yield from _cached_blocks(file, start, length)
        elif length == entry.size and self._cache.accepts(entry.size):
            with self._fetches.join(key, entry.size, fetch) as shared:
                yield from shared.blocks(0, length)
        else:
            yield from self._range(entry, start, length)

    def _fetch(self, entry: Entry, start: int, length: int) -> AbstractContextManager[Iterator[bytes]]:
        return self._remote.stream(entry.path, start, length, etag=entry.etag)

    def _range(self, entry: Entry, start: int, length: int) -> Iterator[bytes]:
        """A range, from pieces as far as they are cached or read ahead; the rest is fetched exactly."""
        end = start + length
        consecutive = self._positions.follow(key_of(entry), start, end) >= SEQUENCE
        read_ahead = consecutive and length <= PIECE and self._cache.accepts(PIECE)
        while start < end:
            piece = _Piece.at(entry, start)
            count = min(piece.end, end) - start
            in_progress = read_ahead and self._read_ahead(piece)
            if in_progress and piece.end < entry.size:
                self._read_ahead(_Piece.at(entry, piece.end))
            if (file := self._cache.open(piece.key)) is not None:
                yield from _cached_blocks(file, start - piece.start, count)
            elif in_progress:
                with self._join(piece) as shared:
                    yield from shared.blocks(start - piece.start, count)
            else:
                with self._fetch(entry, start, end - start) as blocks:
                    yield from blocks
                return
            start += count

    def _read_ahead(self, piece: "_Piece") -> bool:
        """Download a piece in a thread of its own. Returns whether it is cached or being downloaded."""
        if piece.key in self._cache or piece.key in self._fetches:
            return True
        if not self._ahead.acquire(blocking=False):
            return False
        joined = ExitStack()
        joined.callback(self._ahead.release)
        shared = joined.enter_context(self._join(piece))
        threading.Thread(target=_fetch_all, args=(shared, joined), name="read ahead", daemon=True).start()
        return True

    def _join(self, piece: "_Piece") -> AbstractContextManager[SharedFetch]:
        def fetch(start: int, length: int) -> AbstractContextManager[Iterator[bytes]]:
            return self._fetch(piece.entry, piece.start + start, length)

        return self._fetches.join(piece.key, piece.end - piece.start, fetch)


@dataclass(frozen=True, slots=True)
class _Piece:
    """PIECE bytes of a file from a multiple of PIECE; the last one is shorter."""

    entry: Entry
    start: int
    end: int

    @classmethod
    def at(cls, entry: Entry, offset: int) -> "_Piece":
        """The piece that holds the byte at `offset`."""
        start = offset - offset % PIECE
        return cls(entry, start, min(start + PIECE, entry.size))

    @property
    def key(self) -> str:
        return f"{key_of(self.entry)}-{self.start}"


def _fetch_all(shared: SharedFetch, joined: ExitStack) -> None:
    processes.take_cores_of(os.getpid())
    with joined:
        try:
            shared.fetch_all()
        except DavproxyError as error:
            logger.debug("Nothing was read ahead: {}", error.message)


class _Positions:
    """Where the last range of each file ended, and how many consecutive ranges were read up to there."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def follow(self, key: str, start: int, end: int) -> int:
        """Record a range. Returns the number of consecutive ranges, this one included."""
        with self._lock:
            expected, count = self._known.pop(key, (-1, 0))
            count = count + 1 if start == expected else 1
            self._known[key] = end, count
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return count


def _cached_blocks(file: FileIO, start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0:
            block = file.read(min(DISK_BLOCK, length))
            if not block:
                raise Unavailable("A cached file ended early. Try again.")
            length -= len(block)
            yield block

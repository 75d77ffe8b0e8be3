"""Large files: a whole one is fetched once for all who read it; one read in consecutive parts is fetched ahead."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from functools import partial
from io import FileIO
from itertools import chain

from loguru import logger

from davproxy.contents.cache import Cache, key_of
from davproxy.contents.shared_fetch import Arrival, Arrivals
from davproxy.errors import DavproxyError, Unavailable
from davproxy.model import Entry
from davproxy.remote.protocol import Remote

PIECE = 4 * 1024 * 1024
"""Bytes fetched ahead at a time; a reader that jumps leaves at most two pieces unread."""
AHEAD = 4
"""Most pieces on their way ahead of their readers, of all files together."""
SEQUENCE = 3
"""Parts in a row after which a reader is taken to go on."""
STEP = 256 * 1024
"""Bytes read from the disk at a time: few enough to be in the processor's cache still when they are sent."""
REMEMBERED = 256
"""Files whose readers' places are known."""


class Large:
    """Contents that are too large to be fetched whole before they are handed on.

    A part by itself is fetched exactly. After SEQUENCE consecutive parts of a file it is fetched, and kept, in pieces:
    the one that is read and the one after it. With the first jump that ends.
    """

    def __init__(self, remote: Remote, cache: Cache) -> None:
        self._remote, self._cache = remote, cache
        self._arrivals = Arrivals(cache)
        self._places = _Places()
        self._ahead = threading.Semaphore(AHEAD)

    @contextlib.contextmanager
    def stream(self, entry: Entry, start: int, length: int) -> Iterator[Iterator[bytes]]:
        """`length` bytes from `start`, in blocks. What goes wrong before the first of them is raised at once."""
        with closing(self._blocks(entry, start, length)) as blocks:
            yield chain([next(blocks, b"")], blocks)

    def _blocks(self, entry: Entry, start: int, length: int) -> Generator[bytes, None, None]:
        key, fetch = key_of(entry), partial(self._fetch, entry)
        if self._remote.features.local:
            with fetch(start, length) as blocks:
                yield from blocks
        elif (file := self._cache.open(key)) is not None:
            yield from _stored(file, start, length)
        elif length == entry.size and self._cache.takes(entry.size):
            with self._arrivals.join(key, entry.size, fetch) as arrival:
                yield from arrival.blocks(0, length)
        else:
            yield from self._parts(entry, start, length)

    def _fetch(self, entry: Entry, start: int, length: int) -> AbstractContextManager[Iterator[bytes]]:
        return self._remote.stream(entry.path, start, length, etag=entry.etag)

    def _parts(self, entry: Entry, start: int, length: int) -> Iterator[bytes]:
        """A part of a file, as far as its pieces are here or read in a row; the rest by itself."""
        end = start + length
        in_a_row = self._places.follow(key_of(entry), start, end) and length <= PIECE and self._cache.takes(PIECE)
        while start < end:
            piece = _Piece.at(entry, start)
            count = min(piece.end, end) - start
            coming = in_a_row and self._bring(piece)
            if coming and piece.end < entry.size:
                self._bring(_Piece.at(entry, piece.end))
            if (file := self._cache.open(piece.key)) is not None:
                yield from _stored(file, start - piece.start, count)
            elif coming:
                with self._join(piece) as arrival:
                    yield from arrival.blocks(start - piece.start, count)
            else:
                with self._fetch(entry, start, end - start) as blocks:
                    yield from blocks
                return
            start += count

    def _bring(self, piece: "_Piece") -> bool:
        """Let a piece come, in a thread of its own. Returns whether it is here or on its way."""
        if piece.key in self._cache or piece.key in self._arrivals:
            return True
        if not self._ahead.acquire(blocking=False):
            return False
        joined = ExitStack()
        joined.callback(self._ahead.release)
        arrival = joined.enter_context(self._join(piece))
        threading.Thread(target=_fill, args=(arrival, joined), name="read ahead", daemon=True).start()
        return True

    def _join(self, piece: "_Piece") -> AbstractContextManager[Arrival]:
        def fetch(start: int, length: int) -> AbstractContextManager[Iterator[bytes]]:
            return self._fetch(piece.entry, piece.start + start, length)

        return self._arrivals.join(piece.key, piece.end - piece.start, fetch)


@dataclass(frozen=True, slots=True)
class _Piece:
    """PIECE bytes of a file from a multiple of PIECE; the last one is shorter."""

    entry: Entry
    start: int
    end: int

    @classmethod
    def at(cls, entry: Entry, place: int) -> "_Piece":
        """The piece in which the byte at `place` lies."""
        start = place - place % PIECE
        return cls(entry, start, min(start + PIECE, entry.size))

    @property
    def key(self) -> str:
        return f"{key_of(self.entry)}-{self.start}"


def _fill(arrival: Arrival, joined: ExitStack) -> None:
    with joined:
        try:
            arrival.fill()
        except DavproxyError as error:
            logger.debug("Nothing was read ahead: {}", error.message)


class _Places:
    """How far each file was read last, and in how many consecutive parts."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def follow(self, key: str, start: int, end: int) -> bool:
        """Take note of a part that is read. Returns whether it goes on from at least SEQUENCE - 1 others."""
        with self._lock:
            expected, count = self._known.pop(key, (-1, 0))
            count = count + 1 if start == expected else 1
            self._known[key] = end, count
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return count >= SEQUENCE


def _stored(file: FileIO, start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0:
            block = file.read(min(STEP, length))
            if not block:
                raise Unavailable("A cached file ended early. Try again.")
            length -= len(block)
            yield block

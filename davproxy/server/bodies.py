"""Request bodies: read to the exact byte, with an error when cut short."""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

from davproxy.errors import BadBody, TooSlow

BLOCK = 256 * 1024
"""Bytes read at a time."""

_LINE = 4096
_TRAILERS = 100
_GRACE_SECONDS = 30.0
_SLOWEST = 1024
"""Lowest average rate in bytes a second, after the grace period; a slower client is refused."""

_CUT = "The upload was cut short, so nothing was changed. Send it again."


class Source(Protocol):
    """The source of a body's bytes: a connection's reader."""

    def read_some(self, limit: int) -> bytes:
        """At least one byte and at most `limit`; empty at the end of the connection."""

    def line(self, limit: int) -> bytes:
        """Up to and with the next line feed, at most `limit` bytes."""


class Framing(Protocol):
    """Finds the end of a body. Reading can continue after an OSError of its source, such as a timeout."""

    @property
    def finished(self) -> bool:
        """Whether every byte has been read."""

    def next(self, limit: int) -> bytes:
        """The next bytes, at most `limit`; empty at the end. Raises BadBody when the client stops early."""


class Empty:
    """No body."""

    finished = True

    def next(self, limit: int) -> bytes:  # noqa: ARG002 - Framing's signature
        """Nothing."""
        return b""


class KnownLength:
    """A body of `length` bytes."""

    def __init__(self, source: Source, length: int) -> None:
        self._source = source
        self._missing = length

    @property
    def finished(self) -> bool:
        """Whether every byte has been read."""
        return self._missing == 0

    def next(self, limit: int) -> bytes:
        """The next bytes, at most `limit`. Raises BadBody when the client stops early."""
        found = self._source.read_some(min(limit, self._missing))
        if not found and self._missing:
            raise BadBody(_CUT)
        self._missing -= len(found)
        return found


class Chunked:
    """A body in the chunked transfer coding (RFC 9112, 7.1); trailers are read and dropped."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._chunk = 0
        """Bytes left of the chunk."""
        self._after_chunk = False
        """Whether the line end after a chunk comes next."""
        self._trailers: int | None = None
        """Trailers read so far; None before the last chunk."""
        self.finished = False

    def next(self, limit: int) -> bytes:
        """The next bytes, at most `limit`; empty at the end. Raises BadBody when the client stops early."""
        if self._chunk == 0 and self._trailers is None:
            self._begin_chunk()
        if self._trailers is not None:
            self._read_trailers()
            return b""
        found = self._source.read_some(min(limit, self._chunk))
        if not found:
            raise BadBody(_CUT)
        self._chunk -= len(found)
        self._after_chunk = self._chunk == 0
        return found

    def _begin_chunk(self) -> None:
        if self._after_chunk:
            if self._line():
                raise BadBody("The upload is malformed: a chunk is longer than it says. Send it again.")
            self._after_chunk = False
        self._chunk = _chunk_size(self._line())
        if self._chunk == 0:
            self._trailers = 0

    def _read_trailers(self) -> None:
        assert self._trailers is not None
        while self._line():
            self._trailers += 1
            if self._trailers == _TRAILERS:
                raise BadBody("The upload is malformed: it has too many trailers.")
        self.finished = True

    def _line(self) -> bytes:
        line = self._source.line(_LINE)
        if not line.endswith(b"\r\n"):
            raise BadBody(_CUT if len(line) < _LINE else "The upload is malformed: a chunk's line is too long.")
        return line[:-2]


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip(b" \t")
    if not digits or len(digits) > 15 or digits.strip(b"0123456789abcdefABCDEF"):
        raise BadBody("The upload is malformed: a chunk does not say its size. Send it again.")
    return int(digits, 16)


class Body:
    """A readable `wsgi.input`.

    `resume` is called once before the first byte is read: it sends `100 Continue` if the client waits for that, so a
    request that is refused first never makes the client send its body.
    """

    def __init__(self, framing: Framing, resume: Callable[[], None] | None = None) -> None:
        self._framing = framing
        self._resume = None if framing.finished else resume
        self._began = 0.0
        self._count = 0
        self._rest = b""

    @property
    def waiting(self) -> bool:
        """Whether the client still waits for `100 Continue`."""
        return self._resume is not None

    @property
    def finished(self) -> bool:
        """Whether every byte has been read."""
        return not self._rest and self._framing.finished

    @property
    def received(self) -> int:
        """Bytes taken from the source."""
        return self._count

    def _read_some(self, limit: int) -> bytes:
        if self._rest:
            taken, self._rest = self._rest[:limit], self._rest[limit:]
            return taken
        if self._framing.finished:
            return b""
        if self._resume is not None:
            self._resume()
            self._resume = None
        self._began = self._began or time.monotonic()
        found = self._framing.next(limit)
        self._count += len(found)
        spent = time.monotonic() - self._began
        if spent > _GRACE_SECONDS and self._count < (spent - _GRACE_SECONDS) * _SLOWEST:
            raise TooSlow("The upload came too slowly. Check the connection and send it again.")
        return found

    def read(self, size: int | None = -1) -> bytes:
        """`size` bytes, fewer only at the end; all without a size. Raises BadBody when the client stops early."""
        wanted = None if size is None or size < 0 else size
        found = []
        while wanted is None or wanted > 0:
            block = self._read_some(BLOCK if wanted is None else min(wanted, BLOCK))
            if not block:
                break
            found.append(block)
            if wanted is not None:
                wanted -= len(block)
        return found[0] if len(found) == 1 else b"".join(found)

    def readline(self, size: int | None = -1) -> bytes:
        """The next line, or its first `size` bytes."""
        limit = BLOCK if size is None or size < 0 else size
        line = b""
        while len(line) < limit:
            block = self._read_some(min(limit - len(line), BLOCK))
            end = block.find(b"\n") + 1
            if end:
                self._rest = block[end:] + self._rest
                return line + block[:end]
            if not block:
                break
            line += block
        return line

    def readlines(self, hint: int = -1) -> list[bytes]:
        """The lines, until `hint` bytes are reached."""
        lines: list[bytes] = []
        for line in self:
            lines.append(line)
            if 0 < hint <= sum(map(len, lines)):
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def drop(self, blocks: int) -> bool:
        """Read and discard at most `blocks` times BLOCK bytes. Returns whether the end was reached."""
        self._rest = b""
        self._resume = None
        for _ in range(blocks):
            if self._framing.finished:
                break
            self._read_some(BLOCK)
        return self._framing.finished

"""One client's connection: bytes in and out without a thread waiting for a slow sender."""

import re
import select
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cheroot.server import HTTPConnection
from loguru import logger

from davproxy.errors import DavproxyError
from davproxy.server.request import HEAD_LIMIT, Request

if TYPE_CHECKING:
    from davproxy.server.listener import HttpServer

READ_SECONDS = 30.0
"""Longest silence of a client in the middle of its body."""
WRITE_SECONDS = 300.0
"""Longest time in which a client takes nothing: a paused player keeps its connection that long."""
SMALL_BODY = 64 * 1024
"""A body up to this size is collected before a thread is given to the request."""

_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_IN_A_ROW = 16
"""Most requests of one connection that are answered before others have their turn."""
_LINGER_SECONDS = 0.02
"""How long a thread stays with a connection for its next request; going through the selector costs far more."""
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_HELD_BACK = re.compile(rb"\r\n(?:transfer-encoding|expect):", re.IGNORECASE)


class Reader:
    """The incoming side of a non-blocking socket. Only `collect` never waits."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()
        self._whole = 0
        self._ended = False
        self.silence = READ_SECONDS
        """Longest wait for the next bytes."""
        self.bytes_read = 0
        self.closed = False

    def has_data(self) -> bool:
        """Whether bytes wait here that the selector cannot see."""
        return bool(self._buffer) or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def holds(self, count: int) -> bool:
        """Whether the next `count` bytes are here already."""
        return len(self._buffer) >= count

    def collect(self) -> bool:
        """Take what has arrived. True once a request's head, and its body if small, is here, or nothing will follow."""
        while not self._ended and not self._complete():
            try:
                self._take(self._sock.recv(SMALL_BODY))
            except _NOT_NOW:
                return False
            except OSError:
                self._ended = True
        return True

    def _complete(self) -> bool:
        self._whole = 0
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return len(self._buffer) > HEAD_LIMIT or b"\n\n" in self._buffer
        head = bytes(self._buffer[: end + 2])
        lengths = _LENGTH.findall(head)
        if len(lengths) > 1 or _HELD_BACK.search(head) or (lengths and int(lengths[0]) > SMALL_BODY):
            return True
        whole = end + 4 + (int(lengths[0]) if lengths else 0)
        if len(self._buffer) < whole:
            return False
        self._whole = whole
        return True

    @property
    def request(self) -> bytes:
        """All of the request that `collect` found, its body too; empty where that is long or of unknown length."""
        return bytes(self._buffer[: self._whole])

    def skip(self) -> None:
        """Go on to what follows that request."""
        del self._buffer[: self._whole]
        self._whole = 0

    def _take(self, found: bytes) -> None:
        self.bytes_read += len(found)
        self._ended = not found
        self._buffer += found

    def _receive(self, limit: int) -> bytes:
        while True:
            try:
                return self._sock.recv(limit)
            except _NOT_NOW as error:
                _wait(self._sock, error, select.POLLIN, self.silence)

    def some(self, limit: int) -> bytes:
        """At least one byte and at most `limit`; empty at the end of the connection."""
        if self._buffer:
            found = bytes(self._buffer[:limit])
            del self._buffer[:limit]
            return found
        if self._ended:
            return b""
        found = self._receive(limit)
        self.bytes_read += len(found)
        self._ended = not found
        return found

    def line(self, limit: int) -> bytes:
        """Up to and with the next line feed, at most `limit` bytes."""
        while True:
            end = self._buffer.find(b"\n", 0, limit) + 1
            if end or len(self._buffer) >= limit or self._ended:
                return self.some(end or limit)
            self._take(self._receive(SMALL_BODY))

    def head(self) -> bytes:
        """A request's head with its empty line; empty when there is none."""
        end = self._buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT) + 4
        return self.some(end) if end > 3 else b""

    def close(self) -> None:
        """Drop what is left."""
        self._buffer.clear()
        self.closed = True


class Writer:
    """The outgoing side. A response's head is held back until its first bytes of body, so that both leave together."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held = b""
        self.bytes_written = 0

    def hold(self, head: bytes) -> None:
        """Send `head` with whatever is written next."""
        self._held += head

    def write(self, block: bytes) -> int:
        """Send `block`, all of it."""
        if self._held and len(block) > SMALL_BODY:
            self.flush()
        held, self._held = self._held, b""
        rest = memoryview(held + block if held else block)
        while rest:
            try:
                sent = self._sock.send(rest)
                rest = rest[sent:]
                self.bytes_written += sent
            except _NOT_NOW as error:
                _wait(self._sock, error, select.POLLOUT, WRITE_SECONDS)
        return len(block)

    def flush(self) -> None:
        """Send what is held back."""
        self.write(b"")

    def offer(self) -> bool:
        """Send of what is held back as much as is taken without waiting. Returns whether that was all."""
        if self._held:
            try:
                sent = self._sock.send(self._held)
            except (BlockingIOError, ssl.SSLWantWriteError):
                return False
            self.bytes_written += sent
            self._held = self._held[sent:]
        return not self._held

    @property
    def waits(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)


def _wait(sock: socket.socket, why: OSError, event: int, seconds: float) -> None:
    """Wait until the socket is ready; TLS may have to read in order to write, and the other way round."""
    if isinstance(why, ssl.SSLWantReadError):
        event = select.POLLIN
    elif isinstance(why, ssl.SSLWantWriteError):
        event = select.POLLOUT
    ready = select.poll()
    ready.register(sock, event)
    if not ready.poll(seconds * 1000):
        raise TimeoutError("the client has not moved for too long")


class Connection(HTTPConnection):  # type: ignore[misc]
    """A connection that threads serve one request at a time, and leave while nothing is to be done."""

    server: "HttpServer"
    rfile: Reader
    wfile: Writer

    def __init__(self, server: "HttpServer", sock: socket.socket, _makefile: Any = None) -> None:
        sock.setblocking(False)
        super().__init__(server, sock, lambda sock, mode, _size: (Reader if mode == "rb" else Writer)(sock))
        self.last_used = time.time()
        self.parked: Request | None = None
        """A request that waits for its turn to move a body."""

    def attend(self) -> bool:
        """Look after a connection without a thread of its own. Returns whether it needs none.

        It needs one when its request has arrived, unless that can be answered as it was before; that never waits.
        """
        with suppress(OSError):  # a thread will meet the same, and end the connection
            for _ in range(_IN_A_ROW):
                if not self.wfile.offer():
                    self.last_used = time.time()  # whoever takes an answer, however slowly, is not silent
                    return True
                if not self.rfile.collect():
                    return True
                if not self._repeat():
                    return False
            return True  # the last answer leaves when it is this connection's turn again
        return False

    def _repeat(self) -> bool:
        """Hold ready what was answered to the same request before, if it is still true. Returns whether it was."""
        answer = self.server.response_cache.find(self.remote_addr, self.rfile.request) if self.server.ready else None
        if answer is None:
            return False
        self.rfile.skip()
        self.wfile.hold(answer)
        self.last_used = time.time()
        return True

    def communicate(self) -> bool:
        """Serve requests while they come without a pause. Returns whether to keep the connection."""
        while self._serve():
            if self.parked or not self.server.spare_threads or not self._next_is_here() or self._repeat():
                return True
        return False

    def _next_is_here(self) -> bool:
        if not self.rfile.has_data():
            ready = select.poll()
            ready.register(self.socket, select.POLLIN)
            if not ready.poll(_LINGER_SECONDS * 1000):
                return False
        return self.rfile.collect()

    def _serve(self) -> bool:
        request, self.parked = self.parked, None
        holds_turn = request is not None
        try:
            self.wfile.flush()
            if request is None:
                if not self.rfile.collect():
                    return True
                request = Request(self.server, self)
                if not request.read_head():
                    return False
                if request.is_transfer:
                    holds_turn = self.server.transfers.enter()
                    if not holds_turn:
                        self.parked = request
                        return True
            try:
                request.respond()
            finally:
                if holds_turn:
                    self.server.transfers.leave()
            return not request.close_connection
        except (OSError, DavproxyError) as error:
            logger.debug("Connection of {} ended: {}", self.remote_addr, error)
        except Exception:  # noqa: BLE001 - one request must not take its thread with it
            logger.exception("A request failed")
            if request:
                request.refuse(500, "Something went wrong here. The log says what.")
        return False

"""The two directions of a non-blocking socket: a reader, and a writer that holds back the head of a response."""

import re
import select
import socket
import ssl
import sys

HEAD_LIMIT = 64 * 1024
"""Largest head of a request, in bytes."""
READ_SECONDS = 30.0
"""Longest silence of a client in the middle of its body."""
WRITE_SECONDS = 300.0
"""Longest time in which a client reads nothing; a paused player keeps its connection that long."""
SMALL_BODY = 64 * 1024
"""A body up to this size is collected before a thread is given to the request."""

_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_READING, _WRITING = 1, 2
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_UNKNOWN_END = re.compile(rb"\r\n(?:transfer-encoding|expect):", re.IGNORECASE)


class ClientGone(OSError):
    """The client has closed the connection, or it broke."""


class ClientSilent(ClientGone, TimeoutError):
    """The client has neither sent nor taken anything for too long."""


class Reader:
    """The incoming direction. `collect` never waits; every other read waits for bytes."""

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
        """Whether bytes are buffered, which the selector cannot see."""
        return bool(self._buffer) or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def holds(self, count: int) -> bool:
        """Whether the next `count` bytes are here already."""
        return len(self._buffer) >= count

    def collect(self) -> bool:
        """Read what has arrived. True once the head of a request and its small body are complete, or at the end."""
        while not self._ended and not self._complete():
            try:
                self._append(self._sock.recv(SMALL_BODY))
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
        if len(lengths) > 1 or _UNKNOWN_END.search(head) or (lengths and int(lengths[0]) > SMALL_BODY):
            return True
        whole = end + 4 + (int(lengths[0]) if lengths else 0)
        if len(self._buffer) < whole:
            return False
        self._whole = whole
        return True

    @property
    def request(self) -> bytes:
        """The whole request that `collect` read, with its body; empty if the body is long or of unknown length."""
        return bytes(self._buffer[: self._whole])

    def skip(self) -> None:
        """Drop that request from the buffer."""
        del self._buffer[: self._whole]
        self._whole = 0

    def put_back(self, data: bytes) -> None:
        """Make `data` the next bytes again."""
        self._buffer[:0] = data

    def _append(self, received: bytes) -> None:
        self.bytes_read += len(received)
        self._ended = not received
        self._buffer += received

    def _receive(self, limit: int) -> bytes:
        while True:
            try:
                return self._sock.recv(limit)
            except _NOT_NOW as error:
                _wait(self._sock, error, _READING, self.silence)
            except OSError as error:
                raise ClientGone(str(error)) from error

    def read_some(self, limit: int) -> bytes:
        """At least one byte and at most `limit`; empty at the end of the connection."""
        if self._buffer:
            head = bytes(self._buffer[:limit])
            del self._buffer[:limit]
            return head
        if self._ended:
            return b""
        received = self._receive(limit)
        self.bytes_read += len(received)
        self._ended = not received
        return received

    def line(self, limit: int) -> bytes:
        """Up to and with the next line feed, at most `limit` bytes."""
        while True:
            end = self._buffer.find(b"\n", 0, limit) + 1
            if end or len(self._buffer) >= limit or self._ended:
                return self.read_some(end or limit)
            self._append(self._receive(SMALL_BODY))

    def head(self) -> bytes:
        """A request's head with its empty line; empty when there is none."""
        end = self._buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT) + 4
        return self.read_some(end) if end > 3 else b""

    def close(self) -> None:
        """Drop the buffer."""
        self._buffer.clear()
        self.closed = True


class Writer:
    """The outgoing direction. A response's head waits for the first bytes of its body: both are sent together."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held = b""
        self.bytes_written = 0

    def hold(self, head: bytes) -> None:
        """Send `head` with whatever is written next."""
        self._held += head

    def take_back(self) -> None:
        """Discard the held bytes."""
        self._held = b""

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
                _wait(self._sock, error, _WRITING, WRITE_SECONDS)
            except OSError as error:
                raise ClientGone(str(error)) from error
        return len(block)

    def flush(self) -> None:
        """Send the held bytes."""
        self.write(b"")

    def offer(self) -> bool:
        """Send as many held bytes as the socket takes without waiting. Returns whether that was all."""
        if self._held:
            try:
                sent = self._sock.send(self._held)
            except (BlockingIOError, ssl.SSLWantWriteError):
                return False
            except OSError as error:
                raise ClientGone(str(error)) from error
            self.bytes_written += sent
            self._held = self._held[sent:]
        return not self._held

    @property
    def waits(self) -> bool:
        """Whether bytes are held back."""
        return bool(self._held)

    @property
    def held_bytes(self) -> int:
        """The number of bytes held back."""
        return len(self._held)


def readable(sock: socket.socket, seconds: float) -> bool:
    """Whether the socket can be read within that time."""
    return _ready(sock, _READING, seconds)


def _ready(sock: socket.socket, event: int, seconds: float) -> bool:
    if sys.platform == "win32":
        reading, writing = [sock] if event == _READING else [], [sock] if event == _WRITING else []
        return any(select.select(reading, writing, [], seconds))
    poll = select.poll()
    poll.register(sock, select.POLLIN if event == _READING else select.POLLOUT)
    return bool(poll.poll(seconds * 1000))


def _wait(sock: socket.socket, why: OSError, event: int, seconds: float) -> None:
    """Wait until the socket is ready; TLS may have to read in order to write, and the other way round.

    Raises ClientSilent.
    """
    if isinstance(why, ssl.SSLWantReadError):
        event = _READING
    elif isinstance(why, ssl.SSLWantWriteError):
        event = _WRITING
    if not _ready(sock, event, seconds):
        raise ClientSilent("the client neither sent nor took anything for too long")

"""HTTP byte by byte, for requests that no well-behaved client sends."""

import socket
from contextlib import suppress


class Raw:
    """A connection that sends exactly the bytes of a test."""

    def __init__(self, port: int, timeout: float = 60) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._buffer = b""

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send all of `data`; a server that has closed the connection is no failure."""
        with suppress(ConnectionError):
            self.socket.sendall(data)

    def end(self) -> None:
        """Close the sending direction."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next response: status, headers, body. Status 0 where the server closes the connection instead."""
        head = self._read_until(b"\r\n\r\n")
        if not head:
            return 0, {}, b""
        line, *fields = head.decode("latin-1").strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        status = int(line.split()[1])
        if status == 100:
            return status, headers, b""
        return status, headers, self._read_exactly(int(headers.get("content-length", 0)))

    def closed(self) -> bool:
        """Whether the server closes the connection next."""
        try:
            return not self._buffer and self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def _receive(self) -> bool:
        try:
            found = self.socket.recv(65536)
        except ConnectionError:
            return False
        self._buffer += found
        return bool(found)

    def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            if not self._receive():
                return b""
        head, _, self._buffer = self._buffer.partition(mark)
        return head + mark

    def _read_exactly(self, count: int) -> bytes:
        while len(self._buffer) < count and self._receive():
            pass
        body, self._buffer = self._buffer[:count], self._buffer[count:]
        return body


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """A request's bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def chunk_body(*chunks: bytes, last: bool = True) -> bytes:
    """`chunks` in the chunked transfer coding; without its end when `last` is false."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks if chunk) + (
        b"0\r\n\r\n" if last else b""
    )

"""One response: a head, then a body of exactly the declared length; a shorter one ends the connection."""

import time
from collections.abc import Iterable
from typing import Any

from loguru import logger

from davproxy.server.dates import date_line
from davproxy.server.streams import SMALL_BODY, Writer

_NO_BODY = ("204", "304")


class Response:
    """WSGI's side of a response: `start` is its start_response, `write` takes the blocks of its body.

    Small responses are left to the writer, which sends them without a thread as the client takes them; while `waits`
    is true, `write` waits for the client instead.
    """

    def __init__(self, writer: Writer, method: str = "", version: str = "HTTP/1.1", *, closes: bool = False) -> None:
        self._writer = writer
        self._is_head = method == "HEAD"
        self._version = version
        self._headers: list[tuple[str, str]] = []
        self._chunks = False
        self._missing: int | None = None
        """Bytes of the declared body that are not written yet."""
        self.status = ""
        """Code and reason."""
        self.head = b""
        """The head without its date, once it is written."""
        self.closes = closes
        """Whether the connection ends after this response."""
        self.waits = False

    @property
    def has_begun(self) -> bool:
        """Whether the head is written."""
        return bool(self.head)

    @property
    def _has_body(self) -> bool:
        return not self._is_head and self.status[:3] not in _NO_BODY

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """WSGI's start_response. Raises UnicodeEncodeError for headers that HTTP cannot send."""
        if exc_info and self.has_begun:
            raise exc_info[1]
        "".join(value for _, value in headers).encode("latin-1")  # fails here, where the response can still be another
        self.status, self._headers = status, headers
        return self.write

    def is_large(self, body: Iterable[bytes]) -> bool:
        """Whether a client that does not read `body` could hold a thread: it may not fit into the socket's buffer."""
        if not self._has_body:
            return False
        length = _header_value(self._headers, "content-length")
        if length is None and isinstance(body, list):
            return sum(map(len, body)) > SMALL_BODY
        return length is None or int(length) > SMALL_BODY

    def _begin(self) -> None:
        """Hand the head to the writer; it leaves with the first bytes of the body."""
        lines = [f"HTTP/1.1 {self.status}"]
        length = connection = None
        for name, value in self._headers:
            lowered = name.lower()
            if lowered == "date":
                continue
            if lowered == "content-length":
                length = value
            elif lowered == "connection":
                connection = value.lower()
            lines.append(f"{name}: {value}")
        if length is not None:
            self._missing = int(length) if self._has_body else 0
        elif self._has_body and self._version == "HTTP/1.1" and connection != "close":
            self._chunks = True
            lines.append("Transfer-Encoding: chunked")
        elif self._has_body:
            self.closes = True
        if connection == "close":
            self.closes = True
        elif connection is None and self.closes:
            lines.append("Connection: close")
        elif connection is None and self._version == "HTTP/1.0":
            lines.append("Connection: Keep-Alive")
        self.head = ("\r\n".join(lines) + "\r\n").encode("latin-1")
        self._writer.hold(b"%b%b\r\n\r\n" % (self.head, date_line(int(time.time()))))

    def write(self, block: bytes) -> None:
        """Write a block of the body, never beyond the declared length."""
        if not self.has_begun:
            self._begin()
        if self._missing is not None:
            block = block[: self._missing]
            self._missing -= len(block)
        elif self._chunks and block:
            block = b"%x\r\n%b\r\n" % (len(block), block)
        elif not self._has_body:
            return
        if self.waits:
            self._writer.write(block)
        else:
            self._writer.hold(block)

    def finish(self) -> None:
        """Write the end of the body, and send as much as the socket takes now."""
        if not self.has_begun:
            self._begin()
        if self._chunks:
            self._writer.hold(b"0\r\n\r\n")
        if self.waits:
            self._writer.flush()
        else:
            self._writer.offer()
        if self._missing:
            logger.warning("A response ended {} bytes early; the connection is closed", self._missing)
            self.closes = True


def _header_value(headers: list[tuple[str, str]], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)

"""One HTTP request and its response: a strict head, a body read only when wanted, a response that is whole or cut."""

import re
import time
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

from cheroot.server import HTTPRequest
from loguru import logger

from davproxy.dav.bodies import Body, Chunked, KnownLength
from davproxy.errors import DavproxyError

if TYPE_CHECKING:
    from davproxy.dav.connection import Connection

HEAD_LIMIT = 64 * 1024
LINE_LIMIT = 16 * 1024
_LINGER_SECONDS = 1.0
_TOKEN = re.compile(rb"[!#$%&'*+.^`|~0-9A-Za-z-]+")
"""A header's name; underscores are left out because WSGI cannot tell them from hyphens."""


class Request(HTTPRequest):  # type: ignore[misc]
    """What cheroot reads and answers, where its own way loses data, memory or the connection."""

    conn: "Connection"
    rfile: Body
    outheaders: list[tuple[bytes, bytes]]
    _missing: int | None = None
    """Bytes of the announced body that were not sent yet."""

    def parse_request(self) -> None:
        """Read the head. `ready` says whether there is a request to answer."""
        self.rfile = self.conn.rfile  # type: ignore[assignment]
        head = self.conn.rfile.head()
        if not head:
            if self.conn.rfile.has_data():
                self.simple_response("400 Bad Request", "This is not an HTTP request, or its head is too long.\n")
            return
        line, *fields = head[:-4].lstrip(b"\r\n").split(b"\r\n")
        self.started_request = True
        self.rfile = _OneLine(line + b"\r\n")  # type: ignore[assignment]
        if len(line) > LINE_LIMIT:
            self.simple_response("414 URI Too Long", "This address is too long.\n")
        elif self.read_request_line() and self._read_fields(fields):
            self.ready = True

    def _read_fields(self, fields: list[bytes]) -> bool:
        for field in fields:
            name, colon, value = field.partition(b":")
            if not colon or (not _TOKEN.fullmatch(name) and b"_" not in name) or b"\n" in field or b"\0" in field:
                return self._refuse("400 Bad Request", "A header of the request is malformed.\n")
            if b"_" in name:
                continue
            name, value = name.title(), value.strip(b" \t")
            before = self.inheaders.get(name)
            if before is not None and name in (b"Content-Length", b"Host", b"Transfer-Encoding"):
                return self._refuse("400 Bad Request", "A header of the request is there twice.\n")
            self.inheaders[name] = value if before is None else before + b", " + value
        return self._read_framing()

    def _read_framing(self) -> bool:
        length, coding = self.inheaders.get(b"Content-Length"), self.inheaders.get(b"Transfer-Encoding")
        if length is not None and (not length.isdigit() or len(length) > 18):
            return self._refuse("400 Bad Request", "Content-Length is not a number.\n")
        if coding is not None:
            if length is not None or self.response_protocol == "HTTP/1.0":
                return self._refuse("400 Bad Request", "Content-Length and Transfer-Encoding exclude each other.\n")
            if coding.lower() != b"chunked":
                return self._refuse("501 Not Implemented", "Only the chunked transfer coding is understood.\n")
            self.chunked_read = True
        wish = self.inheaders.get(b"Connection", b"").lower()
        self.close_connection = b"close" in wish or (self.response_protocol == "HTTP/1.0" and b"keep-alive" not in wish)
        return True

    def _refuse(self, status: str, message: str) -> bool:
        self.simple_response(status, message)
        return False

    @property
    def length(self) -> int:
        """Bytes of body announced; 0 for a chunked one."""
        return int(self.inheaders.get(b"Content-Length", 0))

    @property
    def is_transfer(self) -> bool:
        """Whether a slow client could hold a thread: a body still on its way, or a file's content going out."""
        still_coming = self.chunked_read or not self.conn.rfile.holds(self.length)
        return still_coming or (self.method == b"GET" and self.path.startswith(b"/dav/"))

    def respond(self) -> None:
        """Let the application answer, then read what it left of the body."""
        expects = self.inheaders.get(b"Expect", b"").lower() == b"100-continue" and self.response_protocol == "HTTP/1.1"
        resume = self._continue if expects else None
        source = self.conn.rfile
        body = Chunked(source, resume) if self.chunked_read else KnownLength(source, self.length, resume)
        self.rfile = body
        self.server.gateway(self).respond()
        self.ensure_headers_sent()
        if self.chunked_write:
            self.conn.wfile.write(b"0\r\n\r\n")
        self.conn.wfile.flush()
        if self._missing:
            logger.warning("A response ended {} bytes early; the connection is closed", self._missing)
            self.close_connection = True
        elif not body.finished:
            if body.waiting:
                source.silence = _LINGER_SECONDS
            with suppress(OSError, DavproxyError):
                if body.discard():
                    return
            self.close_connection = True

    def _continue(self) -> None:
        self.conn.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def send_headers(self) -> None:
        """Prepare the head; it leaves with the first bytes of the body."""
        given = {name.lower(): value for name, value in self.outheaders}
        has_body = self.status[:3] not in (b"204", b"304") and self.method != b"HEAD"
        if b"content-length" in given:
            self._missing = int(given[b"content-length"]) if has_body else 0
        elif has_body and self.response_protocol == "HTTP/1.1":
            self.chunked_write = True
            self.outheaders.append((b"Transfer-Encoding", b"chunked"))
        elif has_body:
            self.close_connection = True
        if self.rfile.waiting and not self.rfile.finished:
            self.close_connection = True  # whether the client still sends its body is unknown
        if not self.server.can_add_keepalive_connection or given.get(b"connection", b"").lower() == b"close":
            self.close_connection = True
        if b"connection" not in given:
            if self.close_connection:
                self.outheaders.append((b"Connection", b"close"))
            elif self.response_protocol == "HTTP/1.0":
                self.outheaders.append((b"Connection", b"Keep-Alive"))
        if b"date" not in given:
            self.outheaders.append((b"Date", _date(int(time.time()))))
        lines = [b"HTTP/1.1 " + self.status, *(name + b": " + value for name, value in self.outheaders), b"", b""]
        self.conn.wfile.hold(b"\r\n".join(lines))

    def write(self, chunk: bytes) -> None:
        """Send a block of the body, never more than was announced."""
        if self._missing is not None:
            chunk = chunk[: self._missing]
            self._missing -= len(chunk)
        if self.chunked_write and chunk:
            chunk = b"%x\r\n%b\r\n" % (len(chunk), chunk)
        self.conn.wfile.write(chunk)

    def simple_response(self, status: str, msg: str = "") -> None:
        """Answer a request that never reached the application, and say so in the log."""
        logger.info("{} {} {}", getattr(self, "method", b"-").decode("latin-1"), "(refused)", status)
        self.close_connection = True
        body = msg.encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Connection: close\r\n\r\n"
        )
        with suppress(OSError):
            self.conn.wfile.write(head.encode() + body)


class _OneLine:
    """The request line, as cheroot's parser reads it."""

    def __init__(self, line: bytes) -> None:
        self._line = line

    def readline(self, _size: int | None = None) -> bytes:
        line, self._line = self._line, b""
        return line


@lru_cache(maxsize=4)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()

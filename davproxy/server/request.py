"""One HTTP request and its answer: a strict head, a body read only when wanted, an answer that is whole or cut."""

import re
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from loguru import logger

from davproxy.access import plain_address
from davproxy.errors import DavproxyError
from davproxy.server import refusals
from davproxy.server.bodies import Body, Chunked, KnownLength
from davproxy.server.dates import date_line
from davproxy.server.host import Host, Peer
from davproxy.server.response_cache import Repeatable
from davproxy.server.streams import HEAD_LIMIT

LINE_LIMIT = 16 * 1024
_LINGER_SECONDS = 1.0
_DISCARDED = 1024 * 1024
"""Most bytes of an overlong head that are read on."""
_TOKEN = re.compile(rb"[!#$%&'*+.^`|~0-9A-Za-z-]+")
"""A method, or a header's name; underscores are left out because WSGI cannot tell them from hyphens."""
_ONCE = (b"Content-Length", b"Host", b"Transfer-Encoding")
_NO_BODY = ("204", "304")


class Request:
    """Reads a request from its connection, lets the WSGI application answer, and leaves the connection in step."""

    def __init__(self, server: Host, connection: Peer) -> None:
        self._server = server
        self._connection = connection
        self._fields: dict[bytes, bytes] = {}
        self._method = self._target = self._version = b""
        self._chunked = False
        self._bytes = b""
        """All of the request, if it came whole and is small."""
        self._status = ""
        self._head = b""
        """The head of the answer but for its date."""
        self._headers: list[tuple[str, str]] = []
        self._begun = False
        self._chunks = False
        self._missing: int | None = None
        """Bytes of the announced body of the answer that were not sent yet."""
        self.close_connection = False

    def read_head(self) -> bool:
        """Read the head. Returns whether there is a request to answer; what is malformed is answered at once."""
        self._bytes = self._connection.rfile.request
        head = self._connection.rfile.head()
        if not head:
            return self._refuse_headless()
        line, *fields = head[:-4].lstrip(b"\r\n").split(b"\r\n")
        return self._read_line(line) and self._read_fields(fields) and self._read_framing()

    def _refuse_headless(self) -> bool:
        """Answer what is no head, or one that is too long, with what its first line tells."""
        reader = self._connection.rfile
        if reader.has_data():
            too_long = reader.holds(HEAD_LIMIT)
            if self._read_line(reader.line(HEAD_LIMIT).rstrip(b"\r\n")):
                if too_long:
                    self.refuse(431, "The head of this request is too long. Send fewer or shorter headers.")
                else:
                    self.refuse(400, "The head of this request does not end as HTTP wants it.")
            if too_long:  # closing while bytes still come would take the answer from the client
                reader.silence = _LINGER_SECONDS
                with suppress(OSError, DavproxyError):
                    KnownLength(reader, _DISCARDED).discard(_LINGER_SECONDS)
        return False

    def _read_line(self, line: bytes) -> bool:
        method, _, rest = line.partition(b" ")
        if not _TOKEN.fullmatch(method):
            return self.refuse(400, "This is not an HTTP request.")
        self._method = method
        self._target, _, self._version = rest.partition(b" ")
        if self._target.lower().startswith((b"http://", b"https://")):  # RFC 9112, 3.2.2; Host says the same again
            self._target = b"/" + self._target.partition(b"//")[2].partition(b"/")[2]
        if len(line) > LINE_LIMIT:
            return self.refuse(414, "This address is too long.")
        if not self._version.startswith(b"HTTP/"):
            return self.refuse(400, "This is not an HTTP request.")
        if self._version not in (b"HTTP/1.1", b"HTTP/1.0"):
            return self.refuse(505, "This server speaks HTTP/1.1.")
        if (not self._target.startswith(b"/") and self._target != b"*") or b"#" in self._target:
            return self.refuse(400, "This is not an address of this server.")
        return True

    def _read_fields(self, fields: list[bytes]) -> bool:
        for field in fields:
            name, colon, value = field.partition(b":")
            if not colon or (not _TOKEN.fullmatch(name) and b"_" not in name) or b"\n" in field or b"\0" in field:
                return self.refuse(400, "A header of the request is malformed.")
            if b"_" in name:
                continue
            name, value = name.title(), value.strip(b" \t")
            before = self._fields.get(name)
            if before is not None and name in _ONCE:
                return self.refuse(400, "A header of the request is there twice.")
            self._fields[name] = value if before is None else before + b", " + value
        return True

    def _read_framing(self) -> bool:
        length, coding = self._fields.get(b"Content-Length"), self._fields.get(b"Transfer-Encoding")
        if length is not None and (not length.isdigit() or len(length) > 18):
            return self.refuse(400, "Content-Length is not a number.")
        if coding is not None:
            if length is not None or self._version == b"HTTP/1.0":
                return self.refuse(400, "Content-Length and Transfer-Encoding exclude each other.")
            if coding.lower() != b"chunked":
                return self.refuse(501, "Only the chunked transfer coding is understood.")
            self._chunked = True
        wish = self._fields.get(b"Connection", b"").lower()
        self.close_connection = b"close" in wish or (self._version == b"HTTP/1.0" and b"keep-alive" not in wish)
        return True

    @property
    def _length(self) -> int:
        """Bytes of body announced; 0 for a chunked one."""
        return int(self._fields.get(b"Content-Length", 0))

    @property
    def is_transfer(self) -> bool:
        """Whether a slow client could hold a thread: a body still on its way, or a file's content going out."""
        still_coming = self._chunked or not self._connection.rfile.holds(self._length)
        return still_coming or (self._method == b"GET" and self._target.startswith(b"/dav/"))

    @property
    def _is_repeatable(self) -> bool:
        """Whether the same bytes may be answered the same way; those of a Digest sign-in are valid once."""
        signed_once = self._fields.get(b"Authorization", b"")[:6].lower() == b"digest"
        return bool(self._bytes) and self._status[0] == "2" and not signed_once and not self.close_connection

    def respond(self) -> None:
        """Let the application answer, then read what it left of the body."""
        waits = self._fields.get(b"Expect", b"").lower() == b"100-continue" and self._version == b"HTTP/1.1"
        source, resume = self._connection.rfile, self._continue if waits else None
        body = Chunked(source, resume) if self._chunked else KnownLength(source, self._length, resume)
        self._body: Body = body
        environ = self._environ()
        answer: Iterable[bytes] = self._server.wsgi_app(environ, self._start)
        try:
            for block in answer:
                if block:
                    self._write(block)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        self._finish()
        if isinstance(answer, Repeatable) and self._is_repeatable:
            line = environ["REMOTE_ADDR"], environ["REQUEST_METHOD"], environ["REQUEST_URI"], self._status[:3]
            self._server.response_cache.keep(
                self._connection.remote_addr or "", self._bytes, self._head, answer.key, line
            )
        if not body.finished:
            if body.waiting:
                source.silence = _LINGER_SECONDS
            with suppress(OSError, DavproxyError):
                if body.discard():
                    return
            self.close_connection = True

    def _environ(self) -> dict[str, Any]:
        """The request as PEP 3333 wants it."""
        path, _, query = self._target.partition(b"?")
        connection = self._connection
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self._method.decode("latin-1"),
            "REQUEST_URI": self._target.decode("latin-1"),
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_PROTOCOL": self._version.decode("latin-1"),
            "SERVER_NAME": self._server.server_name,
            "SERVER_PORT": str(self._server.bind_addr[1]),
            "REMOTE_ADDR": plain_address(connection.remote_addr or ""),
            "REMOTE_PORT": str(connection.remote_port or ""),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self._server.ssl_adapter else "http",
            "wsgi.input": self._body,
            "wsgi.input_terminated": self._chunked,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self._fields.items():
            environ[_key(name)] = value.decode("latin-1")
        return environ

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """WSGI's start_response."""
        if exc_info and self._begun:
            raise exc_info[1]
        self._status, self._headers = status, headers
        return self._write

    def _begin(self) -> None:
        """Prepare the head of the answer; it leaves with the first bytes of the body."""
        self._begun = True
        given = {name.lower(): value for name, value in self._headers}
        lines = [f"HTTP/1.1 {self._status}"]
        lines += [f"{name}: {value}" for name, value in self._headers if name.lower() != "date"]
        has_body = self._status[:3] not in _NO_BODY and self._method != b"HEAD"
        if "content-length" in given:
            self._missing = int(given["content-length"]) if has_body else 0
        elif has_body and self._version == b"HTTP/1.1":
            self._chunks = True
            lines.append("Transfer-Encoding: chunked")
        elif has_body:
            self.close_connection = True
        if self._body.waiting and not self._body.finished:
            self.close_connection = True  # whether the client still sends its body is unknown
        if not self._server.ready or given.get("connection", "").lower() == "close":
            self.close_connection = True
        if "connection" not in given:
            if self.close_connection:
                lines.append("Connection: close")
            elif self._version == b"HTTP/1.0":
                lines.append("Connection: Keep-Alive")
        self._head = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
        self._connection.wfile.hold(b"%b%b\r\n\r\n" % (self._head, date_line(int(time.time()))))

    def _write(self, block: bytes) -> None:
        """Send a block of the body, never more than was announced."""
        if not self._begun:
            self._begin()
        if self._missing is not None:
            block = block[: self._missing]
            self._missing -= len(block)
        if self._chunks and block:
            block = b"%x\r\n%b\r\n" % (len(block), block)
        self._connection.wfile.write(block)

    def _finish(self) -> None:
        if not self._begun:
            self._begin()
        self._connection.wfile.write(b"0\r\n\r\n" if self._chunks else b"")
        if self._missing:
            logger.warning("An answer ended {} bytes early; the connection is closed", self._missing)
            self.close_connection = True

    def _continue(self) -> None:
        self._connection.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def refuse(self, status: int, message: str) -> bool:
        """Answer what never reached the application, unless an answer has begun, and say so in the log."""
        self.close_connection = True
        if not self._begun:
            logger.info("{} (refused) {}", self._method.decode("latin-1") or "-", status)
            headers, body = refusals.render(self._target.decode("latin-1"), status, message)
            lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers]
            with suppress(OSError):
                self._connection.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)
        return False


@lru_cache(maxsize=512)
def _key(name: bytes) -> str:
    """A header's name in the environ."""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"

"""One HTTP request: its head, its body, and its way through the WSGI application to a response."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from davproxy.access import plain_address
from davproxy.errors import DavproxyError
from davproxy.server import heads, refusals
from davproxy.server.bodies import Body, Chunked, Empty, KnownLength
from davproxy.server.event_stream import FOLLOW, Follow
from davproxy.server.host import Host, Peer
from davproxy.server.response_cache import Repeatable
from davproxy.server.responses import Response
from davproxy.server.streams import HEAD_LIMIT, READ_SECONDS, ClientGone, ClientSilent

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "PROPFIND")
"""Requests that change nothing, so the application can be asked again."""
_NO_BODY = Body(Empty())
_DROPPED_AT_ONCE = 4
"""Most blocks of an unwanted body that are dropped before the connection is given back."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the application returned: the iterable, its first block and an iterator of the others."""

    returned: Iterable[bytes]
    first: bytes
    blocks: Iterator[bytes]


def _close(answer: Iterable[bytes]) -> None:
    if hasattr(answer, "close"):
        answer.close()


class Request:
    """Reads a request from its connection, lets the application answer it, and leaves the connection at the next one.

    A request that moves a large body, in either direction, needs one of the server's turns for transfers. Where none
    is free, `respond` returns false and is to be called again once the request has its turn.
    """

    def __init__(self, server: Host, connection: Peer) -> None:
        self._server = server
        self._connection = connection
        self._began = time.perf_counter()
        self._line = heads.RequestLine("", "", "HTTP/1.1")
        self._fields: dict[str, str] = {}
        self._framing = heads.BodyFraming(0, chunked=False)
        self._raw = b""
        """The whole request, if it is here and small."""
        self._body = _NO_BODY
        self._response = Response(connection.wfile)
        self._address = ""
        """Address of the client, as a trusted proxy gives it."""
        self._answer: _Answer | None = None
        """What the application returned, until it is sent."""
        self.follow: Follow | None = None
        """The events that continue the response, if the application set them."""
        self.refused = False
        """Whether it did not reach the application, or the application failed."""
        self.has_turn = False
        """Whether the request has a turn for transfers."""

    @property
    def closes_connection(self) -> bool:
        """Whether the connection ends after the response."""
        return self._response.closes

    @property
    def unread(self) -> Body | None:
        """The body, if the client still sends some of it."""
        return None if self._body.finished else self._body

    def read_head(self) -> bool:
        """Read the head. Returns whether there is a request to answer; a malformed one is refused at once."""
        reader = self._connection.rfile
        reader.silence = READ_SECONDS
        self._raw = reader.request
        head = reader.head()
        if not head:
            return self._refuse_headless()
        line, *fields = head[:-4].lstrip(b"\r\n").split(b"\r\n")
        try:
            self._line = heads.read_line(line)
            self._fields = heads.read_fields(fields)
            self._framing = heads.read_framing(self._line.version, self._fields)
        except heads.BadHead as error:
            return self._refuse_head(error)
        self._prepare()
        return True

    def _prepare(self) -> None:
        """Make the body that the application reads and the response that it writes."""
        reader, version = self._connection.rfile, self._line.version
        if self._framing.chunked or self._framing.length:
            waits = self._fields.get("HTTP_EXPECT", "").lower() == "100-continue" and version == "HTTP/1.1"
            framing = Chunked(reader) if self._framing.chunked else KnownLength(reader, self._framing.length)
            self._body = Body(framing, self._send_continue if waits else None)
        wish = self._fields.get("HTTP_CONNECTION", "").lower()
        closes = "close" in wish or (version == "HTTP/1.0" and "keep-alive" not in wish)
        self._response = Response(self._connection.wfile, self._line.method, version, closes=closes)

    def _refuse_headless(self) -> bool:
        """Refuse a head that is malformed or too long; its first line, if any, decides the form of the refusal."""
        reader = self._connection.rfile
        if not reader.has_data():
            return False
        too_long = reader.holds(HEAD_LIMIT)
        try:
            self._line = heads.read_line(reader.line(HEAD_LIMIT).rstrip(b"\r\n"))
        except heads.BadHead as error:
            return self._refuse_head(error)
        if too_long:
            return self.refuse(431, "The head of this request is too long. Send fewer or shorter headers.")
        return self.refuse(400, "The head of this request does not end as HTTP wants it.")

    def _refuse_head(self, error: heads.BadHead) -> bool:
        self._line = error.line or self._line
        return self.refuse(error.status, error.message)

    @property
    def _is_arriving(self) -> bool:
        """Whether the body is still on its way, at the client's speed."""
        return self._framing.chunked or not self._connection.rfile.holds(self._framing.length)

    def respond(self) -> bool:
        """Send the application's answer. Returns false if that needs a turn for transfers and none is free."""
        if self._answer is None:
            if self._is_arriving and not self._take_turn():
                return False
            self._answer = self._ask()
        is_large = self.follow is None and self._response.is_large(self._answer.returned)
        if is_large and not self._take_turn():
            if self._can_ask_again:
                self._forget_answer()
            return False
        try:
            self._send(self._answer)
        finally:
            self.abandon()
        self._server.log(self._line.method, self._line.target, self._response.status[:3], self._began)
        self._drop_unread()
        return True

    def _take_turn(self) -> bool:
        """Take a turn for transfers, unless the request has one. Returns whether it has one now."""
        self.has_turn = self.has_turn or self._server.transfers.enter()
        return self.has_turn

    def _ask(self) -> "_Answer":
        environ = self._environ()
        returned = self._server.wsgi_app(environ, self._response.start)
        self._address = environ["REMOTE_ADDR"]
        self.follow = environ.get(FOLLOW)
        try:
            blocks = iter(returned)
            return _Answer(returned, next(filter(None, blocks), b""), blocks)  # with the first block it has its status
        except BaseException:
            _close(returned)
            raise

    @property
    def _can_ask_again(self) -> bool:
        return self._line.method in _SAFE_METHODS and (bool(self._raw) or self._body is _NO_BODY)

    def _forget_answer(self) -> None:
        """Close the files and connections of the answer, so that the application can be asked again."""
        self.abandon()
        if self._body is not _NO_BODY:
            body = self._raw[-self._framing.length :]
            self._connection.rfile.put_back(body[: self._body.received])
        self._prepare()

    def abandon(self) -> None:
        """Close what the application returned, if it is still open."""
        answer, self._answer = self._answer, None
        if answer is not None:
            _close(answer.returned)

    def _send(self, answer: "_Answer") -> None:
        response = self._response
        response.waits = self.has_turn
        if not self._server.ready or self._body.waiting:
            response.closes = True  # in the second case it is unknown whether the client still sends its body
        response.write(answer.first)
        for block in answer.blocks:
            if block:
                response.write(block)
        response.finish()
        if isinstance(answer.returned, Repeatable) and self._is_repeatable:
            client, key = self._connection.remote_addr or "", answer.returned.key
            self._server.response_cache.keep(client, self._raw, response.head, key, self._address)

    @property
    def _is_repeatable(self) -> bool:
        """Whether the same bytes may be answered the same way; those of a Digest sign-in are valid once."""
        signed_once = self._fields.get("HTTP_AUTHORIZATION", "")[:6].lower() == "digest"
        return bool(self._raw) and self._response.status[0] == "2" and not signed_once and not self._response.closes

    def _drop_unread(self) -> None:
        """Drop the received bytes of a body that the application did not read; the connection drops the rest later."""
        if self._body.finished:
            return
        self._connection.rfile.silence = 0
        try:
            self._body.drop(_DROPPED_AT_ONCE)
        except ClientSilent:
            pass  # more is on its way
        except DavproxyError:
            self._response.closes = True

    def _environ(self) -> dict[str, Any]:
        """The WSGI environ of the request (PEP 3333)."""
        line, connection = self._line, self._connection
        path, _, query = line.target.partition("?")
        return {
            "REQUEST_METHOD": line.method,
            "REQUEST_URI": line.target,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": line.version,
            "SERVER_NAME": self._server.server_name,
            "SERVER_PORT": str(self._server.bind_addr[1]),
            "REMOTE_ADDR": plain_address(connection.remote_addr or ""),
            "REMOTE_PORT": str(connection.remote_port or ""),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self._server.ssl_adapter else "http",
            "wsgi.input": self._body,
            "wsgi.input_terminated": self._framing.chunked,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **self._fields,
        }

    def _send_continue(self) -> None:
        self._connection.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def refuse(self, status: int, message: str) -> bool:
        """Answer with an error and end the connection. Returns false.

        A response that has begun is dropped if no byte of it was sent, else cut off.
        """
        self.refused = self._response.closes = True
        if self._response.waits and self._response.has_begun:
            return False
        self._server.log(self._line.method or "-", self._line.target, str(status), self._began)
        headers, body = refusals.render(self._line.target, status, message)
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        self._connection.wfile.take_back()
        self._connection.wfile.hold("\r\n".join([*lines, "", ""]).encode() + body)
        with suppress(ClientGone):
            self._connection.wfile.offer()
        return False

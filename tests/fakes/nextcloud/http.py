"""The fake's HTTP: connections, bodies, the log of requests, and the faults that strike them."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from tests.fakes.nextcloud import xml
from tests.fakes.nextcloud.faults import Fault, Request
from tests.fakes.nextcloud.messages import Answer, Call
from tests.fakes.nextcloud.pages import web_page
from tests.fakes.nextcloud.tree import Body

BLOCK = 1024 * 1024
MAX_REQUEST_LINE = 8190
"""Bytes of the longest request line that Apache accepts."""


class Site(Protocol):
    """What the HTTP server needs of the fake."""

    faults: list[Fault]
    requests: list[Request]

    def answer(self, call: Call) -> Answer: ...

    def keep(self, blocks: Iterable[bytes]) -> Body: ...

    def spend(self, seconds: float) -> None: ...


class Server(ThreadingHTTPServer):
    """One thread for each connection; closing it ends them all."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        self.site = site
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Do nothing: a client that hangs up is no error."""

    def server_close(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class _Dropped(Exception):
    """The connection ends here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = BLOCK
    server: Server

    def log_message(self, *_: object) -> None:
        """Do nothing: the log is `Site.requests`."""

    def handle_any(self) -> None:
        site = self.server.site
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        self._received = 0
        fault = next((fault for fault in list(site.faults) if fault.applies(self.command, path)), Fault())
        try:
            site.spend(fault.latency)
            if fault.first:
                fault.first()
            body, complete = self._receive(fault)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = self._answer(Call(self.command, path, parts.query, headers, body, complete), fault)
            if fault.then:
                fault.then()
            if fault.drop_answer or not complete:
                raise _Dropped
            self._send(Answer(fault.fail_after) if fault.fail_after else answer, fault)
        except _Dropped:
            self._log(0, 0)
            self.close_connection = True
        except ConnectionError:
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = do_REPORT = handle_any  # noqa: N815
    do_PROPFIND = do_PATCH = do_PROPPATCH = do_MKCOL = do_MOVE = do_COPY = do_SEARCH = do_LOCK = do_UNLOCK = handle_any  # noqa: N815

    def _log(self, status: int, sent: int) -> None:
        """Log the request before the last bytes of its response are sent, so that a client that has them finds it."""
        kept = {name.lower(): value for name, value in self.headers.items() if name.lower() != "authorization"}
        path = unquote(urlsplit(self.path).path)
        self.server.site.requests.append(Request(self.command, path, status, self._received, sent, kept))

    def _receive(self, fault: Fault) -> tuple[Body, bool]:
        """The request's body and whether it is complete."""
        site = self.server.site
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = site.keep(self._chunks())
            self._received = body.size
            return body, True
        declared = int(self.headers.get("Content-Length", 0))
        length = declared if fault.cut_request is None else min(fault.cut_request, declared)

        def blocks() -> Iterator[bytes]:
            rest = length
            while rest and (block := self.rfile.read(min(rest, BLOCK))):
                rest -= len(block)
                self._received += len(block)
                yield block

        body = site.keep(blocks()) if length > BLOCK or self.command == "PUT" else Body(b"".join(blocks()))
        return body, self._received == declared

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _answer(self, call: Call, fault: Fault) -> Answer:
        if fault.status:
            headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return Answer(fault.status, xml.error("Fault", "on purpose"), headers | {"Content-Type": "application/xml"})
        if fault.page:
            return web_page("Please sign in")
        if len(self.requestline) > MAX_REQUEST_LINE:
            return Answer(414)
        return self.server.site.answer(call)

    def _send(self, answer: Answer, fault: Fault) -> None:
        length = answer.length if answer.body else len(answer.content)
        if fault.short_answer is not None:
            length = min(length, fault.short_answer)
        cut = length if fault.cut_answer is None else min(length, fault.cut_answer)
        self._log(answer.status if cut == length else 0, cut)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not self.headers.get("Cookie"):
            for name in ("nc_sameSiteCookielax", "nc_sameSiteCookiestrict"):
                self.send_header("Set-Cookie", f"{name}=true; path=/; httponly;expires=Fri, 31-Dec-2100 23:59:59 GMT")
        if answer.status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            for start in range(0, cut, BLOCK):
                step = min(BLOCK, cut - start)
                block = (
                    answer.body.read(answer.start + start, step)
                    if answer.body
                    else answer.content[start : start + step]
                )
                self.wfile.write(block)
        self.wfile.flush()
        if cut < length:
            self.close_connection = True

"""One client's connection, which holds a thread only while a request is served."""

import select
import socket
import time
from contextlib import suppress
from typing import Any

from cheroot.server import HTTPConnection
from loguru import logger

from davproxy.errors import DavproxyError
from davproxy.server.host import Host
from davproxy.server.request import Request
from davproxy.server.streams import Reader, Writer

_IN_A_ROW = 16
"""Most requests of one connection that are answered before others have their turn."""
_LINGER_SECONDS = 0.02
"""How long a thread stays with a connection for its next request; going through the selector costs far more."""


class Connection(HTTPConnection):  # type: ignore[misc]
    """A connection that threads serve one request at a time, and leave while nothing is to be done."""

    server: Host
    rfile: Reader
    wfile: Writer

    def __init__(self, server: Host, sock: socket.socket, _makefile: Any = None) -> None:
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
        """Hold ready the kept response to the same request, if it is still the same. Returns whether there is one."""
        if not self.server.ready:
            return False
        response = self.server.response_cache.find(self.remote_addr or "", self.rfile.request)
        if response is None:
            return False
        self.rfile.skip()
        self.wfile.hold(response)
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

"""A client's connection, which holds a thread only while a request is served."""

import socket
import threading
import time
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from cheroot.server import HTTPConnection
from loguru import logger

from davproxy.errors import DavproxyError
from davproxy.server.bodies import Body, KnownLength
from davproxy.server.event_stream import Follow
from davproxy.server.host import Host
from davproxy.server.refusals import BROKEN
from davproxy.server.request import Request
from davproxy.server.streams import READ_SECONDS, ClientGone, ClientSilent, Reader, Writer, readable

_IN_A_ROW = 16
"""Most requests answered, or blocks of a body dropped, for one connection before others get their turn."""
_NEXT_SECONDS = 0.02
"""How long a thread waits for the next request of its connection, because the selector costs far more."""
_ENDLESS = 1 << 62
_EVENT_BYTES = 256 * 1024
"""Most bytes of events that are held for a client."""


class Need(Enum):
    """What a connection waits for next."""

    SOCKET = auto()
    """Its socket to become readable or writable."""
    THREAD = auto()
    """A thread, to serve a request."""
    CLOSE = auto()
    """To be closed."""


class Connection(HTTPConnection):  # type: ignore[misc]
    """A connection whose requests are served by threads, one at a time; between requests no thread belongs to it.

    The rest of a body that the application did not read is dropped as it arrives, without a thread: closing the
    connection earlier could reset it before the client has the response.
    """

    server: Host
    rfile: Reader
    wfile: Writer

    def __init__(self, server: Host, sock: socket.socket, _makefile: Any = None) -> None:
        sock.setblocking(False)
        super().__init__(server, sock, lambda sock, mode, _size: (Reader if mode == "rb" else Writer)(sock))
        self.last_used = time.time()
        self.parked: Request | None = None
        """A request that waits for its turn to transfer a body."""
        self._unread: Body | None = None
        """The body of an answered request that the client still sends."""
        self._followed: Follow | None = None
        """The events that this connection sends until the client leaves."""
        self._pushing = threading.Lock()
        self._ends = False
        """Whether the response being sent is the last one."""

    def advance(self) -> Need:
        """Do what is possible without blocking: send, drop, collect the next request, repeat a cached response."""
        try:
            if self._followed is not None:
                return self._advance_events()
            for _ in range(_IN_A_ROW):
                if not self.wfile.offer():
                    self.last_used = time.time()  # a client that takes a response, however slowly, is not silent
                    return Need.SOCKET
                if self._unread is not None and not self._drop():
                    return Need.SOCKET
                if not self.rfile.collect():
                    return Need.SOCKET
                if not self._repeat():
                    return Need.THREAD
        except (ClientGone, DavproxyError) as error:
            logger.debug("Connection of {} ended: {}", self.remote_addr, error)
            return Need.CLOSE
        return Need.SOCKET  # the rest of the last response is sent in the next turn

    def _advance_events(self) -> Need:
        """Send held events. A client that sends something, or disconnects, gets no more."""
        with self._pushing:
            self.wfile.offer()
        return Need.CLOSE if self.rfile.collect() or self.rfile.has_data() else Need.SOCKET

    def push(self, block: bytes) -> None:
        """Send a block of events without blocking; a client that takes none for too long is disconnected."""
        with self._pushing, suppress(OSError):
            self.last_used = time.time()
            self.wfile.hold(block)
            if not self.wfile.offer() and self.wfile.held_bytes > _EVENT_BYTES:
                self.socket.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> bool:
        """Drop what has arrived of the unread body. Returns whether that was the rest of it.

        Raises ClientGone or DavproxyError where the client has stopped sending.
        """
        assert self._unread is not None
        if self._ends:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)  # the client sees that no more responses come
        try:
            self.rfile.silence = 0
            if not self._unread.drop(_IN_A_ROW):
                return False
        except ClientSilent:
            return False
        self.rfile.silence = READ_SECONDS
        self._unread = None
        return True

    def _repeat(self) -> bool:
        """Queue the cached response to the next request. Returns whether there is one."""
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
            if self._waits or not self.server.spare_threads or not self._next_is_here() or self._repeat():
                return True
        return self._ends

    @property
    def _waits(self) -> bool:
        """Whether something must be finished before the next request."""
        return self.parked is not None or self._unread is not None or self._followed is not None or self.wfile.waits

    def _next_is_here(self) -> bool:
        if not self.rfile.has_data() and not readable(self.socket, _NEXT_SECONDS):
            return False
        return self.rfile.collect()

    def _serve(self) -> bool:
        """Serve the next request, or the one that waited for its turn. Returns whether others may follow."""
        request, self.parked = self.parked, None
        try:
            if request is not None:
                request.has_turn = True
            else:
                if not self.wfile.offer() or not self.rfile.collect():
                    return True
                request = Request(self.server, self)
                if not request.read_head():
                    return self._end(request)
            if self._respond(request):
                if request.follow is not None and not request.refused:
                    self._followed = request.follow
                    self._followed.stream.add(id(self), self.push, self._followed.last)
                    return True
                self._unread = request.unread
                return not request.closes_connection or self._end(request)
            self.parked = request
            return True
        except ClientGone as error:
            logger.debug("Connection of {} ended: {}", self.remote_addr, error)
        return False

    def _respond(self, request: Request) -> bool:
        """Call Request.respond; an exception of the application becomes the response if none has begun."""
        try:
            return request.respond()
        except ClientGone:
            raise
        except DavproxyError as error:
            request.refuse(error.status, error.message)
        except Exception:  # noqa: BLE001 - an error of one request must not end its thread
            logger.exception("A request failed")
            request.refuse(500, BROKEN)
        finally:
            if request.has_turn:
                request.has_turn = False
                self.server.transfers.leave()
        return True

    def _end(self, request: Request) -> bool:
        """Begin to close the connection after `request`. Returns false: no other request follows."""
        self._ends = self.wfile.waits or request.refused or request.unread is not None or self.rfile.has_data()
        if self._ends:
            self._unread = Body(KnownLength(self.rfile, _ENDLESS))
        return False

    def close(self) -> None:
        """Close the socket, and what a request that waits for its turn holds open."""
        if self.parked is not None:
            self.parked.abandon()
        if self._followed is not None:
            self._followed.stream.remove(id(self))
        super().close()

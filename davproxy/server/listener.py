"""Listens on an address: limits connections to the available descriptors, shares threads fairly, stops quickly."""

import errno
import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from cheroot.server import HTTPServer
from cheroot.ssl.builtin import BuiltinSSLAdapter
from loguru import logger

from davproxy.errors import SettingsError
from davproxy.server import cheroot_internals
from davproxy.server.access_log import Log
from davproxy.server.connection import Connection, Need
from davproxy.server.descriptors import open_files_limit
from davproxy.server.one_core import OneCore
from davproxy.server.response_cache import ResponseCache
from davproxy.server.transfers import Transfers

IDLE_SECONDS = 60
"""How long an idle connection stays open; also how long an unfinished request head may take to arrive."""
CONNECTIONS = 500
"""Most connections without a thread; beyond it, the one idle for longest is closed."""

_BACKLOG = 256
_FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_REFUSED_SECONDS = 0.02
"""Pause before the next connection is accepted, after the system refused one."""


def most_connections(descriptors: int = 0) -> int:
    """CONNECTIONS, or half of the `descriptors` that the process may open: files and the remote need the others."""
    return min(CONNECTIONS, (descriptors or open_files_limit()) // 2)


class Listener:
    """Serves `application` on one address, from its own thread."""

    def __init__(
        self,
        application: WSGIApplication,
        response_cache: ResponseCache,
        log: Log,
        host: str,
        port: int,
        *,
        threads: int = 40,
        certificate: Path | None = None,
        key: Path | None = None,
        connections: int | None = None,
    ) -> None:
        """`connections` is the most without a thread; `most_connections()` by default.

        Raises SettingsError for a certificate that cannot be used.
        """
        self._http = HttpServer(application, response_cache, log, (host, port), threads)
        self._http.most_connections = connections or most_connections()
        if certificate and key:
            try:
                self._http.ssl_adapter = _Tls(str(certificate), str(key))
            except (OSError, ValueError) as error:
                raise SettingsError(f"TLS_CERTIFICATE and TLS_KEY cannot be used: {error}.") from None
        self._thread: threading.Thread | None = None
        self._one_core = OneCore(self._native_ids)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port listened on; the real port once started."""
        host, port = self._http.bind_addr
        return str(host), int(port)

    def start(self) -> None:
        """Listen and serve. Raises SettingsError when the address cannot be listened on."""
        try:
            self._http.prepare()
        except OSError as error:
            host, port = self.address
            raise SettingsError(
                f"APP_HOST and APP_PORT: cannot listen on {host}:{port} ({self._http.refusal or error}). "
                "Choose another port, or stop what uses it."
            ) from None
        self._thread = threading.Thread(target=self._http.serve, name="http", daemon=True)
        self._thread.start()
        self._one_core.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop listening, give running requests `timeout` seconds to finish, then close their connections."""
        self._one_core.stop()
        self._http.shutdown_timeout = timeout
        self._http.stop()
        if self._thread:
            self._thread.join(timeout=2)

    def _native_ids(self) -> list[int]:
        threads = [self._thread, *cheroot_internals.worker_threads(self._http.requests)]
        return [thread.native_id for thread in threads if thread and thread.is_alive() and thread.native_id]


class _ListeningSocket(socket.socket):
    """A listening socket that calls `make_room` when the system has no descriptor left for a connection."""

    make_room: Callable[[], None]

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection. Raises TimeoutError where the system refuses; cheroot then tries again."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in _FULL:
                raise
            self.make_room()
            raise TimeoutError from error


class HttpServer(HTTPServer):  # type: ignore[misc]
    """cheroot's server with our connections, our thread pool, and limits that suit slow clients."""

    ConnectionClass = Connection
    request_queue_size = _BACKLOG
    timeout = IDLE_SECONDS
    keep_alive_conn_limit = None
    expiration_interval = 0.25
    wsgi_app: WSGIApplication
    bind_addr: tuple[str, int]
    refusal = ""
    """Why listening on the address failed."""

    def __init__(
        self,
        application: WSGIApplication,
        response_cache: ResponseCache,
        log: Log,
        address: tuple[str, int],
        threads: int,
    ) -> None:
        super().__init__(address, gateway=None, server_name="davproxy")
        self.wsgi_app = application
        self.log = log
        self.most_connections = CONNECTIONS
        self.requests = Pool(self, min=threads, max=threads)
        self._reserve = max(2, threads // 5)
        self.transfers = Transfers(threads - self._reserve, self.requests.put)
        self.response_cache = response_cache

    @property
    def spare_threads(self) -> bool:
        """Whether a thread may wait a moment for its connection's next request."""
        return bool(self.ready and self.requests.qsize == 0 and self.requests.idle >= self._reserve)

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        """Bind one socket; one that cannot be bound is closed, and `refusal` says why."""
        prepared: socket.socket = self.prepare_socket(
            self.bind_addr, family, type, proto, self.nodelay, self.ssl_adapter
        )
        sock = _ListeningSocket(family, type, proto, fileno=prepared.detach())
        sock.make_room = self._make_room
        try:
            self.socket = self.bind_socket(sock, self.bind_addr)
        except OSError as error:
            sock.close()
            self.refusal = error.strerror or str(error)
            raise
        self.bind_addr = self.resolve_real_bind_addr(sock)
        return sock

    def process_conn(self, conn: Connection) -> None:
        """Handle a connection whose socket is ready. Called by the selector's thread alone, which drops idle ones."""
        self._dispatch(conn)
        if cheroot_internals.count_waiting(self) > self.most_connections:
            self._drop_longest_idle()

    def _dispatch(self, conn: Connection) -> None:
        """Advance the connection, then give it what it needs next."""
        match conn.advance():
            case Need.THREAD:
                super().process_conn(conn)
            case Need.CLOSE:
                conn.close()
            case Need.SOCKET:
                event = selectors.EVENT_WRITE if conn.wfile.waits else selectors.EVENT_READ
                cheroot_internals.watch(self, conn, event)

    def _drop_longest_idle(self) -> None:
        """Shut down the connection idle for longest. It is closed in its next turn, which may be scheduled already."""
        idle = min(cheroot_internals.waiting_connections(self), key=lambda conn: conn.last_used, default=None)
        if idle is not None:
            idle.last_used = time.time()  # so that it is not chosen twice before its next turn
            _shut_down(idle.socket)

    def _make_room(self) -> None:
        """Free a descriptor for a new connection."""
        logger.debug("The system has no descriptor left for a connection; the one idle for longest is closed")
        self._drop_longest_idle()
        time.sleep(_REFUSED_SECONDS)  # cheroot's loop then closes what was shut down

    def put_conn(self, conn: Connection) -> None:
        """Take a connection back from its thread."""
        if not self.ready:
            with suppress(OSError):
                conn.wfile.offer()
            conn.close()
        elif conn.parked:
            self.transfers.wait(conn)
        else:
            conn.last_used = time.time()
            self._dispatch(conn)

    def stop(self) -> None:
        """Stop listening, then the threads."""
        if self.ready:
            cheroot_internals.request_stop(self)
            with suppress(OSError):
                socket.create_connection(self.bind_addr, 1).close()  # wakes the selector
        super().stop()
        self.transfers.clear()

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Write cheroot's messages to our log."""
        logger.opt(exception=traceback).log("WARNING" if level >= 30 or traceback else "DEBUG", "{}", msg)


class Pool(cheroot_internals.DaemonPool):
    """Daemon threads that stop in time even when a client stalls."""

    def stop(self, timeout: float | None = 5) -> None:
        """Give requests `timeout` seconds to finish, then shut down their connections."""
        known = cheroot_internals.worker_threads(self)
        threads = [thread for thread in known if thread is not threading.current_thread()]
        for _ in threads:
            cheroot_internals.request_shutdown(self)
        until = time.monotonic() + (timeout or 0)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        for thread in threads:
            if thread.is_alive() and (conn := thread.conn):
                _shut_down(conn.socket)
        for thread in threads:
            thread.join(max(0.0, until + 1 - time.monotonic()))
        known.clear()


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _Tls(BuiltinSSLAdapter):  # type: ignore[misc]
    """TLS whose handshake happens with the first read, so that an idle client does not block the others."""

    def wrap(self, sock: socket.socket) -> tuple[socket.socket, dict[str, str]]:
        """The socket, and what it adds to the WSGI environ."""
        wrapped = self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}

"""Listening on an address: connections within the limit of descriptors, threads shared fairly, a quick stop."""

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
from cheroot.workers.threadpool import ThreadPool, WorkerThread
from loguru import logger

from davproxy.errors import SettingsError
from davproxy.server import cheroot_internals
from davproxy.server.access_log import Log
from davproxy.server.connection import Connection, Need
from davproxy.server.descriptors import open_files_limit
from davproxy.server.response_cache import ResponseCache
from davproxy.server.transfers import Transfers

IDLE_SECONDS = 60
"""How long a silent connection is kept; an unfinished request head has the same time to arrive."""
CONNECTIONS = 500
"""Most connections that wait without a thread; past it, the one silent for longest is dropped."""

_BACKLOG = 256
_FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_RELIEF_SECONDS = 0.02
"""How long no connection is accepted after the system refused one."""


def most_connections(descriptors: int = 0) -> int:
    """CONNECTIONS, or half of the `descriptors` that this process may open: files and the remote need the others."""
    return min(CONNECTIONS, (descriptors or open_files_limit()) // 2)


class Listener:
    """Serves `application` on one address from a thread of its own."""

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
        """`connections` is the most that wait without a thread, `most_connections()` if not given.

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

    def stop(self, timeout: float = 5.0) -> None:
        """Stop listening at once and give running requests `timeout` seconds to finish; then cut them off."""
        self._http.shutdown_timeout = timeout
        self._http.stop()
        if self._thread:
            self._thread.join(timeout=2)


class _ListeningSocket(socket.socket):
    """A listening socket that makes room when the system has no descriptor left for a connection."""

    relieve: Callable[[], None]

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection. Raises TimeoutError, after which cheroot looks again, where the system refuses."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in _FULL:
                raise
            self.relieve()
            raise TimeoutError from error


class HttpServer(HTTPServer):  # type: ignore[misc]
    """cheroot's server with our connections, our pool, and limits that fit slow clients."""

    ConnectionClass = Connection
    request_queue_size = _BACKLOG
    timeout = IDLE_SECONDS
    keep_alive_conn_limit = None
    expiration_interval = 0.25
    wsgi_app: WSGIApplication
    bind_addr: tuple[str, int]
    refusal = ""
    """Why the address could not be listened on."""

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
        """Whether a thread may stay with its connection for a moment."""
        return bool(self.ready and self.requests.qsize == 0 and self.requests.idle >= self._reserve)

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        """Bind one socket; one that cannot be bound is closed, and the reason kept."""
        prepared: socket.socket = self.prepare_socket(
            self.bind_addr, family, type, proto, self.nodelay, self.ssl_adapter
        )
        sock = _ListeningSocket(family, type, proto, fileno=prepared.detach())
        sock.relieve = self._relieve
        try:
            self.socket = self.bind_socket(sock, self.bind_addr)
        except OSError as error:
            sock.close()
            self.refusal = error.strerror or str(error)
            raise
        self.bind_addr = self.resolve_real_bind_addr(sock)
        return sock

    def process_conn(self, conn: Connection) -> None:
        """Look after a connection that has news. Only the thread that watches calls this, so only that drops any."""
        self._look_after(conn)
        if cheroot_internals.watched_count(self) > self.most_connections:
            self._drop_longest_silent()

    def _look_after(self, conn: Connection) -> None:
        """Do what the connection needs next."""
        match conn.attend():
            case Need.THREAD:
                super().process_conn(conn)
            case Need.CLOSING:
                conn.close()
            case Need.NEWS:
                event = selectors.EVENT_WRITE if conn.wfile.waits else selectors.EVENT_READ
                cheroot_internals.watch(self, conn, event)

    def _drop_longest_silent(self) -> None:
        """Cut that connection. It is closed when it is looked after: cheroot may hold news of it already."""
        silent = min(cheroot_internals.watched(self), key=lambda conn: conn.last_used, default=None)
        if silent is not None:
            silent.last_used = time.time()  # if others have to go before it is looked after, it is not chosen again
            _cut(silent.socket)

    def _relieve(self) -> None:
        """Make room for new connections, after there was none."""
        logger.debug("The system has no descriptor left for a connection; the one silent for longest is dropped")
        self._drop_longest_silent()
        time.sleep(_RELIEF_SECONDS)  # the rest of this loop goes on: it closes what was cut

    def put_conn(self, conn: Connection) -> None:
        """Take a connection back from a thread."""
        if not self.ready:
            with suppress(OSError):
                conn.wfile.offer()
            conn.close()
        elif conn.parked:
            self.transfers.wait(conn)
        else:
            conn.last_used = time.time()
            self._look_after(conn)

    def stop(self) -> None:
        """Stop listening, then the threads."""
        if self.ready:
            cheroot_internals.request_stop(self)
            with suppress(OSError):
                socket.create_connection(self.bind_addr, 1).close()  # so that the selector looks up at once
        super().stop()
        self.transfers.clear()

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """What cheroot has to say goes to our log."""
        logger.opt(exception=traceback).log("WARNING" if level >= 30 or traceback else "DEBUG", "{}", msg)


class Pool(ThreadPool):  # type: ignore[misc]
    """Threads that end with the process, and stop in time even when a client stalls."""

    def _spawn_worker(self) -> WorkerThread:
        worker = WorkerThread(self.server)
        worker.daemon = True
        worker.start()
        while not worker.ready:
            time.sleep(0.001)  # the pool itself would look again after 0.1 s only
        return worker

    def stop(self, timeout: float | None = 5) -> None:
        """Let requests finish for `timeout` seconds, then cut their connections."""
        known = cheroot_internals.worker_threads(self)
        threads = [thread for thread in known if thread is not threading.current_thread()]
        for _ in threads:
            cheroot_internals.request_shutdown(self)
        until = time.monotonic() + (timeout or 0)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        for thread in threads:
            if thread.is_alive() and (conn := thread.conn):
                _cut(conn.socket)
        for thread in threads:
            thread.join(max(0.0, until + 1 - time.monotonic()))
        known.clear()


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _Tls(BuiltinSSLAdapter):  # type: ignore[misc]
    """TLS whose handshake happens with the first read, so that a silent client does not hold up the others."""

    def wrap(self, sock: socket.socket) -> tuple[socket.socket, dict[str, str]]:
        """The socket and what WSGI learns about it."""
        wrapped = self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}

"""The private names of cheroot that the server uses; a test of its own fails where a version of cheroot moves one."""

import selectors
from collections.abc import Iterator
from typing import Any

from cheroot.server import HTTPServer
from cheroot.workers.threadpool import _SHUTDOWNREQUEST, ThreadPool, WorkerThread


def watch(server: HTTPServer, connection: Any, event: int = selectors.EVENT_READ) -> None:
    """Give `connection` to the selector until `event` happens on its socket."""
    server._connections._selector.register(connection.socket.fileno(), event, data=connection)


def watched(server: HTTPServer) -> Iterator[Any]:
    """The connections that wait in the selector."""
    return (connection for _, connection in server._connections._selector.connections if connection is not server)


def watched_count(server: HTTPServer) -> int:
    """How many connections wait in the selector, the listening socket among them."""
    return len(server._connections._selector)


def request_stop(server: HTTPServer) -> None:
    """Make the selector's loop end the next time it wakes."""
    server._connections._stop_requested = True


def worker_threads(pool: ThreadPool) -> list[WorkerThread]:
    """The list of the pool's threads; clearing it makes cheroot forget them."""
    threads: list[WorkerThread] = pool._threads
    return threads


def request_shutdown(pool: ThreadPool) -> None:
    """Make one thread of the pool end after what is queued before."""
    pool._queue.put(_SHUTDOWNREQUEST)

"""The private names of cheroot that the server uses. A test fails where a version of cheroot moves one."""

import selectors
import time
from collections.abc import Iterator
from typing import Any

from cheroot.server import HTTPServer
from cheroot.workers.threadpool import _SHUTDOWNREQUEST, ThreadPool, WorkerThread


class DaemonPool(ThreadPool):  # type: ignore[misc]
    """Threads that end with the process."""

    def _spawn_worker(self) -> WorkerThread:
        worker = WorkerThread(self.server)
        worker.daemon = True
        worker.start()
        while not worker.ready:
            time.sleep(0.001)  # the pool's own wait is 0.1 s
        return worker


def watch(server: HTTPServer, connection: Any, event: int = selectors.EVENT_READ) -> None:
    """Give `connection` to the selector until `event` happens on its socket."""
    server._connections._selector.register(connection.socket.fileno(), event, data=connection)


def waiting_connections(server: HTTPServer) -> Iterator[Any]:
    """The connections that wait in the selector."""
    return (connection for _, connection in server._connections._selector.connections if connection is not server)


def count_waiting(server: HTTPServer) -> int:
    """The number of connections in the selector, including the listening socket."""
    return len(server._connections._selector)


def request_stop(server: HTTPServer) -> None:
    """Make the selector's loop end the next time it wakes."""
    server._connections._stop_requested = True


def worker_threads(pool: ThreadPool) -> list[WorkerThread]:
    """The list of the pool's threads; clearing it makes cheroot forget them."""
    threads: list[WorkerThread] = pool._threads
    return threads


def request_shutdown(pool: ThreadPool) -> None:
    """Make one thread of the pool end after the work that is queued before."""
    pool._queue.put(_SHUTDOWNREQUEST)

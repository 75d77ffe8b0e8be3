"""The private names of cheroot that the server uses exist, and mean what they did."""

import selectors
import socket
from types import SimpleNamespace

from cheroot import connections
from cheroot.server import HTTPServer
from cheroot.workers import threadpool

from davproxy.server import cheroot_internals


def test_the_private_names_are_there() -> None:
    server = HTTPServer(("127.0.0.1", 0), gateway=None)
    server.prepare()
    ours, theirs = socket.socketpair()
    try:
        assert isinstance(server._connections, connections.ConnectionManager)
        assert cheroot_internals.count_waiting(server) == 1
        client = SimpleNamespace(socket=ours)
        cheroot_internals.watch(server, client, selectors.EVENT_READ)
        assert list(cheroot_internals.waiting_connections(server)) == [client]
        server._connections._selector.unregister(ours.fileno())
        cheroot_internals.request_stop(server)
        server._connections.run(expiration_interval=0.1)  # ends at once
        pool = server.requests
        assert isinstance(pool, threadpool.ThreadPool)
        threads = cheroot_internals.worker_threads(pool)
        assert threads
        for _ in threads:
            cheroot_internals.request_shutdown(pool)
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        threads.clear()
        assert cheroot_internals.worker_threads(pool) == []
    finally:
        server.stop()
        ours.close()
        theirs.close()


def test_a_pool_starts_its_threads_by_the_method_that_ours_overrides() -> None:
    server = HTTPServer(("127.0.0.1", 0), gateway=None)
    server.requests = pool = cheroot_internals.DaemonPool(server, min=2, max=2)
    pool.start()
    try:
        assert [thread.daemon for thread in cheroot_internals.worker_threads(pool)] == [True, True]
    finally:
        pool.stop(10)

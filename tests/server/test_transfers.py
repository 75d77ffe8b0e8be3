"""Turns for large bodies: clients that do not read or send hold neither threads nor what lies behind a response."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from davproxy.server.listener import Listener
from davproxy.server.streams import SMALL_BODY
from tests.raw_http import Raw, request
from tests.serving import RIGHT, Running, no_log, no_repeats
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

BLOCK = b"x" * 1_000_000
LARGE = 20 * len(BLOCK)
"""More than the socket buffers of both sides take."""
THREADS = 5


class Counting:
    """An application with large responses below /large, and small ones; counts what it was asked and what is open."""

    def __init__(self) -> None:
        self.asked = self.open = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/large"):
            start_response("200 OK", [("Content-Length", "5")])
            return [b"small"]
        environ["wsgi.input"].read()
        with self._lock:
            self.asked += 1
        if path == "/large/list":
            start_response("200 OK", [])
            return [BLOCK] * 20
        start_response("200 OK", [] if path == "/large/chunks" else [("Content-Length", str(LARGE))])
        return Opened(self)

    def count(self, change: int) -> None:
        with self._lock:
            self.open += change
            self.most = max(self.most, self.open)


class Opened:
    """A response that has something open until it is closed."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        counting.count(+1)

    def __iter__(self) -> Iterator[bytes]:
        return iter([BLOCK] * 20)

    def close(self) -> None:
        self._counting.count(-1)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def listening(counting: Counting) -> Iterator[Listener]:
    listener = Listener(counting, no_repeats(), no_log, "127.0.0.1", 0, threads=THREADS)
    listener.start()
    yield listener
    listener.stop(1)


def turns(listener: Listener) -> int:
    return listener._http.transfers.free


@pytest.mark.parametrize("path", ["/large", "/large/chunks", "/large/list"])
@pytest.mark.parametrize("method", ["GET", "PROPFIND", "POST"])
def test_a_client_that_does_not_read_holds_no_thread(
    listening: Listener, counting: Counting, method: str, path: str
) -> None:
    all_turns = turns(listening)
    with ExitStack() as stack:
        slow = [stack.enter_context(Raw(listening.address[1])) for _ in range(3 * THREADS)]
        for client in slow:
            client.send(request(method, path, "Content-Length: 3", body=b"abc"))
        wait_until(lambda: turns(listening) == 0 and counting.asked >= len(slow))
        for _ in range(10):
            with Raw(listening.address[1]) as other:
                other.send(request("GET", "/small"))
                assert other.answer()[2] == b"small"
        if method != "POST" and path != "/large/list":
            wait_until(lambda: counting.open <= all_turns)
    wait_until(lambda: turns(listening) == all_turns)
    assert counting.open == 0


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1)])
def test_a_request_that_changes_something_is_asked_once_though_it_waits(
    listening: Listener, counting: Counting, method: str, times: int
) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(Raw(listening.address[1])) for _ in range(3 * THREADS)]
        for client in clients:
            client.send(request(method, "/large", "Content-Length: 3", body=b"abc") + request("GET", "/small"))
        wait_until(lambda: counting.asked >= len(clients))
        for client in clients:
            assert len(client.answer()[2]) == LARGE
            assert client.answer()[2] == b"small", "the connection is in step"
    assert len(clients) <= counting.asked <= len(clients) * times


def test_small_responses_that_nobody_reads_hold_no_thread(listening: Listener) -> None:
    with ExitStack() as stack:
        for _ in range(3 * THREADS):
            client = stack.enter_context(Raw(listening.address[1]))
            client.socket.setblocking(False)
            asked = memoryview(request("GET", "/small") * 200_000)
            try:
                while asked:
                    asked = asked[client.socket.send(asked) :]
            except BlockingIOError:
                pass  # the server does not take more while its responses are not read
        for _ in range(10):
            with Raw(listening.address[1]) as other:
                other.send(request("GET", "/small"))
                assert other.answer()[2] == b"small"


@pytest.mark.parametrize(
    "opening",
    [
        request("PUT", "/dav/Songs/a", "Content-Length: 10000000", body=b"x"),
        request("PUT", "/dav/Songs/a", "Transfer-Encoding: chunked", body=b"5\r\nx"),
        request("PUT", "/dav/Songs/a", "Content-Length: 10000000", "Expect: 100-continue"),
        request("PUT", "/dav/Songs/a", f"Content-Length: {SMALL_BODY + 1}", "Connection: close", body=b"x"),
    ],
    ids=["long", "chunked", "expecting", "closing"],
)
def test_a_refused_request_holds_no_turn_while_its_body_trickles_in(guarded: Running, opening: bytes) -> None:
    listener = guarded.server._listener
    all_turns = turns(listener)
    guarded.library.tree.write("/Songs/large", BLOCK)
    with ExitStack() as stack:
        strangers = [stack.enter_context(Raw(guarded.port)) for _ in range(100)]
        for stranger in strangers:
            stranger.send(opening)
        assert {stranger.answer()[0] for stranger in strangers} == {401}
        wait_until(lambda: turns(listener) == all_turns)
        for stranger in strangers:
            stranger.send(b"x")
        assert guarded.ask("GET", "/dav/Songs/large", Authorization=RIGHT).body == BLOCK
        wait_until(lambda: turns(listener) == all_turns)


@pytest.mark.parametrize("coding", ["Content-Length: 3000000", "Transfer-Encoding: chunked"])
def test_a_refused_body_is_dropped_as_it_comes_and_the_connection_stays(guarded: Running, coding: str) -> None:
    body = BLOCK * 3 if "Length" in coding else b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK) * 3 + b"0\r\n\r\n"
    with Raw(guarded.port) as raw:
        for _ in range(2):
            raw.send(request("PUT", "/dav/Songs/a", coding, body=body[:5]))
            assert raw.answer()[0] == 401
            raw.send(body[5:] + request("GET", "/page"))
            assert raw.answer()[2].startswith(b"page /page")


def test_a_malformed_rest_of_a_refused_body_ends_the_connection(guarded: Running) -> None:
    with Raw(guarded.port) as raw:
        raw.send(request("PUT", "/dav/Songs/a", "Transfer-Encoding: chunked", body=b"5\r\nx"))
        assert raw.answer()[0] == 401
        raw.send(b"abcdefgh" + request("GET", "/page"))
        assert raw.answer()[0] == 0

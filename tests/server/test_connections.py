"""Connections: requests and responses stay in order, cut responses close them, slow clients block nobody."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from loguru import logger

from davproxy.server import listener
from davproxy.server.listener import Listener
from davproxy.server.refusals import BROKEN
from tests.raw_http import Raw, chunk_body, request
from tests.serving import Running, Site, no_log, no_repeats
from tests.waiting import wait_until

PROPFIND = b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'


def test_a_chunked_propfind_keeps_the_connection_in_step(running: Running) -> None:
    with Raw(running.port) as raw:
        for _ in range(3):
            raw.send(request("PROPFIND", "/dav/", "Depth: 0", "Transfer-Encoding: chunked", body=chunk_body(PROPFIND)))
            status, _, body = raw.answer()
            assert (status, b"collection" in body, b"getetag" in body) == (207, True, False)


@pytest.mark.parametrize("method", ["PUT", "PROPFIND", "DELETE", "MKCOL", "LOCK", "GET", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", ["/dav/Elsewhere/x", "/dav/Songs/", "/dav/Songs/%FF", "/dav/Status/x"])
def test_after_any_response_the_next_request_is_understood(running: Running, method: str, path: str) -> None:
    with Raw(running.port) as raw:
        for body in (b"", b"some body that nobody asked for" * 3000):
            for head, sent in (
                (f"Content-Length: {len(body)}", body),
                ("Transfer-Encoding: chunked", chunk_body(body[:10], body[10:])),
            ):
                raw.send(request(method, path, head, body=sent))
                status = raw.answer()[0]
                assert 200 <= status < 500
                if status == 413:
                    return
        raw.send(request("GET", "/page"))
        assert raw.answer()[2].startswith(b"page /page")


def test_requests_sent_all_at_once_are_answered_in_order(running: Running) -> None:
    with Raw(running.port) as raw:
        raw.send(b"".join(request("GET", f"/page{number}") for number in range(20)))
        assert [raw.answer()[2].split()[1] for _ in range(20)] == [b"/page%d" % number for number in range(20)]


@pytest.mark.parametrize(
    "path", ["%FF", "%", "%zz", "a%2Fb", "a%5Cb", "a%00b", "..", "%2e%2e", "../../etc/passwd", "a%0Ab"]
)
@pytest.mark.parametrize("below", ["/dav/Songs/", "/dav/"])
def test_a_path_that_cannot_be_is_400_and_the_connection_stays(running: Running, below: str, path: str) -> None:
    with Raw(running.port) as raw:
        for method in ("GET", "PROPFIND", "PUT", "DELETE", "MKCOL"):
            raw.send(request(method, below + path, "Content-Length: 0"))
            status, headers, body = raw.answer()
            assert (status, b"root:" in body) == (400, False)
            assert "connection" not in headers
        raw.send(request("MOVE", "/dav/Songs/x", f"Destination: {below}{path}"))
        assert raw.answer()[0] in (400, 404)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -3\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1_0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Name: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: other\r\n\r\n",
        b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    ],
)
def test_a_malformed_head_is_refused_and_the_connection_closed(running: Running, head: bytes) -> None:
    with Raw(running.port) as raw:
        raw.send(head)
        assert raw.answer()[0] in (400, 414, 431, 501)
        assert raw.closed()
    assert running.ask("GET", "/page").status == 200


class ShortResponses:
    """An application whose responses end early."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        length = 1_000_000 if "large" in environ["PATH_INFO"] else 1000
        start_response("200 OK", [("Content-Length", str(length))])
        yield b"x" * 10
        if "raises" in environ["PATH_INFO"]:
            raise OSError("the storage went away")


@pytest.fixture
def short_responses() -> Iterator[Listener]:
    server = Listener(ShortResponses(), no_repeats(), no_log, "127.0.0.1", 0, threads=4)
    server.start()
    yield server
    server.stop(1)


@pytest.mark.parametrize(("path", "length"), [("/small", 1000), ("/large", 1_000_000), ("/large-raises", 1_000_000)])
def test_a_response_that_ends_early_closes_the_connection_at_once(
    short_responses: Listener, path: str, length: int
) -> None:
    with Raw(short_responses.address[1]) as raw:
        raw.send(request("GET", path))
        status, headers, body = raw.answer()
        assert (status, headers["content-length"], body) == (200, str(length), b"x" * 10)
        assert raw.closed()


def test_a_small_response_that_fails_becomes_an_error(short_responses: Listener) -> None:
    with Raw(short_responses.address[1]) as raw:
        raw.send(request("GET", "/raises"))
        status, _, body = raw.answer()
        assert (status, body) == (500, f"{BROKEN}\n".encode())
        assert raw.closed()


def open_clients(stack: ExitStack, running: Running, count: int, opening: bytes) -> list[Raw]:
    """Connections that have sent `opening` and read nothing."""
    clients = [stack.enter_context(Raw(running.port)) for _ in range(count)]
    for client in clients:
        client.send(opening)
    return clients


@pytest.mark.parametrize(
    "opening",
    [
        request("PUT", "/dav/Songs/slow", "Content-Length: 100", body=b"x"),
        request("PUT", "/dav/Songs/slow", "Content-Length: 10000000", body=b"x"),
        request("PUT", "/dav/Songs/slow", "Transfer-Encoding: chunked", body=b"5\r\nx"),
        b"GET / HTTP/1.1\r\nHost: 127",
        b"",
    ],
    ids=["small", "large", "chunked", "head", "silent"],
)
def test_a_hundred_slow_senders_do_not_delay_the_others(running: Running, opening: bytes) -> None:
    with ExitStack() as stack:
        clients = open_clients(stack, running, 100, opening)
        for number in range(40):
            for client in clients[::10]:
                client.send(b"x")
            status = running.ask("OPTIONS" if number % 2 else "PROPFIND", "/dav/", Depth="0").status
            assert status in (200, 207)
    assert running.changes == []


def test_stalled_readers_do_not_delay_the_others(running: Running) -> None:
    running.library.tree.write("/Songs/song.ogg", bytes(20_000_000))
    with ExitStack() as stack:
        open_clients(stack, running, 60, request("GET", "/dav/Songs/song.ogg"))
        for _ in range(20):
            assert running.ask("GET", "/page").status == 200
            assert running.ask("PROPFIND", "/dav/Songs/", Depth="1").status == 207


def test_every_queued_transfer_gets_its_turn(site: Site) -> None:
    """Forty downloads on a server with few turns: all arrive, one after another."""
    running = site.start(SERVER_THREADS="4")
    content = bytes(range(256)) * 12_000
    running.library.tree.write("/Songs/song.ogg", content)
    with ExitStack() as stack:
        clients = open_clients(stack, running, 40, request("GET", "/dav/Songs/song.ogg"))
        assert all(client.answer()[2] == content for client in clients)


def test_beyond_the_limit_the_connection_idle_for_longest_is_closed(running: Running) -> None:
    with ExitStack() as stack:
        open_clients(stack, running, listener.CONNECTIONS + 20, b"")
        assert running.ask("GET", "/page").status == 200


def test_a_connection_may_be_dropped_while_data_arrives(running: Running) -> None:
    warnings: list[str] = []
    sink = logger.add(warnings.append, level="WARNING", format="{message}")
    try:
        with ExitStack() as stack:
            clients = open_clients(stack, running, listener.CONNECTIONS, b"")
            for client in clients:
                with suppress(OSError):  # it is closed already
                    client.send(request("GET", "/page"))
                stack.enter_context(Raw(running.port))
            assert running.ask("GET", "/page").status == 200
    finally:
        logger.remove(sink)
    assert warnings == []


class Simultaneous:
    """An application that answers `count` requests for /together at the same moment."""

    def __init__(self, count: int) -> None:
        self._all_here = threading.Barrier(count)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/together":
            self._all_here.wait(15)
        start_response("200 OK", [("Content-Length", "0")])
        return []


def test_many_threads_may_give_back_connections_when_there_are_too_many() -> None:
    threads = 30
    server = Listener(Simultaneous(threads), no_repeats(), no_log, "127.0.0.1", 0, threads=threads)
    server.start()
    try:
        with ExitStack() as stack:
            clients = [stack.enter_context(Raw(server.address[1])) for _ in range(listener.CONNECTIONS + threads)]
            for client in clients[-threads:]:
                client.send(request("GET", "/together"))
            assert {client.answer()[0] for client in clients[-threads:]} == {200}
            with Raw(server.address[1]) as other:
                other.send(request("GET", "/later"))
                assert other.answer()[0] == 200
            for client in clients[-threads:]:
                client.send(request("GET", "/later"))
            assert {client.answer()[0] for client in clients[-threads:]} == {200}
    finally:
        server.stop(1)


@pytest.mark.parametrize("name", ["Date", "date"])
def test_a_response_has_one_date_however_the_application_spells_it(name: str) -> None:
    def dated(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [(name, "Sun, 09 Sep 2001 01:46:40 GMT"), ("Content-Length", "0")])
        return []

    server = Listener(dated, no_repeats(), no_log, "127.0.0.1", 0)
    server.start()
    try:
        with Raw(server.address[1]) as raw:
            raw.send(request("GET", "/", "Connection: close"))
            answer = b"".join(iter(lambda: raw.socket.recv(65536), b""))
    finally:
        server.stop(1)
    assert answer.lower().count(b"\ndate:") == 1


@pytest.mark.parametrize("stalled", ["reader", "sender"])
def test_stopping_does_not_wait_for_the_stalled(running: Running, stalled: str) -> None:
    running.library.tree.write("/Songs/song.ogg", bytes(20_000_000))
    opening = {
        "reader": request("GET", "/dav/Songs/song.ogg"),
        "sender": request("PUT", "/dav/Songs/other.ogg", "Content-Length: 1000000", body=b"x"),
    }[stalled]
    with ExitStack() as stack:
        clients = open_clients(stack, running, 10, opening)
        if stalled == "reader":
            assert clients[0].socket.recv(1)
        running.server.stop(0.5)
        if stalled == "sender":
            assert all(client.closed() for client in clients)


def test_a_running_request_may_finish_while_the_server_stops(running: Running) -> None:
    with Raw(running.port) as raw:
        raw.send(request("PUT", "/dav/Songs/a", "Content-Length: 200000", "Connection: close", body=b"x" * 100_000))
        wait_until(lambda: list(running.stored.rglob("uploads/*")))
        stopping = threading.Thread(target=running.server.stop, args=(5,))
        stopping.start()
        raw.send(b"x" * 100_000)
        assert raw.answer()[0] == 201
        stopping.join()


def test_every_form_of_a_request_s_target_is_understood(running: Running) -> None:
    with Raw(running.port) as raw:
        raw.send(request("GET", f"http://127.0.0.1:{running.port}/page%20one?a=b"))
        assert raw.answer()[2].startswith(b"page /page one for")
        raw.send(request("OPTIONS", "*"))
        status, headers, _ = raw.answer()
        assert (status, headers["dav"]) == (200, "1, 2")
        raw.send(b"GET /page HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        status, headers, _ = raw.answer()
        assert (status, headers["connection"]) == (200, "Keep-Alive")

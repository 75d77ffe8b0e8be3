"""Cached responses: the same as new ones, in order, and never to a client that a new one would be refused."""

import gc
import itertools
import re
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loguru import logger

from davproxy.errors import DavproxyError
from davproxy.server import cheroot_internals, response_cache
from davproxy.server.listener import Listener
from davproxy.server.response_cache import Key, Repeatable, ResponseCache
from tests.examples import at_most
from tests.raw_http import Raw, request
from tests.serving import LOCK, RIGHT, Running, no_log, wrong_credentials
from tests.waiting import wait_until

PROPERTIES = b'<propfind xmlns="DAV:"><prop><getetag/><getlastmodified/><lockdiscovery/></prop></propfind>'
TAGGED = b'<propertyupdate xmlns="DAV:"><set><prop><t xmlns="urn:t">%d</t></prop></set></propertyupdate>'
TIMES = {"middle": 10_000, "large": 100_000, "huge": 4_000_000}
"""How often the response to a path repeats it."""


class Counting:
    """An application that counts its requests, and whose responses may be repeated while `same`."""

    def __init__(self) -> None:
        self.asked = 0
        self.same = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked += 1
        body = environ["PATH_INFO"].encode() * TIMES.get(environ["PATH_INFO"][1:], 1)
        status = "404 Not Found" if "gone" in environ["PATH_INFO"] else "200 OK"
        start_response(status, [("Content-Length", str(len(body)))])
        return Repeatable([body], (body,))

    def repeat(self, key: Key) -> bytes | None:
        """The same body, while it is the same."""
        assert isinstance(key[0], bytes)
        return key[0] if self.same else None


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def listening(counting: Counting) -> Iterator[Listener]:
    listener = Listener(
        counting, ResponseCache(counting.repeat, lambda _: False, no_log), no_log, "127.0.0.1", 0, threads=5
    )
    listener.start()
    yield listener
    listener.stop(1)


def test_the_same_request_does_not_reach_the_application_again(listening: Listener, counting: Counting) -> None:
    for _ in range(3):
        with Raw(listening.address[1]) as raw:
            for _ in range(3):
                raw.send(request("GET", "/a", "Content-Length: 3", body=b"abc"))
                status, headers, body = raw.answer()
                assert (status, body, "date" in headers) == (200, b"/a", True)
    assert counting.asked == 1
    with Raw(listening.address[1]) as raw:
        for body in (b"abd", b"abc"):
            raw.send(request("GET", "/a", "Content-Length: 3", body=body))
            assert raw.answer()[0] == 200
        raw.send(request("GET", "/b"))
        assert raw.answer()[2] == b"/b"
    assert counting.asked == 3
    counting.same = False
    with Raw(listening.address[1]) as raw:
        raw.send(request("GET", "/b"))
        assert raw.answer()[2] == b"/b"
    assert counting.asked == 4


def test_clients_that_differ_in_what_nothing_reads_share_a_response(listening: Listener, counting: Counting) -> None:
    others = ("User-Agent: davfs2/1.7", "Accept-Language: ja", "Cookie: a=1", "X-Request-Id: 7")
    with Raw(listening.address[1]) as raw:
        for other in others:
            raw.send(request("GET", "/a", other))
            assert raw.answer()[2] == b"/a"
        assert counting.asked == 1
        for number, other in enumerate(("Depth: 0", "Depth: 1", "Range: bytes=0-1", "Authorization: x"), 2):
            raw.send(request("GET", "/a", other))
            assert raw.answer()[0] == 200
            assert counting.asked == number
        raw.send(request("GET", "/a", "User-Agent : malformed"))
        assert raw.answer()[0] == 400


@pytest.mark.parametrize("head", ["Connection: close", "Transfer-Encoding: chunked", "Expect: 100-continue"])
def test_an_unusual_request_always_reaches_the_application(listening: Listener, counting: Counting, head: str) -> None:
    for number in (1, 2):
        with Raw(listening.address[1]) as raw:
            raw.send(request("GET", "/a", head, body=b"0\r\n\r\n" if "chunked" in head else b""))
            assert raw.answer()[0] in (100, 200)
        assert counting.asked == number


def test_an_error_is_not_cached(listening: Listener, counting: Counting) -> None:
    with Raw(listening.address[1]) as raw:
        for number in (1, 2):
            raw.send(request("GET", "/gone"))
            assert (raw.answer()[0], counting.asked) == (404, number)


@pytest.mark.parametrize(("size", "times"), [("large", 50), ("middle", 300)])
def test_a_client_that_does_not_read_gets_every_byte_later_and_holds_no_thread(
    listening: Listener, counting: Counting, size: str, times: int
) -> None:
    """More answers than the socket takes, all asked for at once, by more clients than there are threads."""
    with ExitStack() as stack:
        slow = [stack.enter_context(Raw(listening.address[1])) for _ in range(12)]
        body = f"/{size}".encode() * TIMES[size]
        for _ in range(2):  # an answer is kept once it has left: the second says that it is
            slow[0].send(request("GET", f"/{size}"))
            assert slow[0].answer()[2] == body
        for each in slow:
            each.send(request("GET", f"/{size}") * times + request("GET", "/end"))
        for number in range(10):
            with Raw(listening.address[1]) as other:
                other.send(request("GET", f"/new{number}"))
                assert other.answer()[2] == b"/new%d" % number
        assert counting.asked == 11
        for each in slow:
            assert all(each.answer()[2] == body for _ in range(times))
            assert each.answer()[2] == b"/end"


def test_a_client_that_reads_slowly_is_not_idle(listening: Listener) -> None:
    with Raw(listening.address[1]) as raw:
        raw.send(request("GET", "/huge"))
        length = len(raw.answer()[2])
    with Raw(listening.address[1]) as raw:
        raw.send(request("GET", "/huge"))
        received = len(raw.socket.recv(1))
        wait_until(lambda: cheroot_internals.count_waiting(listening._http) == 2)
        [connection] = cheroot_internals.waiting_connections(listening._http)
        last_used = connection.last_used
        while received < length // 4:
            received += len(raw.socket.recv(65_536))
        wait_until(lambda: connection.last_used > last_used)
        while block := raw.socket.recv(1_000_000) if received < length else b"":
            received += len(block)
        assert received > length


def test_the_least_recently_used_responses_are_dropped_first() -> None:
    kept = ResponseCache(lambda key: b"body" if key else None, lambda address: address == "guesses", no_log)
    head = b"HTTP/1.1 200 OK\r\n" + b"x" * 100_000
    count = response_cache.LIMIT // len(head)

    def at(path: object) -> bytes:
        return b"GET /%b HTTP/1.1\r\n\r\n" % str(path).encode()

    for number in range(count):
        kept.keep("here", at(number), head, (number + 1,), "here")
        assert kept.find("here", at(0)) is not None
    assert kept.find("here", at(1)) is None
    assert kept.find("here", at(count - 1)) is not None
    assert kept.find("elsewhere", at(0)) is None
    kept.keep("here", at("nothing"), b"", (), "here")
    assert kept.find("here", at("nothing")) is None
    kept.keep("here", at("watched"), b"", (1,), "guesses")
    assert kept.find("here", at("watched")) is None
    long = at("x" * response_cache.LONGEST)
    kept.keep("here", long, b"", (1,), "here")
    assert kept.find("here", long) is None


def test_what_is_counted_is_what_memory_grows_by() -> None:
    """As many heads as there are responses, as of files, and one for all, as of most folders."""
    kept = ResponseCache(lambda key: b"body", lambda address: False, no_log)

    def fill(name: str, head: str) -> float:
        before = kept.size
        tracemalloc.start()
        for number in range(5000):
            path = f"/Songs/Artist {number // 10}/Artist - Title {number}/{name}"
            asked = f"PROPFIND /dav{path} HTTP/1.1\r\nHost: here\r\n\r\n".encode()
            kept.keep("10.0.0.1", asked, (head % number).encode(), ("listing", path, number % 7, 2000), "10.0.0.1")
        grown = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return (kept.size - before) / grown

    assert 0.8 < fill("song.ini", "HTTP/1.1 200 OK\r\nETag: %d\r\nContent-Type: text/plain\r\n") < 1.5
    assert 0.8 < fill("", "HTTP/1.1 207 Multi-Status%.0s\r\nContent-Type: application/xml\r\n") < 2


def test_a_new_request_is_read_once_to_look_for_it_and_to_keep_it(listening: Listener) -> None:
    before = response_cache._digest.cache_info().misses
    with Raw(listening.address[1]) as raw:
        for number in range(100):
            raw.send(request("GET", f"/once{number}"))
            assert raw.answer()[0] == 200
    # Servers of other tests may still read a request or two. Twice each would be 200.
    assert 100 <= response_cache._digest.cache_info().misses - before < 150


def test_a_request_after_an_empty_line_is_repeated_too(listening: Listener, counting: Counting) -> None:
    with Raw(listening.address[1]) as raw:
        for _ in range(2):
            raw.send(b"\r\n" + request("GET", "/a"))
            assert raw.answer()[2] == b"/a"
    assert counting.asked == 1


def test_the_garbage_collector_skips_cached_responses() -> None:
    """A collector that walks tens of thousands of objects stalls every thread."""
    gc.freeze()  # not to walk whatever other tests left
    try:
        kept = ResponseCache(lambda key: b"body", lambda address: False, no_log)
        for number in range(5000):
            kept.keep("here", b"%d" % number, b"head", ("listing", f"/{number}", 1.0, None), "here")
        for _ in range(3):  # a tuple is passed over once those in it are
            gc.collect()
    finally:
        gc.unfreeze()
    assert not any(gc.is_tracked(each) for pair in kept._kept.items() for each in pair)


CHANGES: dict[str, Callable[[Running, str, int], object]] = {
    "written": lambda running, at, step: running.library.tree.write(f"{at}/song.ini", b"[song]\nname = %d" % step),
    "as long": lambda running, at, _: running.library.tree.write(f"{at}/notes.chart", b"1234"),
    "touched": lambda running, at, step: running.library.tree.set_modified(f"{at}/song.ini", 1e9 + step),
    "another": lambda running, at, step: running.library.tree.write(f"{at}/{step}", b"wxyz"),
    "replaced": lambda running, at, step: running.library.tree.move(f"{at}/{step - 1}", f"{at}/notes.chart"),
    "deleted": lambda running, at, _: running.ask("DELETE", f"/dav{at}/song.ini"),
    "renamed": lambda running, at, _: running.ask("MOVE", f"/dav{at}/", Destination=f"/dav{at}-/"),
    "locked": lambda running, at, _: running.ask("LOCK", f"/dav{at}/song.ini", LOCK, Timeout="Second-100"),
    "reserved": lambda running, at, step: running.ask("LOCK", f"/dav{at}/new{step}", LOCK),
    "tagged": lambda running, at, step: running.ask("PROPPATCH", f"/dav{at}/song.ini", TAGGED % step),
}
ASKED: list[tuple[str, str, bytes, dict[str, str]]] = [
    ("PROPFIND", "/", b"", {"Depth": "1"}),
    ("PROPFIND", "/", PROPERTIES, {"Depth": "1"}),
    ("PROPFIND", "/song.ini", PROPERTIES, {"Depth": "0"}),
    ("GET", "/song.ini", b"", {}),
    ("GET", "/song.ini", b"", {"Range": "bytes=1-4"}),
    ("GET", "/song.ini", b"", {"If-Modified-Since": "Sun, 09 Sep 2001 01:46:43 GMT"}),
    ("GET", "/notes.chart", b"", {}),
]


def test_a_repeated_response_equals_a_new_one(running: Running) -> None:
    """Whatever happens to the tree; a header of its own makes a request a new one."""
    folders, fresh = itertools.count(), itertools.count()

    @settings(max_examples=at_most(25))
    @given(changes=st.lists(st.sampled_from(sorted(CHANGES)), max_size=8))
    def check(changes: list[str]) -> None:
        at = f"/Songs/A{next(folders)}"
        running.library.tree.make_folder(at)
        running.library.tree.write(f"{at}/song.ini", b"[song]\nname = A")
        running.library.tree.write(f"{at}/notes.chart", b"abcd")
        for step, change in enumerate(["touched", *changes]):
            with suppress(DavproxyError):  # such as writing below what was renamed before
                CHANGES[change](running, at, step)
            for _ in range(2):
                for method, path, body, headers in ASKED:
                    again = running.ask(method, f"/dav{at}{path}", body, **headers)
                    new = running.ask(method, f"/dav{at}{path}", body, **headers, X_Fresh=str(next(fresh)))
                    for answer in (again, new):
                        answer.headers.pop("date")
                        answer.body = re.sub(rb"Second-\d+", b"", answer.body)  # how long a lock still lives
                    assert again == new, (change, method, path)

    check()


def test_a_client_that_guesses_passwords_gets_no_cached_response(guarded: Running) -> None:
    for _ in range(3):
        assert guarded.ask("PROPFIND", "/dav/Songs/", Depth="1", Authorization=RIGHT).status == 207
    for number in range(10):
        assert guarded.ask("PROPFIND", "/dav/Songs/", Depth="1", Authorization=wrong_credentials(number)).status == 401
    assert guarded.ask("PROPFIND", "/dav/Songs/", Depth="1", Authorization=RIGHT).status == 429


def test_each_has_its_line_in_the_log_and_counts_as_a_game_that_asks(running: Running) -> None:
    lines: list[str] = []
    sink = logger.add(lines.append, level="INFO", format="{message}")
    try:
        for _ in range(4):
            running.library.activity.last = 0.0
            running.ask("PROPFIND", "/dav/Songs/?secret", Depth="1")
            assert running.library.activity.last > 0
        wait_until(lambda: len(lines) >= 4)  # lines are written in batches
    finally:
        logger.remove(sink)
    told = [line.split()[:3] for line in lines if "PROPFIND" in line]
    assert told == [["PROPFIND", "/dav/Songs/", "207"]] * 4

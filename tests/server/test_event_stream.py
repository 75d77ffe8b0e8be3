"""Server-sent events: every reader gets every event, continues where it was, and holds no thread."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from davproxy.server import event_stream
from davproxy.server.event_stream import FOLLOW, EventStream, Follow
from davproxy.server.listener import Listener
from tests.raw_http import Raw, request
from tests.serving import no_repeats
from tests.waiting import wait_until


class Pages:
    """An application with a stream of events at /events."""

    def __init__(self) -> None:
        self.stream = EventStream()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] != "/events":
            start_response("200 OK", [("Content-Length", "2")])
            return [b"ok"]
        environ[FOLLOW] = Follow(self.stream, environ.get("HTTP_LAST_EVENT_ID", ""))
        start_response("200 OK", [("Content-Type", "text/event-stream"), ("Connection", "close")])
        return []


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def listening(pages: Pages) -> Iterator[Listener]:
    listener = Listener(pages, no_repeats(), lambda *_: None, "127.0.0.1", 0, threads=5, connections=700)
    listener.start()
    yield listener
    listener.stop(1)


def events(text: str) -> list[tuple[str, str]]:
    """Name and data of each event in a stream's text."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "event" in fields:
            found.append((fields["event"], fields["data"]))
    return found


def read_until(raw: Raw, mark: bytes) -> str:
    text = b""
    while mark not in text:
        more = raw.socket.recv(65536)
        assert more, text
        text += more
    return text.decode()


def test_five_hundred_readers_hold_none_of_five_threads(listening: Listener, pages: Pages) -> None:
    with ExitStack() as stack:
        readers = [stack.enter_context(Raw(listening.address[1], 60)) for _ in range(500)]
        for reader in readers:
            reader.send(request("GET", "/events"))
        wait_until(lambda: pages.stream.readers == 500)
        with Raw(listening.address[1]) as other:
            other.send(request("GET", "/x"))
            assert other.answer()[2] == b"ok"
        pages.stream.emit("job", {"id": 1})
        for reader in readers:
            text = read_until(reader, b'{"id": 1}\n\n')
            assert events(text) == [("reload", "null"), ("job", '{"id": 1}')]
    pages.stream.keep_alive()
    wait_until(lambda: pages.stream.readers == 0)


def test_a_reader_continues_after_the_last_event_it_got(listening: Listener, pages: Pages) -> None:
    with Raw(listening.address[1]) as raw:
        raw.send(request("GET", "/events"))
        wait_until(lambda: pages.stream.readers == 1)
        pages.stream.emit("job", 1)
        text = read_until(raw, b"data: 1\n\n")
    last = [line for line in text.split("\n") if line.startswith("id: ")][-1].removeprefix("id: ")
    pages.stream.emit("job", 2)
    pages.stream.emit("job", 3)
    with Raw(listening.address[1]) as raw:
        raw.send(request("GET", "/events", f"Last-Event-ID: {last}"))
        assert events(read_until(raw, b"data: 3\n\n")) == [("job", "2"), ("job", "3")]


@pytest.mark.parametrize("last", ["", "other-1", "nonsense", "-", "{run}-999999", "{run}-0"])
def test_a_reader_that_missed_events_is_told_to_load_again(last: str) -> None:
    stream = EventStream()
    for number in range(event_stream.KEPT + 2):
        stream.emit("job", number)
    got: list[bytes] = []
    stream.add(1, got.append, last.format(run=stream._run))
    assert [name for name, _ in events(b"".join(got).decode())] == ["reload"]
    stream.remove(1)
    stream.emit("job", "nobody reads this")
    assert stream.readers == 0


def test_a_reader_that_takes_nothing_is_cut_off_and_the_others_go_on(listening: Listener, pages: Pages) -> None:
    with Raw(listening.address[1]) as lazy, Raw(listening.address[1]) as eager:
        lazy.send(request("GET", "/events"))
        eager.send(request("GET", "/events"))
        wait_until(lambda: pages.stream.readers == 2)
        sent = 0
        while pages.stream.readers == 2:
            pages.stream.emit("job", "x" * 100_000)
            sent += 1
            read_until(eager, b'x"\n\n')
            assert sent < 1000, "what a client does not take is kept without bound"
        pages.stream.emit("job", "end")
        assert "end" in read_until(eager, b"end")

"""Server-sent events to any number of readers, without a thread for each.

The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html. A reader that reconnects names the
last event that it got, and continues there; where that event is too old it gets the event `reload`.
"""

import json
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FOLLOW = "davproxy.follow"
"""Key of the environ for a `Follow`: the events that continue the response."""
KEPT = 500
"""Number of past events that are kept, for readers that reconnect."""
RELOAD = "reload"
"""The first event for a reader that is new or has missed events: it loads its page's data again."""

Send = Callable[[bytes], None]
"""Sends bytes to one reader without blocking."""


class EventStream:
    """One stream of events, with its readers."""

    def __init__(self) -> None:
        self._run = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._count = 0
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._readers: dict[int, Send] = {}

    @property
    def readers(self) -> int:
        """The number of readers."""
        return len(self._readers)

    def emit(self, name: str, data: Any) -> None:
        """Send an event to every reader. `data` must be JSON-able."""
        with self._lock:
            self._count += 1
            block = self._block(name, data)
            self._kept.append((self._count, block))
            readers = list(self._readers.values())
        for send in readers:
            send(block)

    def keep_alive(self) -> None:
        """Send a comment, which keeps connections through proxies open and reveals readers that are gone."""
        with self._lock:
            readers = list(self._readers.values())
        for send in readers:
            send(b":\n\n")

    def add(self, reader: int, send: Send, last: str) -> None:
        """Add a reader by its number. `last` is the id of the last event that it got; empty for none."""
        with self._lock:
            send(b"retry: 1000\n\n" + self._missed_events(last))
            self._readers[reader] = send

    def remove(self, reader: int) -> None:
        """Remove a reader, if present."""
        with self._lock:
            self._readers.pop(reader, None)

    def _missed_events(self, last: str) -> bytes:
        run, _, number = last.partition("-")
        oldest = self._kept[0][0] if self._kept else self._count + 1
        if run != self._run or not number.isdecimal() or int(number) + 1 < oldest or int(number) > self._count:
            return self._block(RELOAD, None)
        return b"".join(block for count, block in self._kept if count > int(number))

    def _block(self, name: str, data: Any) -> bytes:
        return f"id: {self._run}-{self._count}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()


@dataclass(frozen=True, slots=True)
class Follow:
    """The events that continue a response: those of `stream` after the one with the id `last`."""

    stream: EventStream
    last: str

"""Response cache keyed by the raw request, so that a repeated scan costs one lookup and no thread.

An application returns a `Repeatable` where the same request may get the same response. The cache then calls the
application's `repeat` with its key, which returns the body while nothing has changed. So no stale response is sent.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from loguru import logger

from davproxy.server.access_log import Log
from davproxy.server.dates import date_line
from davproxy.server.signature import signature

Key = tuple[Any, ...]
"""What an application needs to return a body again. It holds only texts, bytes and numbers, because the garbage
collector skips such tuples; walking tens of thousands of other objects would stall all threads."""
Repeat = Callable[[Key], bytes | None]
"""Returns the body for a key without blocking; None once the response would differ."""

LIMIT = 64 * 1024 * 1024
"""Most bytes of memory for all responses; the least recently used goes first."""
LONGEST = 2048
"""Longest request, in bytes, whose response is cached."""
_OVERHEAD = 600
"""Bytes of memory of a cached response beside its request and head."""

_Cached = tuple[bytes, Key, str, str, str, str]
"""Head without date, key, client address, method, URI, status."""


class Repeatable(list[bytes]):
    """The body of a response, which `repeat` returns again for `key`."""

    def __init__(self, blocks: Iterable[bytes], key: Key) -> None:
        super().__init__(blocks)
        self.key = key


class ResponseCache:
    """Cached responses. `repeat` returns a body again; `is_locked_out` is whether requests of an address are refused
    now."""

    def __init__(self, repeat: Repeat, is_locked_out: Callable[[str], bool], log: Log) -> None:
        self._repeat, self._is_locked_out, self._log = repeat, is_locked_out, log
        self._kept: OrderedDict[tuple[str, bytes], _Cached] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def keep(self, client: str, request: bytes, head: bytes, key: Key, line: tuple[str, str, str, str]) -> None:
        """Cache the response to the raw `request` of a connection from `client`, and to all that have its signature.

        `head` has no date. `line` is the client's address (behind a trusted proxy the one it forwards), method, URI and
        status, for the log.
        """
        if len(request) > LONGEST:
            return
        request = signature(request)
        with self._lock:
            if (client, request) not in self._kept:
                self._size += len(request) + len(head) + _OVERHEAD
            self._kept[client, request] = (head, key, *line)
            while self._size > LIMIT:
                (_, oldest), (its_head, *_) = self._kept.popitem(last=False)
                self._size -= len(oldest) + len(its_head) + _OVERHEAD

    def find(self, client: str, request: bytes) -> bytes | None:
        """The whole cached response to a request; None where there is none, or it would differ now."""
        if len(request) > LONGEST:
            return None
        request = signature(request)
        kept = self._kept.get((client, request))
        if kept is None:
            return None
        began = time.perf_counter()
        head, key, address, method, uri, status = kept
        if self._is_locked_out(address):
            return None
        try:
            body = self._repeat(key)
        except Exception:  # noqa: BLE001 - the thread serves all connections and must go on
            logger.exception("A response could not be repeated")
            return None
        if body is None:
            return None
        with self._lock:
            if (client, request) in self._kept:
                self._kept.move_to_end((client, request))
        self._log(method, uri, status, began)
        return b"".join((head, date_line(int(time.time())), b"\r\n\r\n", body))

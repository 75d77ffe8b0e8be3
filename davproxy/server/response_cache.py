"""Response cache keyed by the raw request, so that a repeated scan costs one lookup and no thread.

An application returns a `Repeatable` where the same request may get the same response. The cache then calls the
application's `repeat` with its key, which returns the body while nothing has changed. So no stale response is sent.
"""

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

from loguru import logger

from davproxy.server import heads
from davproxy.server.access_log import Log
from davproxy.server.dates import date_line
from davproxy.server.signature import signature

T = TypeVar("T", str, bytes)
Key = tuple[Any, ...]
"""What an application needs to return a body again. It holds only texts, bytes and numbers, because the garbage
collector skips such tuples; walking tens of thousands of other objects would stall all threads."""
Repeat = Callable[[Key], bytes | None]
"""Returns the body for a key without blocking; None once the response would differ."""

LIMIT = 40 * 1024 * 1024
"""Most bytes of memory for all responses; the least recently used goes first."""
LONGEST = 2048
"""Longest request, in bytes, whose response is cached."""
_SLOT = 200
"""Bytes of memory that a cached response takes in the dictionary, with the digest that is its key."""

_Cached = tuple[Any, ...]
"""Head without date, client address, and the values of the application's key, in one tuple."""


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
        self._kept: OrderedDict[bytes, _Cached] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0
        """Bytes of memory of all cached responses; where several share a value, it counts for each."""

    def keep(self, client: str, request: bytes, head: bytes, key: Key, address: str) -> None:
        """Cache the response to the raw `request` of a connection from `client`, and to all that have its signature.

        `head` has no date. `address` is the client's: behind a trusted proxy the one it forwards.
        """
        if len(request) > LONGEST:
            return
        digest = _digest(client, request)
        cached = (_shared(head), _shared(address), *key)
        with self._lock:
            known = self._kept.get(digest)
            if known == cached:
                return  # values of the one that is known may be shared with other caches
            self.size += _size(cached) - (0 if known is None else _size(known))
            self._kept[digest] = cached
            self._kept.move_to_end(digest)
            while self.size > LIMIT:
                self.size -= _size(self._kept.popitem(last=False)[1])

    def find(self, client: str, request: bytes) -> bytes | None:
        """The whole cached response to a request; None where there is none, or it would differ now."""
        if len(request) > LONGEST:
            return None
        digest = _digest(client, request)
        cached = self._kept.get(digest)
        if cached is None:
            return None
        began = time.perf_counter()
        head, address = cached[:2]
        if self._is_locked_out(address):
            return None
        try:
            body = self._repeat(cached[2:])
        except Exception:  # noqa: BLE001 - the thread serves all connections and must go on
            logger.exception("A response could not be repeated")
            return None
        if body is None:
            return None
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
        line = heads.read_line(request.lstrip(b"\r\n").partition(b"\r\n")[0])
        self._log(line.method, line.target, head[len("HTTP/1.1 ") :][:3].decode(), began)
        return b"".join((head, date_line(int(time.time())), b"\r\n\r\n", body))


@lru_cache(maxsize=64)  # it is looked for, and then kept
def _digest(client: str, request: bytes) -> bytes:
    """What names the requests of a client that get the same response, in 16 bytes."""
    return blake2b(b"%b\n%b" % (client.encode(), signature(request)), digest_size=16).digest()


@lru_cache(maxsize=4096)
def _shared(value: T) -> T:
    """An equal value that is in memory already: heads and addresses of many responses are the same."""
    return value


def _size(cached: _Cached) -> int:
    return sys.getsizeof(cached) + sum(map(sys.getsizeof, cached)) + _SLOT

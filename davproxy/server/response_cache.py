"""Responses by the raw bytes of their request, so that a repeated scan costs one lookup and no thread.

An application returns a `Repeatable` where the same request may be answered the same way. Its key goes back to the
application's `repeat`, which gives the body again while nothing has changed, so nothing outdated is ever sent.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from loguru import logger

from davproxy.server.access_log import Log
from davproxy.server.dates import date_line

Key = tuple[Any, ...]
"""What an application needs to give a body again. It holds texts, bytes and numbers only: the garbage collector passes
over such tuples, where walking tens of thousands of objects would stall all threads."""
Repeat = Callable[[Key], bytes | None]
"""Gives the body that belongs to a key, without waiting for anything; None once the response would differ."""

LIMIT = 64 * 1024 * 1024
"""Most bytes of memory that all kept responses take; the one unused for longest goes first."""
LONGEST = 2048
"""Longest request whose response is kept."""
_OVERHEAD = 600
"""Bytes that a kept response takes beside its request and its head."""

_Kept = tuple[bytes, Key, str, str, str, str]
"""Head without its date, key, address of the client, method, URI, status."""


class Repeatable(list[bytes]):
    """The body of a response that `repeat` gives again for `key`."""

    def __init__(self, blocks: Iterable[bytes], key: Key) -> None:
        super().__init__(blocks)
        self.key = key


class ResponseCache:
    """The responses kept. `repeat` gives a body again; `is_locked_out` tells of an address whether its requests would
    be refused now."""

    def __init__(self, repeat: Repeat, is_locked_out: Callable[[str], bool], log: Log) -> None:
        self._repeat, self._is_locked_out, self._log = repeat, is_locked_out, log
        self._kept: OrderedDict[tuple[str, bytes], _Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def keep(self, client: str, request: bytes, head: bytes, key: Key, line: tuple[str, str, str, str]) -> None:
        """Keep the response to the raw `request` of the connection from `client`.

        `head` lacks its date. `line` is the client's address as a trusted proxy says it, the method, URI and status.
        """
        if len(request) > LONGEST:
            return
        with self._lock:
            if (client, request) not in self._kept:
                self._size += len(request) + len(head) + _OVERHEAD
            self._kept[client, request] = (head, key, *line)
            while self._size > LIMIT:
                (_, oldest), (its_head, *_) = self._kept.popitem(last=False)
                self._size -= len(oldest) + len(its_head) + _OVERHEAD

    def find(self, client: str, request: bytes) -> bytes | None:
        """The whole response to a request that was answered before, if it is still the same."""
        kept = self._kept.get((client, request))
        if kept is None:
            return None
        began = time.perf_counter()
        head, key, address, method, uri, status = kept
        if self._is_locked_out(address):
            return None
        try:
            body = self._repeat(key)
        except Exception:  # noqa: BLE001 - it must not end the thread that serves all; the request is asked again
            logger.exception("A response could not be repeated")
            return None
        if body is None:
            return None
        with self._lock:
            if (client, request) in self._kept:
                self._kept.move_to_end((client, request))
        self._log(method, uri, status, began)
        return b"".join((head, date_line(int(time.time())), b"\r\n\r\n", body))

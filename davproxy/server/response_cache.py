"""ResponseCache given again: kept by the very bytes of their request, so that what a game asks again is one look-up."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache

from loguru import logger

REPEAT = "davproxy.repeat"
"""Where the application puts an `Again` into the environ of a request that may be answered this way."""

Again = Callable[[], bytes | None]
"""Gives the body of the same answer without waiting for anything; None once the answer would be another."""

KEPT = 32_000
"""Most answers kept, of about three kilobytes each; past it all are forgotten, and the next ones kept."""
LONGEST = 2048
"""Longest request whose answer is kept."""


@dataclass(frozen=True, slots=True)
class _Answer:
    head: bytes
    again: Again


class ResponseCache:
    """What was answered to whom. The body is asked for anew each time, so nothing outdated is ever given."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str | None, bytes], _Answer] = {}
        self._lock = threading.Lock()

    def keep(self, client: str | None, request: bytes, head: bytes, again: Again) -> None:
        """Answer this `request` of the address `client` with `head`, which lacks its date, and what `again` gives."""
        if len(request) > LONGEST:
            return
        with self._lock:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[client, request] = _Answer(head, again)

    def find(self, client: str | None, request: bytes) -> bytes | None:
        """The whole answer to a request that was answered before, if it is still the same."""
        answer = self._kept.get((client, request))
        if answer is None:
            return None
        try:
            body = answer.again()
        except Exception:  # noqa: BLE001 - it must not end the thread that serves all; the request is then asked anew
            logger.exception("An answer could not be given again")
            body = None
        return None if body is None else b"".join((answer.head, date_line(int(time.time())), b"\r\n\r\n", body))


@lru_cache(maxsize=4)
def date_line(second: int) -> bytes:
    """The header that says when an answer was made."""
    return f"Date: {formatdate(second, usegmt=True)}".encode()

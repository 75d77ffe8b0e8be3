"""Faults on purpose, and the lines of the request log."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """Applies to the next `times` requests of `method` (any if empty, a pattern such as "PUT|MOVE" for several) whose
    path matches `path`, after `skip` of them.

    With `status`, `page` or `cut_request` nothing of the request is carried out, with the others all of it.
    """

    method: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0
    status: int = 0
    """Answer with this status instead."""
    retry_after: int | None = None
    page: bool = False
    """Answer with 200 and a web page instead."""
    cut_request: int | None = None
    """Read only this many bytes of the request's body, then drop the connection; an overwriting PUT stores them."""
    drop_answer: bool = False
    """Carry it out, then drop the connection without a response."""
    first: Callable[[], None] | None = None
    """Call this before it is carried out."""
    then: Callable[[], None] | None = None
    """Carry it out, then call this before the response."""
    fail_after: int = 0
    """Carry it out, then answer with this status."""
    cut_answer: int | None = None
    """Send only this many bytes of the response's body, then drop the connection."""
    short_answer: int | None = None
    """Send only this many bytes of the response's body, and declare no more."""
    latency: float = 0.0
    """Seconds to wait before it is carried out."""

    def applies(self, method: str, path: str) -> bool:
        """Whether the fault applies to this request, which then counts."""
        if self.times <= 0 or (self.method and not re.fullmatch(self.method, method)) or not re.search(self.path, path):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the log. `path` is decoded; `status` is 0 where the connection was dropped."""

    method: str
    path: str
    status: int
    received: int
    sent: int
    headers: Mapping[str, str]

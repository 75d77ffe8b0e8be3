"""What goes wrong on purpose, and the log of what was asked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """Applies to the next `times` requests of `method` (any if empty) whose path matches `path`, after `skip` of them.

    Nothing of the request is carried out with `status`, `page` or `cut_request`; all of it with the others.
    """

    method: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0
    status: int = 0
    """Answer this instead."""
    retry_after: int | None = None
    page: bool = False
    """Answer 200 with a web page instead."""
    cut_request: int | None = None
    """Take so many bytes of the request's body, then drop the connection; on an overwriting PUT they are live."""
    drop_answer: bool = False
    """Carry it out, then drop the connection without a word."""
    first: Callable[[], None] | None = None
    """Do this before it is carried out."""
    then: Callable[[], None] | None = None
    """Carry it out, then do this before anything is answered."""
    fail_after: int = 0
    """Carry it out, then answer this status."""
    cut_answer: int | None = None
    """Send so many bytes of the answer's body, then drop the connection."""
    short_answer: int | None = None
    """Send only so many bytes of the answer's body, and declare no more."""
    latency: float = 0.0
    """Seconds to wait first."""

    def applies(self, method: str, path: str) -> bool:
        """Whether it strikes this request; counts it if so."""
        if self.times <= 0 or (self.method and self.method != method) or not re.search(self.path, path):
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

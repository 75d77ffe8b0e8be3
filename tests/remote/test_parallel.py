"""A few calls at a time: their order, and what a server refuses that does one thing at a time."""

import threading

import pytest

from davproxy.errors import Locked
from davproxy.remote.webdav.parallel import in_parallel
from tests.waiting import wait_until


class OneAtATime:
    """Refuses what comes while it works, and the first two calls meet for certain."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self.refused = 0

    def write(self, number: int) -> int:
        if not self._busy.acquire(blocking=False):
            self.refused += 1
            raise Locked("busy")
        try:
            if number == 0:
                wait_until(lambda: self.refused > 0, "another call was refused")
            return number
        finally:
            self._busy.release()


def test_what_is_refused_meanwhile_is_done_again_alone() -> None:
    server = OneAtATime()
    assert list(in_parallel(server.write, range(50), 2)) == list(range(50))
    assert server.refused


def test_what_is_refused_alone_too_is_raised() -> None:
    calls: list[int] = []

    def refuse(number: int) -> int:
        calls.append(number)
        raise Locked("busy")

    with pytest.raises(Locked):
        list(in_parallel(refuse, range(2), 1))
    assert calls.count(0) == 2


def test_hardly_more_is_done_than_was_asked_for() -> None:
    done: list[int] = []
    for _result in in_parallel(done.append, range(100), 2):
        break
    assert len(done) <= 4

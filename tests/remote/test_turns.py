"""Writes side by side, and one at a time on a server that refuses one of two."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from davproxy.errors import Locked
from davproxy.remote.webdav.failures import Transient
from davproxy.remote.webdav.turns import Turns
from tests.waiting import wait_until


class OneAtATime:
    """Refuses what comes while it works. The first two calls meet for certain."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self.refused = self.done = 0

    def write(self) -> None:
        if not self._busy.acquire(blocking=False):
            self.refused += 1
            raise Transient(Locked("busy"))
        try:
            wait_until(lambda: self.refused > 0, "another call was refused")
            self.done += 1
        finally:
            self._busy.release()


def test_after_one_refusal_there_are_no_two_at_a_time() -> None:
    server, turns = OneAtATime(), Turns()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _number: turns.send(server.write, 0.0), range(50)))
    assert (server.done, server.refused) == (50, 1)


def test_no_two_run_at_a_time_once_turns_have_begun() -> None:
    turns, running, met = Turns(), threading.Semaphore(1), []

    def write() -> None:
        if not running.acquire(blocking=False):
            met.append(1)
            return
        running.release()

    turns.begin()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _number: turns.send(write, 0.0), range(2000)))
    assert not met


def test_writes_run_side_by_side_where_the_server_takes_them() -> None:
    turns, meeting = Turns(), threading.Barrier(2, timeout=60)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _number: turns.send(meeting.wait, 0.0), range(2)))


def test_what_is_refused_alone_too_is_raised() -> None:
    calls: list[int] = []

    def refuse() -> None:
        calls.append(1)
        raise Transient(Locked("busy"))

    with pytest.raises(Locked):
        Turns().send(refuse, 0.0)
    assert len(calls) == 2

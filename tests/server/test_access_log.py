"""The access log: every request has its line, many lines are one write, and a log that takes none holds nobody up."""

import io
from collections.abc import Sequence

from loguru import logger

from davproxy.log import RequestLine
from davproxy.server import access_log
from davproxy.server.access_log import AccessLog
from tests.waiting import wait_until


class Writes(list[list[RequestLine]]):
    """What is written, one batch after the other."""

    def __call__(self, lines: Sequence[RequestLine]) -> None:
        self.append(list(lines))


def test_all_lines_are_written_in_order_and_many_at_once() -> None:
    writes = Writes()
    noting = AccessLog(writes)
    noting.start()
    for number in range(1000):
        noting("GET", f"/dav/{number}?token=hidden", "200", 0.0)
    noting.close()
    assert [line.path for lines in writes for line in lines] == [f"/dav/{number}" for number in range(1000)]
    assert len(writes) <= 1000 / access_log.BATCH + 10
    assert max(map(len, writes)) <= access_log.BATCH


def test_lines_come_while_it_runs() -> None:
    writes = Writes()
    noting = AccessLog(writes)
    noting.start()
    noting("PUT", "/dav/a", "201", 0.0)
    wait_until(lambda: len(writes) == 1)
    noting("PUT", "/dav/b", "201", 0.0)
    wait_until(lambda: len(writes) == 2)
    noting.close()


def test_a_server_that_nobody_asks_is_idle_since_its_start() -> None:
    """One that is idle gives back the memory that the start took."""
    noting = AccessLog(Writes())
    assert not noting.last
    noting.start()
    noting.close()
    assert noting.last > 0


def test_a_log_that_takes_nothing_fills_no_memory() -> None:
    writes, messages = Writes(), io.StringIO()
    noting = AccessLog(writes)
    for _ in range(access_log.MOST_WAITING + 5):
        noting("GET", "/dav/", "200", 0.0)
    sink = logger.add(messages, level="WARNING", format="{message}")
    try:
        noting.start()
        noting.close()
        wait_until(lambda: sum(map(len, writes)) == access_log.MOST_WAITING)
        wait_until(lambda: "lines of 5 requests" in messages.getvalue())
    finally:
        logger.remove(sink)


def test_a_log_that_never_started_closes() -> None:
    AccessLog(Writes()).close()

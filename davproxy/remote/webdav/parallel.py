"""A few calls at a time in threads, with a bound on how many results wait."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def in_parallel(do: Callable[[A], B], items: Iterable[A], workers: int) -> Iterator[B]:
    """`do` of each item, in order, `workers` at a time. At most two results per worker are computed ahead."""
    rest = iter(items)
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[B]] = deque(pool.submit(do, item) for item in islice(rest, 2 * workers))
        try:
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(do, item) for item in islice(rest, 1))
                yield result
        finally:
            for future in waiting:
                future.cancel()

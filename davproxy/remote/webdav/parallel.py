"""A few requests at a time, their results as they come, never more under way than are wanted."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def in_parallel(do: Callable[[A], B], items: Iterable[A], workers: int) -> Iterator[B]:
    """`do` of each item, in order, `workers` at a time. At most two results a worker wait to be taken."""
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

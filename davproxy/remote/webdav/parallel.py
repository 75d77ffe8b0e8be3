"""A few calls at a time in threads, with a bound on how many results wait."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from davproxy.errors import Locked

A = TypeVar("A")
B = TypeVar("B")


def in_parallel(do: Callable[[A], B], items: Iterable[A], workers: int) -> Iterator[B]:
    """`do` of each item, in order, `workers` at a time. At most two results per worker are computed ahead.

    What is refused as Locked is done once more, alone: a Nextcloud on SQLite refuses one of two that write at a time.
    """
    rest = iter(items)
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[A, Future[B]]] = deque()
        try:
            while True:
                ahead = 2 * workers - len(waiting)
                waiting.extend((item, pool.submit(do, item)) for item in islice(rest, ahead))
                if not waiting:
                    return
                item, future = waiting.popleft()
                try:
                    result = future.result()
                except Locked:
                    wait([other for _, other in waiting])
                    result = do(item)
                yield result
        finally:
            for _, future in waiting:
                future.cancel()

"""Two instances of one library in this process."""

from collections.abc import Callable
from typing import TypeVar

from davproxy.coordination import Coordination, InProcess, Shared

T = TypeVar("T")


def at_two_instances(make: Callable[[Coordination], T]) -> tuple[T, T]:
    """What `make` makes at each of two instances, which have begun to receive notices."""
    shared = Shared()
    coordinations = InProcess(shared), InProcess(shared)
    one, other = map(make, coordinations)
    for each in coordinations:
        each.start()
    return one, other

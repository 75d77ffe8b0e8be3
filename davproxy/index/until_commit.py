"""Values in memory until the next commit. A query releases Python's lock several times, which is slow where a scanning
game needs thousands of rows while other threads work; and counting all songs takes long."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from davproxy.index.database import Database

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class UntilCommit(Generic[K, T]):
    """The values that `get` looked up, by key. Inside a transaction each call looks up again."""

    def __init__(self, database: Database, limit: int, size: Callable[[T], int] = lambda _: 1) -> None:
        """`limit` is the most that all values take together, and `size` what one takes; the oldest value goes first."""
        self._database, self._limit, self._size = database, limit, size
        self._lock = threading.Lock()
        self._values: _Values[K, T] = _Values(0)

    def get(self, key: K, look_up: Callable[[K], T]) -> T:
        """The value of `key`, as of the last commit or later; None is looked up each time."""
        if self._database.in_transaction:
            return look_up(key)
        commits, kept = self._database.commits, self._values
        if kept.commits != commits:
            kept = self._values = _Values(commits)  # a thread that still fills the old one does no harm
        if (known := kept.by_key.get(key)) is not None:
            return known
        found = look_up(key)
        if found is not None:
            with self._lock:
                self._keep(kept, key, found)
        return found

    def _keep(self, kept: "_Values[K, T]", key: K, value: T) -> None:
        if key in kept.by_key:
            return  # another thread looked it up too
        kept.by_key[key] = value
        kept.total += self._size(value)
        while kept.total > self._limit:
            kept.total -= self._size(kept.by_key.pop(next(iter(kept.by_key))))


class _Values(Generic[K, T]):
    """Values that are valid until the next commit; `total` is what they take."""

    def __init__(self, commits: int) -> None:
        self.commits = commits
        self.total = 0
        self.by_key: dict[K, T] = {}

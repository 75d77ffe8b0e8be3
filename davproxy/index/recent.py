"""Recently looked up rows in memory. A query releases Python's lock several times, which is slow where a scanning game
needs thousands of rows while other threads work."""

from collections.abc import Callable
from typing import Generic, TypeVar

from davproxy.index.database import Database

T = TypeVar("T")
LIMIT = 16 * 1024 * 1024
"""Most bytes of all remembered values together."""


class Recent(Generic[T]):
    """What `look_up` returns by path, until the next commit. Inside a transaction each call looks up again."""

    def __init__(self, database: Database, look_up: Callable[[str], T | None], size: Callable[[T], int]) -> None:
        """`size` is the number of bytes that a value takes, about."""
        self._database, self._look_up, self._size = database, look_up, size
        self._values: _Values[T] = _Values(0)

    def get(self, path: str) -> T | None:
        """The value at `path`, as of the last commit or later."""
        if self._database.in_transaction:
            return self._look_up(path)
        commits, recent = self._database.commits, self._values
        if recent.commits != commits or recent.total > LIMIT:
            recent = self._values = _Values(commits)  # a thread that still fills the old one does no harm
        found = recent.values.get(path)
        if found is None and (found := self._look_up(path)) is not None:
            recent.values[path] = found
            recent.total += self._size(found)
        return found


class _Values(Generic[T]):
    """Values that are valid until the next commit."""

    def __init__(self, commits: int) -> None:
        self.commits = commits
        self.total = 0
        self.values: dict[str, T] = {}

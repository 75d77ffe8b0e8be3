"""Rows looked up lately, in memory: a query lets go of Python's lock several times, and a game asks for thousands."""

from collections.abc import Callable
from typing import Generic, TypeVar

from davproxy.index.database import Database

T = TypeVar("T")
LIMIT = 16 * 1024 * 1024


class Recent(Generic[T]):
    """What `look_up` finds by path, kept until the next commit. A transaction sees its own changes instead."""

    def __init__(self, database: Database, look_up: Callable[[str], T | None], size: Callable[[T], int]) -> None:
        """`size` is about how many bytes a value takes; all that is kept stays below LIMIT."""
        self._database, self._look_up, self._size = database, look_up, size
        self._kept: _Kept[T] = _Kept(0)

    def get(self, path: str) -> T | None:
        """The value at `path`, as of the last commit or later."""
        if self._database.in_transaction:
            return self._look_up(path)
        commits, kept = self._database.commits, self._kept
        if kept.commits != commits or kept.total > LIMIT:
            kept = self._kept = _Kept(commits)  # whoever still fills the old one does so in vain
        found = kept.values.get(path)
        if found is None and (found := self._look_up(path)) is not None:
            kept.values[path] = found
            kept.total += self._size(found)
        return found


class _Kept(Generic[T]):
    """Values that are right while no further transaction was committed."""

    def __init__(self, commits: int) -> None:
        self.commits = commits
        self.total = 0
        self.values: dict[str, T] = {}

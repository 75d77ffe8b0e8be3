"""Write locks by tree path (RFC 4918, 6 and 7), in memory: gone with a restart, and with what they lock."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from davproxy import paths
from davproxy.model import Change

LONGEST = 3600.0
"""Seconds a lock lives without being refreshed: a client that went away must not lock a song for a week."""
MOST = 10_000
"""Most locks; past it, the one that ends next makes room."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on `path`, and on everything below it where it is `deep`. All its fields are JSON values.

    `owner` is the XML that the client sent about itself. `began` and `ends` are Unix seconds.
    """

    token: str
    path: str
    exclusive: bool
    deep: bool
    owner: str
    began: float
    ends: float

    def excludes(self, other: "Lock") -> bool:
        """Whether both cannot be held at once: one is exclusive, and one protects what the other locks."""
        meet = self.protects(other.path) or other.protects(self.path)
        return meet and (self.exclusive or other.exclusive)

    def protects(self, path: str) -> bool:
        """Whether what is at `path` is locked by it."""
        return path == self.path or (self.deep and paths.is_below(path, self.path))


class Locks:
    """Each operation is atomic. What is returned never changes."""

    def __init__(self, released: Callable[[str], None], clock: Callable[[], float] = time.time) -> None:
        """`released` is called with the path of each lock that its client ends; `clock` gives Unix seconds."""
        self._released, self._clock = released, clock
        self._by_token: dict[str, Lock] = {}
        self._mutex = threading.Lock()
        self.changes = 0
        """Counts the locks that came or went, for whoever keeps what depends on them."""

    def __bool__(self) -> bool:
        """Whether there is any lock; may be true for one that has just ended."""
        return bool(self._by_token)

    def add(self, lock: Lock) -> list[str]:
        """Keep a new lock, unless others exclude it: the paths of those."""
        with self._mutex:
            excluding = [other.path for other in self._current() if other.excludes(lock)]
            if not excluding:
                while len(self._by_token) >= MOST:
                    self._drop([min(self._by_token.values(), key=lambda other: other.ends)])
                self._by_token[lock.token] = lock
                self.changes += 1
            return excluding

    def renew(self, token: str, ends: float) -> Lock | None:
        """Let a lock end at another time; None where it has ended already."""
        with self._mutex:
            lock = self._get(token)
            if lock is not None:
                lock = self._by_token[token] = replace(lock, ends=ends)
            return lock

    def get(self, token: str) -> Lock | None:
        """The lock with this token."""
        with self._mutex:
            return self._get(token)

    def end(self, token: str) -> bool:
        """End a lock. Returns whether there was one."""
        with self._mutex:
            lock = self._get(token)
            self._drop([lock] if lock else [])
        if lock is not None:
            self._released(lock.path)
        return lock is not None

    def at(self, path: str) -> list[Lock]:
        """The locks on exactly `path`."""
        return self._find(lambda lock: lock.path == path)

    def below(self, folder: str) -> list[Lock]:
        """The locks on what lies at any depth below `folder`."""
        return self._find(lambda lock: paths.is_below(lock.path, folder))

    def directly_in(self, folder: str) -> list[Lock]:
        """The locks on what lies directly in `folder`."""
        return self._find(lambda lock: paths.parent_of(lock.path) == folder)

    def protecting(self, path: str) -> list[Lock]:
        """The locks on `path` itself, and the deep ones on folders above it."""
        return self._find(lambda lock: lock.protects(path))

    def any_at(self, path: str) -> bool:
        """Whether a lock protects `path`, or something below it."""
        return bool(self._find(lambda lock: lock.protects(path) or paths.is_below(lock.path, path)))

    def end_below(self, path: str) -> None:
        """End the locks on `path` and on everything below it."""
        with self._mutex:
            self._drop([lock for lock in self._current() if paths.is_at_or_below(lock.path, path)])

    def follow(self, change: Change) -> None:
        """End the locks on what is gone, whoever removed it."""
        if change.kind in ("removed", "moved"):
            self.end_below(change.path)

    def _find(self, wanted: Callable[[Lock], bool]) -> list[Lock]:
        if not self._by_token:
            return []
        with self._mutex:
            return [lock for lock in self._current() if wanted(lock)]

    def _get(self, token: str) -> Lock | None:
        lock = self._by_token.get(token)
        return lock if lock and lock.ends > self._clock() else None

    def _current(self) -> list[Lock]:
        """The locks that have not ended; the others are dropped."""
        now = self._clock()
        self._drop([lock for lock in self._by_token.values() if lock.ends <= now])
        return list(self._by_token.values())

    def _drop(self, ended: list[Lock]) -> None:
        for lock in ended:
            del self._by_token[lock.token]
            self.changes += 1

"""Write locks by tree path (RFC 4918, 6 and 7): a table that all instances share. They end with what they lock."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from loguru import logger

from davproxy import paths
from davproxy.coordination import Coordination, Table
from davproxy.errors import Unavailable
from davproxy.model import Change

LONGEST = 3600.0
"""Seconds a lock lives without being refreshed: a client that went away must not lock a song for a week."""
MOST = 1_000
"""Most locks; past it, the one that ends next makes room."""
TABLE = "locks"
"""The name of the table, and of the notice that it changed."""
T = TypeVar("T")


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
    """Each change is atomic across the instances, and raises Unavailable where it is in doubt.

    Reads are of a copy that follows the table, so that a listing waits for nothing; `refresh` brings it up to date.
    What is returned never changes.
    """

    def __init__(self, released: Callable[[str], None], coordination: Coordination) -> None:
        """`released` is called with the path of each lock that its client ends."""
        self._released, self._coordination = released, coordination
        self._by_token: dict[str, Lock] = {}
        self._mutex = threading.Lock()
        self._doubtful: set[str] = set()
        """Tokens of locks that may be in the table though no client knows of them."""
        self.changes = 0
        """Counts the locks that were made or ended, for caches of what depends on them."""
        coordination.receive(TABLE, lambda _notice: self.refresh())
        coordination.on_reconnect(self._end_doubtful)

    def __bool__(self) -> bool:
        """Whether there is any lock; may be true for one that has just ended."""
        return bool(self._by_token)

    def now(self) -> float:
        """Unix seconds, by the clock that ends locks."""
        return self._coordination.now()

    def refresh(self) -> None:
        """See what other instances locked. Raises Unavailable while that cannot be known."""
        if self._coordination.is_shared:
            with self._mutex:
                self._keep({token: Lock(**value) for token, value in self._coordination.table(TABLE).items()})

    def add(self, lock: Lock) -> list[str]:
        """Keep a new lock, unless others exclude it: the paths of those."""

        def add(locks: dict[str, Lock]) -> list[str]:
            excluding = [other.path for other in locks.values() if other.excludes(lock)]
            if not excluding:
                while len(locks) >= MOST:
                    del locks[min(locks.values(), key=lambda other: other.ends).token]
                locks[lock.token] = lock
            return excluding

        try:
            return self._change(add)
        except Unavailable:
            self._doubtful.add(lock.token)
            raise

    def renew(self, token: str, ends: float) -> Lock | None:
        """Let a lock end at another time; None where it has ended already."""

        def renew(locks: dict[str, Lock]) -> Lock | None:
            if token in locks:
                locks[token] = replace(locks[token], ends=ends)
            return locks.get(token)

        return self._change(renew)

    def get(self, token: str) -> Lock | None:
        """The lock with this token."""
        lock = self._by_token.get(token)
        return lock if lock and lock.ends > self.now() else None

    def end(self, token: str) -> bool:
        """End a lock. Returns whether there was one."""
        lock = self._change(lambda locks: locks.pop(token, None))
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

    def follow(self, change: Change) -> None:
        """End the locks on a removed or moved path and everything below it, by whichever door it was changed."""
        if change.kind not in ("removed", "moved"):
            return

        def end(locks: dict[str, Lock]) -> None:
            for token in [token for token, lock in locks.items() if paths.is_at_or_below(lock.path, change.path)]:
                del locks[token]

        if self.at(change.path) or self.below(change.path):
            try:
                self._change(end)
            except Unavailable:
                logger.info("The locks on {}, which is gone, end with their time", change.path)

    def _find(self, wanted: Callable[[Lock], bool]) -> list[Lock]:
        if not self._by_token:
            return []
        now = self.now()
        return [lock for lock in self._by_token.values() if lock.ends > now and wanted(lock)]

    def _change(self, change: Callable[[dict[str, Lock]], T]) -> T:
        """Change the locks that have not ended; the others are dropped."""
        locks: dict[str, Lock] = {}

        def in_table(table: Table) -> T:
            now = self.now()
            locks.clear()
            before = {token: Lock(**value) for token, value in table.items()}
            locks.update((token, lock) for token, lock in before.items() if lock.ends > now)
            result = change(locks)
            for token in before.keys() - locks.keys():
                del table[token]
            table.update((token, asdict(lock)) for token, lock in locks.items() if lock is not before.get(token))
            return result

        with self._mutex:
            result = self._coordination.change(TABLE, in_table)
            self._keep(locks)
        self._coordination.send(TABLE, None)
        return result

    def _keep(self, locks: dict[str, Lock]) -> None:
        self.changes += locks.keys() != self._by_token.keys()
        self._by_token = locks

    def _end_doubtful(self) -> None:
        """After a break: end the locks whose clients got an error."""
        doubtful, self._doubtful = self._doubtful, set()

        def end(locks: dict[str, Lock]) -> None:
            for token in doubtful & locks.keys():
                del locks[token]

        self._change(end)

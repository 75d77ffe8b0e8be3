"""What clients did to a few files, and whether what is there at the end can come of it.

Each value is written once, so a file's value names the change that wrote it. A change that was acknowledged happened
between its request and its answer; one without a clear answer may happen at any time after its request, or never.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

FOREVER = float("inf")


@dataclass(frozen=True)
class Operation:
    """One change of `path` that a client asked for at `began` and that was answered at `ended`.

    `value` is what it writes, None for a removal; `source` is the path that it copies from instead. `happened` is None
    where the client does not know.
    """

    path: str
    began: float
    ended: float
    happened: bool | None
    value: bytes | None = None
    source: str = ""

    @property
    def latest(self) -> float:
        """The latest time at which it may have happened."""
        return self.ended if self.happened else FOREVER

    def __str__(self) -> str:
        what = f"from {self.source}" if self.source else "removed" if self.value is None else self.value[:40].decode()
        outcome = {True: "done", None: "in doubt", False: "refused"}[self.happened]
        return f"{self.began:8.3f}-{self.ended:8.3f} {self.path} {what}: {outcome}"


class History:
    """All changes, by path."""

    def __init__(self) -> None:
        self._operations: dict[str, list[Operation]] = {}
        self._lock = threading.Lock()

    def add(self, operation: Operation) -> None:
        """Record one; refused ones are left out."""
        if operation.happened is not False:
            with self._lock:
                self._operations.setdefault(operation.path, []).append(operation)

    def of(self, path: str) -> list[Operation]:
        """The changes of one path, by their requests."""
        return sorted(self._operations.get(path, ()), key=lambda operation: operation.began)

    def explains(self, path: str, value: bytes | None) -> bool:
        """Whether the file at `path` can have this value (None: not be there) after all changes."""
        operations = self.of(path)
        done = [operation for operation in operations if operation.happened]
        if value is None and not done:
            return True
        return any(
            value in self._values(operation)
            for operation in operations
            if not any(other.began > operation.latest for other in done)
        )

    def _values(self, operation: Operation) -> set[bytes | None]:
        """What the change may have written."""
        return self._ever(operation.source, set()) if operation.source else {operation.value}

    def _ever(self, path: str, visited: set[str]) -> set[bytes | None]:
        """Every value that the path may ever have had."""
        values: set[bytes | None] = {None}
        if path not in visited:
            visited.add(path)
            for operation in self.of(path):
                values |= self._ever(operation.source, visited) if operation.source else {operation.value}
        return values

    def relevant_part(self, path: str) -> Iterator[str]:
        """The part of the history that says what is at `path`: of it, and of where its values came from."""
        wanted, visited = [path], set[str]()
        while wanted:
            if (each := wanted.pop()) not in visited:
                visited.add(each)
                for operation in self.of(each):
                    yield str(operation)
                    wanted += filter(None, [operation.source])

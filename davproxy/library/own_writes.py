"""Files that this program itself is writing, whose changes need not be read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class OwnWrites:
    """The lists note what they write, so that a subscriber knows it from what a client wrote.

    A caller that writes several files that belong together holds `lock`.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._paths: set[str] = set()

    @contextmanager
    def of(self, *paths: str) -> Iterator[None]:
        """Note these paths while the block writes them."""
        self._paths.update(paths)
        try:
            yield
        finally:
            self._paths.difference_update(paths)

    def has(self, path: str) -> bool:
        """Whether the file at `path` is being written."""
        return path in self._paths

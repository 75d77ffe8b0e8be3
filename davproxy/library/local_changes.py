"""What this program changed itself, and when: a listing begun before such a change is outdated there."""

from collections.abc import Iterable

from davproxy.paths import is_at_or_below, is_below

REMEMBERED = 10_000
"""Most paths remembered; far more than change during one listing."""


class LocalChanges:
    """A clock that counts this program's own changes of the tree. Callers hold the lock of `IndexUpdates`."""

    def __init__(self) -> None:
        self.clock = 0
        self._when: dict[str, int] = {}

    def note(self, paths: Iterable[str]) -> None:
        """Record a change at these paths."""
        self.clock += 1
        for path in paths:
            self._when.pop(path, None)
            self._when[path] = self.clock
        while len(self._when) > REMEMBERED:
            self._when.pop(next(iter(self._when)))

    def any_in(self, folder: str, clock: int) -> bool:
        """Whether `folder`, or something at any depth below it, changed since `clock`."""
        return any(when > clock and is_at_or_below(path, folder) for path, when in self._when.items())

    def touches(self, path: str, clock: int) -> bool:
        """Whether `path` itself, or a folder above it, changed since `clock`."""
        return clock < self.clock and any(
            when > clock and is_at_or_below(path, changed) for changed, when in self._when.items()
        )

    def touches_tree(self, path: str, clock: int) -> bool:
        """Whether `path`, a folder above it, or something below it changed since `clock`."""
        return self.touches(path, clock) or any(
            when > clock and is_below(changed, path) for changed, when in self._when.items()
        )

"""What we changed ourselves, and when: a listing begun before such a change is outdated there."""

from collections.abc import Iterable

from davproxy.paths import is_at_or_below, is_below

REMEMBERED = 10_000
"""Changed paths; far more than happen during one listing."""


class OwnChanges:
    """A clock that counts our own changes of the tree. Whoever uses it holds the tree's lock."""

    def __init__(self) -> None:
        self.clock = 0
        self._when: dict[str, int] = {}

    def note(self, changed: Iterable[str]) -> None:
        """Take note of a change at these paths."""
        self.clock += 1
        for path in changed:
            self._when.pop(path, None)
            self._when[path] = self.clock
        while len(self._when) > REMEMBERED:
            self._when.pop(next(iter(self._when)))

    def in_folder(self, folder: str, clock: int) -> bool:
        """Whether something in `folder`, at any depth, was changed since `clock`."""
        return any(when > clock and is_at_or_below(path, folder) for path, when in self._when.items())

    def touched(self, path: str, clock: int) -> bool:
        """Whether `path` itself, or a folder it lies in, was changed since `clock`."""
        return clock < self.clock and any(
            when > clock and is_at_or_below(path, changed) for changed, when in self._when.items()
        )

    def touched_within(self, path: str, clock: int) -> bool:
        """Whether `path`, a folder it lies in, or something below it was changed since `clock`."""
        return self.touched(path, clock) or any(
            when > clock and is_below(changed, path) for changed, when in self._when.items()
        )

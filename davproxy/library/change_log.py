"""When the rows of the index changed: a listing that began before such a change is outdated there."""

from collections.abc import Collection
from dataclasses import dataclass

from davproxy.paths import ancestors, top_of

REMEMBERED = 10_000
"""Most paths that are kept. Past it all are forgotten, and every listing under way counts as outdated everywhere."""
IN_ONE = 1_000
"""Most paths of one change that are kept one by one; of a larger one its top folders are."""


@dataclass(frozen=True, eq=False)
class Listing:
    """A listing of the remote under way. `began` is the clock at its start; its own changes do not outdate it.

    `elsewhere` is one that another instance made: only changes of this program itself outdate it.
    """

    began: int
    elsewhere: bool = False

    def is_outdated_by(self, other: "Listing | None") -> bool:
        """Whether changes that came with `other` after this one began are newer; None stands for our own."""
        return other is None or (other is not self and not self.elsewhere)


class ChangeLog:
    """A clock that counts changes of the index, and which paths changed when. Callers hold one lock.

    A change at a path is one of everything below it too: a folder that moves takes its contents along.
    """

    def __init__(self) -> None:
        self.clock = 0
        self._at: dict[str, tuple[int, Listing | None]] = {}
        self._below: dict[str, list[tuple[int, Listing | None]]] = {}
        self._forgotten = 0

    def note(self, changed: Collection[str], by: Listing | None = None) -> None:
        """Record a change at these paths, by this program itself or by what a listing found."""
        self.clock += 1
        if len(changed) > IN_ONE:
            changed = {top_of(path) for path in changed}
        mark = (self.clock, by)
        for path in changed:
            self._at[path] = mark
            for folder in ancestors(path):
                latest = [old for old in self._below.get(folder, ()) if old[1] is not by]
                self._below[folder] = [*latest[-1:], mark]
        if len(self._at) > REMEMBERED:
            self._at.clear()
            self._below.clear()
            self._forgotten = self.clock

    def outdates(self, path: str, listing: Listing) -> bool:
        """Whether `path`, a folder above it, or something below it changed since the listing began."""
        if listing.began < self._forgotten:
            return True
        if listing.began == self.clock:
            return False
        marks = [*self._below.get(path, ()), *(self._at[each] for each in (path, *ancestors(path)) if each in self._at)]
        return any(clock > listing.began and listing.is_outdated_by(by) for clock, by in marks)

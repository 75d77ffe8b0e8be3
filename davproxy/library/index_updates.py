"""Updates of the index from the remote: the first listing, changes made elsewhere, and this program's own."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from davproxy import paths
from davproxy.contents.contents import Contents
from davproxy.errors import NotFound
from davproxy.index import Index
from davproxy.library.activity import Activity
from davproxy.library.differences import differences
from davproxy.library.local_changes import LocalChanges
from davproxy.library.song_index import SongIndex
from davproxy.model import Change, Entry
from davproxy.remote.protocol import Remote

Subscriber = Callable[[Change], None]
COMPLETE = "tree complete"
"""The fact that says that the index has held the whole tree."""
FIRST_LISTING_SECONDS = 20.0
"""Less than any client waits for a listing."""


class IndexUpdates:
    """Every change of entries, small contents and song rows, each in one transaction, reported to subscribers."""

    def __init__(
        self, remote: Remote, index: Index, contents: Contents, song_index: SongIndex, activity: Activity
    ) -> None:
        self._remote, self._index, self._contents, self._song_index = remote, index, contents, song_index
        self._activity = activity
        self._subscribers: list[Subscriber] = []
        self._local = LocalChanges()
        self._lock = threading.RLock()
        self._complete = False
        self._not_listing = threading.Event()
        self._not_listing.set()
        self._awaited = False

    # Subscribers

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` after each change of the tree, in the thread that made or found it."""
        self._subscribers.append(subscriber)

    def announce(self, change: Change) -> None:
        """Report a change to every subscriber, once it is on the remote and in the index."""
        for subscriber in self._subscribers:
            subscriber(change)

    # The first listing

    @property
    def complete(self) -> bool:
        """Whether the index has held the whole tree once; before that, listings come from the remote."""
        if not self._complete:
            self._complete = self._index.facts.get(COMPLETE) is not None
        return self._complete

    @contextlib.contextmanager
    def first_listing(self) -> Iterator[None]:
        """Let `wait_until_listed` wait while the block lists the whole tree: that takes less time than to ask the
        remote for folder after folder."""
        self._not_listing.clear()
        try:
            yield
        finally:
            if self._awaited:
                self._activity.note()
            self._not_listing.set()

    def wait_until_listed(self) -> bool:
        """Wait up to FIRST_LISTING_SECONDS for a first listing under way. Returns whether the index is complete."""
        if not self.complete:
            self._awaited = True
            self._not_listing.wait(FIRST_LISTING_SECONDS)
        return self.complete

    def mark_complete(self) -> None:
        """Record that the index now holds the whole tree."""
        if not self.complete:
            self._index.facts.put(COMPLETE, "yes")

    # Changes found on the remote

    def refresh(self, path: str, known: Mapping[str, bytes] | None = None) -> None:
        """List `path` and all below it on the remote, and update the index. `known` are bytes by name below `path`."""
        clock = self.clock
        indexed = self._index.entries.below(path)
        if (entry := self._index.entries.get(path)) is not None:
            indexed.append(entry)
        try:
            top = self._remote.stat(path)
        except NotFound:
            listed: list[Entry] = []
        else:
            listed = [top, *(self._remote.walk(path) if top.is_folder else ())]
        found = differences(indexed, listed)
        contents = {paths.join(path, name): content for name, content in (known or {}).items()}
        self.absorb(found.changed, [entry.path for entry in found.gone], contents, clock)

    def absorb(self, found: list[Entry], gone: Iterable[str], contents: Mapping[str, bytes], clock: int) -> None:
        """Write into the index what a listing begun at `clock` found new, changed or gone, and announce it.

        `contents` holds bytes of files among `found`, by path. What this program changed itself since `clock` is left
        alone, because the listing is older. A song that went from a path in `gone` to one in `found` keeps its row.
        """
        with self.transaction():
            found = [entry for entry in found if not self._local.touches(entry.path, clock)]
            lost = sorted(path for path in gone if not self._local.touches_tree(path, clock))
            self._index.entries.put(found)
            for entry in found:
                if (content := contents.get(entry.path)) is not None:
                    self._contents.learn(entry, content)
            self._song_index.update(found)
            for path in lost:
                self._index.entries.remove(path)
            self._song_index.remove(lost)
        for path in lost:
            if paths.parent_of(path) not in lost:
                self.announce(Change("removed", path))
        for entry in found:
            self.announce(Change("folder" if entry.is_folder else "written", entry.path))

    # Changes of our own

    @property
    def clock(self) -> int:
        """Counts this program's own changes; goes with `changed_since`."""
        return self._local.clock

    def changed_since(self, clock: int, folder: str) -> bool:
        """Whether this program changed `folder`, or something at any depth below it, since `clock`."""
        with self._lock:
            return self._local.any_in(folder, clock)

    @contextlib.contextmanager
    def transaction(self, *changed: str) -> Iterator[None]:
        """A transaction of the index, in which this program changes the entries at the paths `changed`."""
        with self._lock, self._index.transaction():
            if changed:
                self._local.note(changed)
            yield

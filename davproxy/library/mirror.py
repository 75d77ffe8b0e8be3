"""The index as a mirror of the remote: whether it holds the whole tree, and how changes get into it and are told of."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from davproxy import paths
from davproxy.contents.cache import Cache
from davproxy.contents.contents import Contents
from davproxy.errors import NotFound
from davproxy.index import Index
from davproxy.library.catalogue import Catalogue
from davproxy.library.local_changes import OwnChanges
from davproxy.model import Change, Entry
from davproxy.remote.protocol import Remote

Listener = Callable[[Change], None]
COMPLETE = "tree complete"
"""The fact that says that the whole tree has been listed into the index once."""
FIRST_LISTING_SECONDS = 20.0
"""Less than any client waits for a listing."""


class Mirror:
    """What the remote holds, as far as it is known here: entries, small contents and songs, changed together."""

    def __init__(self, remote: Remote, index: Index, cache: Cache) -> None:
        self.remote, self.index = remote, index
        self.contents = Contents(remote, index, cache)
        self.catalogue = Catalogue(index, self.contents)
        self._listeners: list[Listener] = []
        self._own = OwnChanges()
        self._complete = False
        self._not_reading = threading.Event()
        self._not_reading.set()
        self._awaited = False
        self.asked = 0.0
        """When a game or a file manager last asked for something, or got what it waited for, by the monotonic clock."""
        self._settling = threading.RLock()

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` after each change of the tree, ours or found by sync, in the thread that made it."""
        self._listeners.append(listener)

    # The first listing

    @property
    def complete(self) -> bool:
        """Whether the index has held the whole tree once; before that, listings come from the remote."""
        if not self._complete:
            self._complete = self.index.facts.get(COMPLETE) is not None
        return self._complete

    @contextlib.contextmanager
    def first_listing(self) -> Iterator[None]:
        """Whoever asks for a folder while the block reads the whole tree for the first time waits for it, for a while:
        that is sooner than to ask the remote for folder after folder."""
        self._not_reading.clear()
        try:
            yield
        finally:
            if self._awaited:
                self.asked = time.monotonic()
            self._not_reading.set()

    def _listed(self) -> bool:
        if not self.complete:
            self._awaited = True
            self._not_reading.wait(FIRST_LISTING_SECONDS)
        return self.complete

    def completed(self) -> None:
        """Say that the index now holds the whole tree."""
        if not self.complete:
            self.index.facts.put(COMPLETE, "yes")

    # Changes found on the remote

    def refresh(self, path: str, known: Mapping[str, bytes] | None = None) -> None:
        """Read `path` and all below it from the remote into the index anew; `known` are bytes by name below `path`."""
        clock = self.clock
        before = {entry.path: entry for entry in (*self._indexed(path), *self.index.entries.below(path))}
        try:
            top = self.remote.stat(path)
        except NotFound:
            found: list[Entry] = []
        else:
            found = [top, *(self.remote.walk(path) if top.is_folder else ())]
        gone = before.keys() - {entry.path for entry in found}
        changed = [entry for entry in found if before.get(entry.path) != entry]
        contents = {paths.join(path, name): content for name, content in (known or {}).items()}
        self.absorb(changed, gone, contents, clock)

    def _indexed(self, path: str) -> list[Entry]:
        entry = self.index.entries.get(path)
        return [entry] if entry else []

    def absorb(self, found: list[Entry], gone: Iterable[str], contents: Mapping[str, bytes], clock: int) -> None:
        """Take what a listing begun at `clock` found, new or changed or gone, into the index, and tell of it.

        `contents` holds bytes of files among `found`, by path. What we changed ourselves since `clock` is left alone:
        the listing is older. A song that went from a place that is gone to one that was found keeps its row.
        """
        with self._changing():
            found = [entry for entry in found if not self._own.touched(entry.path, clock)]
            lost = sorted(path for path in gone if not self._own.touched_within(path, clock))
            self.index.entries.put(found)
            for entry in found:
                if (content := contents.get(entry.path)) is not None:
                    self.contents.learn(entry, content)
            self.catalogue.follow(found)
            for path in lost:
                self.index.entries.remove(path)
                self.index.songs.remove(path)
            self.catalogue.follow_gone(lost)
        for path in lost:
            if paths.parent_of(path) not in lost:
                self._tell(Change("removed", path))
        for entry in found:
            self._tell(Change("folder" if entry.is_folder else "written", entry.path))

    # Our own changes

    @property
    def clock(self) -> int:
        """Counts our own changes; goes with `changed_since`."""
        return self._own.clock

    def changed_since(self, clock: int, folder: str) -> bool:
        """Whether we changed something in `folder`, or at any depth below it, since `clock`."""
        with self._settling:
            return self._own.in_folder(folder, clock)

    @contextlib.contextmanager
    def _changing(self, *changed: str) -> Iterator[None]:
        with self._settling, self.index.transaction():
            if changed:
                self._own.note(changed)
            yield

    def _tell(self, change: Change) -> None:
        for listener in self._listeners:
            listener(change)

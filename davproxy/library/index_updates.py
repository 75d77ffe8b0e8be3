"""Updates of the index from the remote: the first listing, changes made elsewhere, and this program's own."""

import contextlib
import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from davproxy import paths
from davproxy.contents.contents import Contents
from davproxy.errors import NotFound
from davproxy.index import Index
from davproxy.library import unlisted_etags
from davproxy.library.activity import Activity
from davproxy.library.change_log import ChangeLog, Listing
from davproxy.library.differences import differences
from davproxy.library.song_index import SongIndex
from davproxy.model import Change, Entry
from davproxy.remote.protocol import Remote

Subscriber = Callable[[Change], None]
COMPLETE = "tree complete"
"""The fact that the index has held the whole tree."""
FIRST_LISTING_SECONDS = 20.0
"""Seconds to wait for a first listing; less than any client waits for its own."""


class IndexUpdates:
    """Every change of entries, small contents and song rows, each in one transaction, reported to subscribers."""

    def __init__(
        self, remote: Remote, index: Index, contents: Contents, song_index: SongIndex, activity: Activity
    ) -> None:
        self._remote, self._index, self._contents, self._song_index = remote, index, contents, song_index
        self._activity = activity
        self._subscribers: list[Subscriber] = []
        self._log = ChangeLog()
        self._monotonic = time.monotonic
        self._own_changes: deque[tuple[float, int]] = deque(maxlen=10_000)
        """Recent changes of the index by this program, in monotonic seconds and by the clock of the log."""
        self._lock = threading.RLock()
        self._complete_in = -1
        """The generation of the index that was found to be complete."""
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
        generation = self._index.generation
        if self._complete_in != generation and self._index.facts.get(COMPLETE) is not None:
            self._complete_in = generation
        return self._complete_in == generation

    @contextlib.contextmanager
    def first_listing(self) -> Iterator[None]:
        """Let `wait_until_listed` wait while the block lists the whole tree, which is faster than folder by folder."""
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

    def begin_listing(self) -> Listing:
        """Begin to list something on the remote: what changes in the index from now on outdates the listing there."""
        with self._lock:
            return Listing(self._log.clock)

    def begin_listing_elsewhere(self, seconds: float) -> Listing:
        """A listing that another instance made at most `seconds` ago."""
        with self._lock:
            since = self._monotonic() - seconds
            while self._own_changes and self._own_changes[0][0] < since:
                self._own_changes.popleft()
            began = self._own_changes[0][1] - 1 if self._own_changes else self._log.clock
            return Listing(began, elsewhere=True)

    def refresh(
        self, path: str, known: Mapping[str, bytes] | None = None, checksums: Mapping[str, str] | None = None
    ) -> None:
        """List `path` and all below it on the remote, and update the index.

        `known` are bytes by name below `path`; `checksums` are of what was just written there, by the rest of the path.
        """
        listing = self.begin_listing()
        indexed = self._index.entries.below(path)
        if (entry := self._index.entries.get(path)) is not None:
            indexed.append(entry)
        try:
            top = self._remote.stat(path)
        except NotFound:
            listed: list[Entry] = []
        else:
            listed = [top, *(self._remote.walk(path) if top.is_folder else ())]
            if checksums:
                listed = [
                    replace(each, checksums=each.checksums or checksums.get(each.path.removeprefix(path), ""))
                    for each in listed
                ]
        found = differences(indexed, listed)
        contents = {paths.join(path, name): content for name, content in (known or {}).items()}
        self.absorb(found.changed, [entry.path for entry in found.gone], contents, listing)

    def digest(self, folder: str) -> str:
        """A digest of the names and etags directly in `folder`: equal if two indexes have the same contents there."""
        children = "".join(f"{entry.path}\0{entry.etag}\0" for entry in self._index.entries.children(folder))
        return hashlib.sha256(children.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def listed(self, path: str) -> tuple[Entry | None, str]:
        """(entry at `path`, digest of its contents); the digest is empty unless it is a folder with a listed etag."""
        with self._lock:
            entry = self._index.entries.get(path)
            if entry is None or not entry.is_folder or unlisted_etags.is_unlisted(entry.etag):
                return entry, ""
            return entry, self.digest(path)

    def absorb(
        self, found: list[Entry], gone: Collection[str], contents: Mapping[str, bytes], listing: Listing
    ) -> set[str]:
        """Write the differences that a listing found into the index, and announce them. Returns the paths left out.

        `contents` are bytes of files among `found`, by path. What changed in the index since the listing began is left
        out, because the listing is older. The folders above it, and those above entries that come without them, are
        marked to be listed again: a folder has the etag of a listing only together with everything found in it. A file
        that is left out keeps its bytes and checksums, which often came with a write a moment ago. A song that moved
        from a path in `gone` to one in `found` keeps its row.
        """
        with self.transaction():
            entered, lost = self._enter(found, gone, contents, listing)
        self._announce(entered, lost)
        return _left_out(found, gone, entered, lost)

    def absorb_elsewhere(
        self,
        found: list[Entry],
        gone: Collection[str],
        contents: Mapping[str, bytes],
        digests: Mapping[str, str],
        seconds: float,
    ) -> tuple[set[str], set[str]]:
        """Absorb what another instance found or changed in the last `seconds`. Returns (paths left out, except those of
        existing folders; those of them that were not in doubt before).

        A folder gets the other instance's etag only if the digests show that it has the same contents here.
        """
        with self.transaction():
            listing = self.begin_listing_elsewhere(seconds)
            known = {path: self._index.entries.get(path) for path in (*gone, *(entry.path for entry in found))}
            agreed = {path for path in gone if known[path] is None}
            self._log.note(agreed, by=listing)  # a listing under way may still have them
            agreed.update(entry.path for entry in found if _is_same(entry, known[entry.path]))
            found = [entry for entry in found if entry.path not in agreed]
            gone = [path for path in gone if path not in agreed]
            in_doubt = {path for path, entry in known.items() if entry and unlisted_etags.is_in_doubt(entry)}
            entered, lost = self._enter(list(map(unlisted_etags.to_be_listed, found)), gone, contents, listing)
            left_out = _left_out(found, gone, entered, lost)
            self._put_equal_folders([entry for entry in found if entry.path not in left_out], digests)
        self._announce(entered, lost)
        left_out.difference_update(entry.path for entry in found if entry.is_folder)
        return left_out, left_out - in_doubt

    def _enter(
        self, found: list[Entry], gone: Collection[str], contents: Mapping[str, bytes], listing: Listing
    ) -> tuple[list[Entry], list[str]]:
        """`absorb` within a transaction. Returns (entries written to the index, paths removed from it)."""
        entered = [entry for entry in found if not self._log.outdates(entry.path, listing)]
        lost = sorted(path for path in gone if not self._log.outdates(path, listing))
        self._index.entries.put(entered)
        for entry in entered:
            if (content := contents.get(entry.path)) is not None:
                self._contents.learn(entry, content)
        self._song_index.update(entered)
        for path in lost:
            self._index.entries.remove(path)
        self._song_index.remove(lost)
        self._log.note([*(entry.path for entry in entered), *lost], by=listing)
        known = {entry.path for entry in entered}
        left_out = _left_out(found, gone, entered, lost)
        if listing.elsewhere:
            self._put_in_doubt(left_out)
        above = _folders_above((*known, *lost)) - known
        self._mark_unlisted(left_out.union(above, *map(paths.ancestors, left_out)))
        return entered, lost

    def _put_equal_folders(self, found: Iterable[Entry], digests: Mapping[str, str]) -> None:
        """Give the folders in `found` the etags that they have there, if the digests show that they hold the same."""
        folders = [entry for entry in found if entry.path in digests]
        for entry in sorted(folders, key=lambda entry: entry.path, reverse=True):
            if self.digest(entry.path) == digests[entry.path]:
                self._index.entries.put([entry])

    def _announce(self, entered: Collection[Entry], lost: Collection[str]) -> None:
        for path in lost:
            if paths.parent_of(path) not in lost:
                self.announce(Change("removed", path))
        for entry in entered:
            self.announce(Change("folder" if entry.is_folder else "written", entry.path))

    def _mark_unlisted(self, changed: Collection[str]) -> None:
        """Mark the folders among these paths to be listed again: what is in them is compared then, file by file."""
        if changed:
            self._index.entries.set_folder_etag(changed, unlisted_etags.unlisted())

    # Changes of our own

    @contextlib.contextmanager
    def transaction(self, *changed: str) -> Iterator[None]:
        """A transaction of the index, in which this program changes the entries at the paths `changed`.

        The folders above them are marked to be listed again: only a listing shows whether their etags cover this change
        alone.
        """
        with self._lock, self._index.transaction():
            if changed:
                self._log.note(changed)
                self._own_changes.append((self._monotonic(), self._log.clock))
                self._mark_unlisted({folder for path in changed for folder in paths.ancestors(path)})
            yield

    def doubt(self, *changed: str) -> None:
        """Mark the entries at these paths, and the folders above them, as to be listed again.

        For a change that failed, which the remote may nevertheless have made, or make later. Cached bytes of a file are
        kept as long as the remote cannot be asked.
        """
        with self.transaction(*changed):
            self._put_in_doubt(changed)

    def doubt_elsewhere(self, *changed: str) -> None:
        """`doubt` because another instance is in doubt. It is no change of our own: what other instances then find on
        the remote is absorbed, and does not cause new doubts."""
        with self.transaction():
            self._log.note(changed, by=Listing(self._log.clock, elsewhere=True))
            self._mark_unlisted({folder for path in changed for folder in paths.ancestors(path)})
            self._put_in_doubt(changed)

    def _put_in_doubt(self, changed: Collection[str]) -> None:
        for path in changed:
            if (entry := self._index.entries.get(path)) is not None:
                self._contents.keep(entry)
                self._index.entries.put([unlisted_etags.in_doubt(entry)])


def _folders_above(inside: Iterable[str]) -> set[str]:
    nearest = set(map(paths.parent_of, inside))
    return nearest.union(*map(paths.ancestors, nearest))


def _is_same(entry: Entry, known: Entry | None) -> bool:
    return known is not None and (entry.is_folder, entry.size, entry.etag) == (known.is_folder, known.size, known.etag)


def _left_out(found: Collection[Entry], gone: Collection[str], entered: list[Entry], lost: list[str]) -> set[str]:
    """The paths of `found` and `gone` that did not change the index."""
    return {entry.path for entry in found}.union(gone).difference((entry.path for entry in entered), lost)

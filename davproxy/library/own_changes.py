"""Our own changes of the tree: guarded, one after the other at overlapping paths, and in doubt where they fail."""

import contextlib
from collections.abc import Iterator

from davproxy.contents.contents import Contents
from davproxy.errors import Conflict, DavproxyError, NotFound
from davproxy.index import Index
from davproxy.library.index_updates import IndexUpdates
from davproxy.library.path_locks import PathLocks
from davproxy.library.unlisted_etags import is_unlisted
from davproxy.model import ABSENT, ANYTHING, Guard
from davproxy.remote.protocol import Remote


class OwnChanges:
    """What every change of the tree by this program goes through, on the remote and then in the index."""

    def __init__(self, remote: Remote, index: Index, contents: Contents, updates: IndexUpdates) -> None:
        self._remote, self._entries, self._contents, self._updates = remote, index.entries, contents, updates
        self._locks = PathLocks()

    @contextlib.contextmanager
    def change(self, *changed: str) -> Iterator[None]:
        """Change entries at these paths, on the remote and then in the index, while no other thread does.

        Where the block raises, the remote may have changed all the same, so it is asked about them again: at once after
        a Conflict, else by the next sync.
        """
        with self._locks.hold(*changed):
            try:
                yield
            except Conflict:
                self._refresh_or_doubt(*changed)
                raise
            except BaseException:
                self._updates.doubt(*changed)
                raise

    def _refresh_or_doubt(self, *changed: str) -> None:
        try:
            for path in changed:
                self._updates.refresh(path)
        except DavproxyError:
            self._updates.doubt(*changed)

    def refresh(self, path: str) -> None:
        """List `path` and all below it on the remote again, and update the index. Raises Locked."""
        with self._locks.hold(path):
            self._updates.refresh(path)

    @contextlib.contextmanager
    def refresh_if_outdated(self, path: str) -> Iterator[None]:
        """Refresh `path` where the block raises NotFound or Conflict, because then the index is outdated."""
        try:
            yield
        except (NotFound, Conflict):
            self.refresh(path)
            raise

    def default_guard(self, path: str, guard: Guard) -> Guard:
        """`guard`; for ANYTHING the indexed entry, once the index holds the whole tree."""
        if guard != ANYTHING or not self._updates.complete:
            return guard
        entry = self._entries.get(path)
        if entry is not None and not entry.is_folder and is_unlisted(entry.etag):
            self._updates.refresh(path)
            entry = self._entries.get(path)
        if entry is None:
            return ABSENT
        return ANYTHING if entry.is_folder else Guard(etag=entry.etag)

    def forget_replaced(self, *changed: str) -> list[str]:
        """Forget the contents of the files that our own change replaces or removes at and below these paths.

        Where a remote has no etags, or makes them of the time and the size, other contents can come there with the same
        ones, and so the same key. Returns the paths of the files.
        """
        if self._remote.features.local or self._remote.features.recursive_etags:
            return []
        replaced = [entry for path in changed for entry in (self._entries.get(path), *self._entries.below(path))]
        files = [entry for entry in replaced if entry is not None and not entry.is_folder]
        for entry in files:
            self._contents.forget(entry)
        return [entry.path for entry in files]

"""Checksums that the index knows follow a file that is renamed or copied, where the remote does not do so."""

from collections.abc import Iterable
from dataclasses import replace

from davproxy.index import Index
from davproxy.library.index_updates import IndexUpdates
from davproxy.model import Entry
from davproxy.remote.protocol import Remote


class KnownChecksums:
    """A checksum belongs to an etag, so each is carried along only from a file that still has the indexed one."""

    def __init__(self, remote: Remote, index: Index, updates: IndexUpdates) -> None:
        self._remote, self._index, self._updates = remote, index, updates

    def before_rename(self, path: str) -> str:
        """What the file at `path` keeps when it is renamed: a local folder gives it another etag then."""
        entry = self._index.entries.get(path) if self._remote.features.local else None
        if entry is None or not entry.checksums or self._remote.stat(path).etag != entry.etag:
            return ""
        return entry.checksums

    def before_copy(self, path: str) -> list[Entry]:
        """The files at or below `path` that have checksums."""
        entry = self._index.entries.get(path)
        return [each for each in (entry, *self._index.entries.below(path)) if each is not None and each.checksums]

    def after_copy(self, source: str, target: str, originals: Iterable[Entry]) -> None:
        """Give the files of a copy the checksums of their originals, which no remote copies.

        An original that changed elsewhere, in the moment before or meanwhile, is left out.
        """
        self._updates.refresh(source)
        known = {}
        for original in originals:
            copied = self._index.entries.get(target + original.path.removeprefix(source))
            if copied and copied.size == original.size and self._index.entries.get(original.path) == original:
                known[copied.path] = replace(copied, checksums=copied.checksums or original.checksums)
        with self._updates.transaction(*known):
            self._index.entries.put(known.values())

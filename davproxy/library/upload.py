"""A write through the library: to the remote first, then into the index."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from davproxy.contents.contents import SMALL
from davproxy.model import Entry
from davproxy.remote.protocol import Upload
from davproxy.settings import over_upload_limit

QUIET_SECONDS = 60.0
"""Seconds after its last byte until an upload that comes in several requests no longer counts as under way."""


class LibraryUpload:
    """A remote upload whose commit also updates the index, with the bytes of a small file so that none reads it again.

    `changing` is held while the file appears; `store` puts the new entry, and those bytes, into the index.
    """

    def __init__(
        self,
        path: str,
        upload: Upload,
        limit: int,
        changing: Callable[[str], AbstractContextManager[None]],
        store: Callable[[Entry, bytes | None], Entry],
    ) -> None:
        self.path = path
        self._is_over = False
        self._quiet_since: float | None = time.monotonic()
        self._upload, self._limit, self._changing, self._store = upload, limit, changing, store
        self._small: bytearray | None = bytearray()
        self._written = 0

    def is_under_way(self, now: float) -> bool:
        """Whether it has not ended and bytes of it came lately; `now` is of the monotonic clock."""
        since = self._quiet_since
        return not self._is_over and (since is None or now < since + QUIET_SECONDS)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """The remote takes bytes, or makes a file of them, for as long as it needs."""
        self._quiet_since = None
        try:
            yield
        finally:
            self._quiet_since = time.monotonic()

    def write(self, block: bytes) -> None:
        """Send the next bytes. Raises TooLarge past the limit of this server."""
        self._written += len(block)
        if self._written > self._limit:
            self.abort()
            raise over_upload_limit(self._limit)
        if self._small is not None:
            if self._written <= SMALL:
                self._small += block
            else:
                self._small = None
        try:
            with self._at_work():
                self._upload.write(block)
        except BaseException:
            with self._changing(self.path):  # the remote may have it whole although the connection broke
                raise

    def commit(self) -> Entry:
        """Make the file visible on the remote, then in the index. After a Conflict the index is up to date."""
        try:
            with self._at_work(), self._changing(self.path):
                entry = self._upload.commit()
                self._is_over = True
                return self._store(entry, bytes(self._small) if self._small is not None else None)
        finally:
            self._is_over = True

    def abort(self) -> None:
        """Drop it; the old content stays."""
        self._is_over = True
        self._upload.abort()

"""A write through the library: to the remote first, then into the index."""

from collections.abc import Callable

from davproxy.contents.contents import SMALL
from davproxy.errors import Conflict, TooLarge
from davproxy.model import Entry
from davproxy.remote.protocol import Upload


class LibraryUpload:
    """A remote upload whose commit also tells the index. A small file's bytes are kept: nobody reads it again."""

    def __init__(
        self,
        path: str,
        upload: Upload,
        limit: int,
        settle: Callable[[Entry, bytes | None], Entry],
        refresh: Callable[[], None],
    ) -> None:
        self.path = path
        self.under_way = True
        self._upload, self._limit, self._settle, self._refresh = upload, limit, settle, refresh
        self._kept: bytearray | None = bytearray()
        self._taken = 0

    def write(self, block: bytes) -> None:
        """Take the next bytes. Raises TooLarge past the limit of this server."""
        self._taken += len(block)
        if self._taken > self._limit:
            self.abort()
            raise too_large(self._limit)
        if self._kept is not None:
            if self._taken <= SMALL:
                self._kept += block
            else:
                self._kept = None
        self._upload.write(block)

    def commit(self) -> Entry:
        """Make it so on the remote, then in the index. After a Conflict the index knows what stands there now."""
        try:
            entry = self._upload.commit()
        except Conflict:
            self._refresh()
            raise
        finally:
            self.under_way = False
        return self._settle(entry, bytes(self._kept) if self._kept is not None else None)

    def abort(self) -> None:
        """Drop it; the old content stays."""
        self.under_way = False
        self._upload.abort()


def too_large(limit: int) -> TooLarge:
    """The error for a file of more than `limit` bytes."""
    return TooLarge(f"The file is larger than the {limit >> 20} MiB this server takes (UPLOAD_LIMIT).")

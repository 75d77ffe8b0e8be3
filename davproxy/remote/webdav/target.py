"""What a write is to become, one PUT of it, and the entry that it left."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import httpx

from davproxy.errors import BadInput, Unavailable
from davproxy.model import Entry, Guard
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.multistatus import bare_etag

PART = 10 * 1024 * 1024
"""Bytes held in memory, and sent as one part. A Nextcloud takes parts from 5 MB to 5 GB."""
PIECE = 256 * 1024
"""Bytes handed to the socket at a time."""
_FILE_ID = re.compile(r"[0-9]+")
"""What `OC-FileId` begins with; the server's own name follows."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an upload is to become. `guard` is exact: an etag, or ABSENT."""

    path: str
    size: int | None
    modified: float | None
    guard: Guard

    def check_size(self, sent: int, *, complete: bool) -> None:
        """Raises BadInput when `sent` bytes cannot be, or `complete` are not, what was declared."""
        if self.size is not None and (sent > self.size or (complete and sent < self.size)):
            raise BadInput(f"“{self.path}” arrived with {sent} bytes instead of {self.size}. Send it again.")

    @property
    def times(self) -> dict[str, str]:
        """The header with which a Nextcloud keeps the modification time."""
        return {} if self.modified is None else {"X-OC-Mtime": str(int(self.modified))}


def pieces(content: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """`content` as the socket likes it: of each piece, what one send leaves over is copied for the next.

    A body given as an iterator is also free once it is sent; httpx keeps one of bytes until the collector comes.
    """
    for block in content:
        for start in range(0, len(block), PIECE):
            yield bytes(block[start : start + PIECE])


def put_headers(target: Target, size: int) -> dict[str, str]:
    """The headers of a PUT of `size` bytes to a name that must not exist yet; cut in the middle, nothing is left."""
    return {"If-None-Match": "*", "Content-Length": str(size), **target.times}


def put_new(
    files: Files, target: Target, content: Sequence[bytes | memoryview], size: int, *, make_parents: bool = False
) -> httpx.Response | None:
    """One PUT of a new file from memory. The answer, None where it was lost although the file is there."""
    headers = put_headers(target, size)
    if make_parents:
        headers["X-NC-WebDAV-Auto-Mkcol"] = "1"
    url = files.url(target.path)

    def happened() -> bool:
        found = files.found(target.path)
        return found is not None and found.size == size

    return files.settle(
        lambda: files.connection.send(
            "PUT", url, expect={201, 204}, about=target.path, headers=headers, content=lambda: pieces(content)
        ),
        happened,
    )


def stored(files: Files, target: Target, answer: httpx.Response | None, size: int) -> Entry:
    """The entry that a finished write of `size` bytes left.

    A Nextcloud takes a file only if it got as many bytes as were announced, and its answer names the file's id and
    etag: where it also took our time, nothing is left to ask. Otherwise the file is looked at.
    """
    headers = answer.headers if answer is not None else httpx.Headers()
    file_id, etag = _FILE_ID.match(headers.get("OC-FileId", "")), bare_etag(headers.get("OC-ETag", ""))
    if file_id and etag and target.modified is not None and headers.get("X-OC-MTime") == "accepted":
        return Entry(target.path, False, size, float(int(target.modified)), etag, int(file_id[0]))
    return verified(files, target, size)


def verified(files: Files, target: Target, sent: int) -> Entry:
    """The entry that a finished write left on the server, its size compared."""
    entry = files.stat(target.path)
    if entry.size != sent:
        raise Unavailable(
            f"The server holds {entry.size} bytes of “{target.path}” instead of {sent}. "
            "Somebody else may have written it in the same moment; look at it and send it again."
        )
    return entry

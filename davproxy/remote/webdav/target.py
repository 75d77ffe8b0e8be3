"""The target of a write, one PUT to it, and the entry that a finished write left."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import httpx

from davproxy.errors import Unavailable
from davproxy.model import Entry, Guard
from davproxy.remote.checks import check_size
from davproxy.remote.checksums import Checksums
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.multistatus import bare_etag, file_id_in

PART = 10 * 1024 * 1024
"""Bytes held in memory and sent as one part. A Nextcloud accepts parts from 5 MB to 5 GB."""
PIECE = 256 * 1024
"""Bytes handed to the socket at a time."""


@dataclass(frozen=True, slots=True)
class Target:
    """The file that an upload writes. `guard` is exact: an etag, or ABSENT."""

    path: str
    size: int | None
    modified: float | None
    guard: Guard

    def check_size(self, sent: int, *, complete: bool) -> None:
        """Raises BadInput where `sent` bytes are more than the declared size or, if `complete`, fewer."""
        check_size(self.path, self.size, sent, complete=complete)

    @property
    def time_header(self) -> dict[str, str]:
        """The header that sets the modification time on a Nextcloud."""
        return {} if self.modified is None else {"X-OC-Mtime": str(int(self.modified))}


def pieces(content: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """`content` in pieces of PIECE bytes: what one send of a socket leaves over is copied, so long ones cost time.

    The memory of a body that is an iterator is free once it is sent; httpx keeps bytes until the next collection.
    """
    for block in content:
        for start in range(0, len(block), PIECE):
            yield bytes(block[start : start + PIECE])


def put_headers(target: Target, size: int) -> dict[str, str]:
    """The headers of a PUT of `size` bytes to a new name. The server keeps nothing of one that is cut off."""
    return {"If-None-Match": "*", "Content-Length": str(size), **target.time_header}


def checksum_header(checksums: Checksums) -> dict[str, str]:
    """The header whose value a Nextcloud stores with a file, on the PUT or on the MOVE that assembles it."""
    return {"OC-Checksum": str(checksums)}


def put_new(
    files: Files,
    target: Target,
    content: Sequence[bytes | memoryview],
    size: int,
    checksums: Checksums,
    *,
    make_parents: bool = False,
    in_turn: bool = False,
) -> httpx.Response | None:
    """Write a new file from memory by one PUT. Returns the response; None where it was lost but the file exists.

    `in_turn` is that of `connection.Options`.
    """
    headers = put_headers(target, size) | checksum_header(checksums)
    if make_parents:
        headers["X-NC-WebDAV-Auto-Mkcol"] = "1"
    url = files.url(target.path)

    def happened() -> bool:
        """Whether the file at the target has exactly these bytes; it may be another one of the same size."""
        entry = files.lookup(target.path)
        if entry is None or entry.size != size:
            return False
        with files.stream(target.path, etag=entry.etag) as blocks:
            return b"".join(blocks) == b"".join(content)

    return files.settle(
        lambda: files.connection.send(
            "PUT",
            url,
            expect={201, 204},
            about=target.path,
            headers=headers,
            content=lambda: pieces(content),
            in_turn=in_turn,
        ),
        happened,
    )


def entry_after(files: Files, target: Target, response: httpx.Response | None, size: int) -> Entry:
    """The entry that a finished write of `size` bytes left.

    A Nextcloud accepts a file only with as many bytes as announced, and its response has the file's id and etag. If it
    also accepted our modification time, the entry is complete; otherwise the server is asked for it.
    """
    headers = response.headers if response is not None else httpx.Headers()
    file_id, etag = file_id_in(headers.get("OC-FileId", "")), bare_etag(headers.get("OC-ETag", ""))
    if file_id is not None and etag and target.modified is not None and headers.get("X-OC-MTime") == "accepted":
        return Entry(target.path, False, size, float(int(target.modified)), etag, file_id)
    return verified_entry(files, target, size)


def verified_entry(files: Files, target: Target, sent: int, *, about: str = "") -> Entry:
    """The entry that a finished write of `sent` bytes left on the server. Raises Unavailable for another size.

    `about` is the path for people where it is another one than that of the target.
    """
    entry = files.stat(target.path)
    if entry.size != sent:
        raise Unavailable(
            f"The server holds {entry.size} bytes of “{about or target.path}” instead of {sent}. "
            "Somebody else may have written it in the same moment; look at it and send it again."
        )
    return entry

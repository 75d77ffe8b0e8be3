"""Writes under way. A reader sees the old file or the new one, never a mixture, whatever is cut in the middle.

On a Nextcloud a PUT over an existing file is not safe: a cut one leaves the truncated body live. A new file goes by one
PUT, an existing one, and whatever is long, by chunked upload version 2
(https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/chunking.html). On other servers the file
gets a temporary name, and takes its own once its size is verified.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

from davproxy.errors import BadInput, Conflict, DavproxyError, NotFound, Unavailable, WrongKind
from davproxy.model import ABSENT, Entry, Guard
from davproxy.paths import TEMP, join
from davproxy.remote.connection import LONG_ANSWER
from davproxy.remote.files import Files
from davproxy.remote.protocol import BLOCK

PART = 10 * 1024 * 1024
"""Bytes held in memory, and sent as one part. A Nextcloud takes parts from 5 MB to 5 GB."""
PIECE = 256 * 1024
"""Bytes handed to the socket at a time."""


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


def aim(files: Files, path: str, size: int | None, modified: float | None, guard: Guard) -> Target:
    """The target of a write to `path`, what stands there now made part of the guard."""
    files.server.rules.check(path)
    told_by_server = guard.absent and files.server.chunks  # a Nextcloud refuses the write itself
    if guard.etag is None and not told_by_server:
        found = files.check_guard(path, guard)
        if found and found.is_folder:
            raise WrongKind(f"“{path}” is a folder; a file cannot take its place.")
        guard = Guard(etag=found.etag) if found else ABSENT
    return Target(path, size, modified, guard)


def begin(files: Files, target: Target, spool: Path | None = None) -> "ChunkedUpload | StagedUpload":
    """The upload that is safe on this server. `spool` is the local folder for what waits to be sent."""
    return ChunkedUpload(files, target) if files.server.chunks else StagedUpload(files, target, spool)


def pieces(content: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """`content` as the socket likes it: of each piece, what one send leaves over is copied for the next.

    A body given as an iterator is also free once it is sent; httpx keeps one of bytes until the collector comes.
    """
    for block in content:
        for start in range(0, len(block), PIECE):
            yield bytes(block[start : start + PIECE])


def put_new(
    files: Files, target: Target, content: Sequence[bytes | memoryview], size: int, *, make_parents: bool = False
) -> None:
    """One PUT of `size` bytes to a name that must not exist yet; cut in the middle, nothing is left."""
    headers = {"If-None-Match": "*", "Content-Length": str(size), **target.times}
    if make_parents:
        headers["X-NC-WebDAV-Auto-Mkcol"] = "1"
    url = files.url(target.path)

    def happened() -> bool:
        found = files.found(target.path)
        return found is not None and found.size == size

    files.settle(
        lambda: files.connection.send(
            "PUT", url, expect={201, 204}, about=target.path, headers=headers, content=lambda: pieces(content)
        ),
        happened,
    )


def verified(files: Files, target: Target, sent: int) -> Entry:
    """The entry that a finished write left on the server, its size compared."""
    entry = files.stat(target.path)
    if entry.size != sent:
        raise Unavailable(
            f"The server holds {entry.size} bytes of “{target.path}” instead of {sent}. "
            "Somebody else may have written it in the same moment; look at it and send it again."
        )
    return entry


class ChunkedUpload:
    """To a Nextcloud: one PUT for a new file that fits into one part, else parts that are put together at the end."""

    def __init__(self, files: Files, target: Target) -> None:
        self._files = files
        self._target = target
        server = files.server
        self._folder = f"{server.dav_url}/uploads/{server.files_url.rpartition('/')[2]}/davproxy-{uuid4().hex}"
        self._parts = 0
        self._part: list[memoryview] = []
        self._held = 0
        self._sent = 0
        self._over = False

    def write(self, block: bytes) -> None:
        self._target.check_size(self._sent + self._held + len(block), complete=False)
        rest = memoryview(block)
        while rest:
            # A full part waits for one byte more, so that a file of exactly one part is not sent in parts.
            if self._held == PART:
                self._send_part()
            taken = rest[: PART - self._held]
            self._part.append(taken)
            self._held += len(taken)
            rest = rest[len(taken) :]

    def commit(self) -> Entry:
        total = self._sent + self._held
        try:
            self._target.check_size(total, complete=True)
            if self._target.guard.absent and not self._parts:
                put_new(self._files, self._target, self._part, total)
            else:
                if self._held or not self._parts:
                    self._send_part()
                try:
                    self._assemble(total)
                except NotFound:
                    if self._target.guard.absent:
                        raise
                    raise Conflict(f"“{self._target.path}” was removed elsewhere meanwhile.") from None
        except DavproxyError:
            self.abort()
            raise
        self._over = True
        self._part.clear()
        entry = verified(self._files, self._target, total)
        if entry.etag == self._target.guard.etag:
            # Within one second, or with an equal time, a Nextcloud can give the new content the old etag.
            self._files.set_modified(entry.path, entry.modified + 1)
            entry = verified(self._files, self._target, total)
        return entry

    def abort(self) -> None:
        if self._parts and not self._over:
            with suppress(DavproxyError):  # a Nextcloud drops parts by itself after a day
                self._files.connection.send(
                    "DELETE", self._folder, expect={204, 404}, about=self._target.path, repeatable=True
                )
        self._over = True
        self._part.clear()

    def _send_part(self) -> None:
        path = self._target.path
        headers = {"Destination": self._files.url(path)}
        part = self._part
        if not self._parts:
            self._files.connection.send("MKCOL", self._folder, expect={201, 405}, about=path, headers=headers)
        self._parts += 1
        self._files.connection.send(
            "PUT",
            f"{self._folder}/{self._parts:05}",
            expect={201, 204},
            about=path,
            headers=headers | {"Content-Length": str(self._held)},
            content=lambda: pieces(part),
            repeatable=True,
        )
        self._sent += self._held
        self._part, self._held = [], 0

    def _assemble(self, total: int) -> None:
        """The MOVE that makes the parts one file in one step, guarded by what stood there at the beginning."""
        target = self._target
        headers = self._files.onto(target.path, target.guard) | {"OC-Total-Length": str(total)} | target.times
        self._files.settle(
            lambda: self._files.connection.send(
                "MOVE",
                f"{self._folder}/.file",
                expect={201, 204},
                about=target.path,
                headers=headers,
                wait=LONG_ANSWER,
            ),
            lambda: self._parts_are_gone() and self._files.stat(target.path).size == total,
        )

    def _parts_are_gone(self) -> bool:
        try:
            for _ in self._files.propfind(self._folder, "0", self._target.path):
                return False
        except NotFound:
            pass
        return True


class StagedUpload:
    """To any other server: gathered on the local disk, sent under a temporary name, verified, then renamed."""

    def __init__(self, files: Files, target: Target, spool: Path | None) -> None:
        self._files = files
        self._target = target
        self._content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=PART, dir=str(spool) if spool else None)  # noqa: SIM115
        self._staged = join(TEMP, f"upload-{uuid4().hex}")

    def write(self, block: bytes) -> None:
        self._target.check_size(self._content.tell() + len(block), complete=False)
        self._content.write(block)

    def commit(self) -> Entry:
        size = self._content.tell()
        staged = Target(self._staged, size, None, ABSENT)
        try:
            self._target.check_size(size, complete=True)
            self._put(size)
            verified(self._files, staged, size)
            if self._target.guard.etag is not None:
                self._files.check_guard(self._target.path, self._target.guard)
            self._files.move(self._staged, self._target.path, self._target.guard)
        except DavproxyError:
            with suppress(DavproxyError):
                self._files.delete(self._staged)
            raise
        finally:
            self._content.close()
        return verified(self._files, self._target, size)

    def abort(self) -> None:
        self._content.close()

    def _put(self, size: int) -> None:
        """The name is ours alone, so that a PUT may be repeated."""

        def content() -> Iterator[bytes]:
            self._content.seek(0)
            while block := self._content.read(BLOCK):
                yield block

        self._files.connection.send(
            "PUT",
            self._files.url(self._staged),
            expect={200, 201, 204},
            about=self._target.path,
            headers={"Content-Length": str(size), **self._target.times},
            content=content,
            repeatable=True,
            wait=LONG_ANSWER,
        )

"""A write to a Nextcloud in parts: over an existing file, of unknown length, or too long for one request.

https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/chunking.html
"""

from contextlib import suppress
from uuid import uuid4

import httpx

from davproxy.errors import Conflict, DavproxyError, NotFound
from davproxy.model import Entry
from davproxy.remote.webdav.connection import LONG_TIMEOUT
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.target import PART, Target, entry_after, pieces, put_new, verified_entry


class ChunkedUpload:
    """One PUT for a new file that fits into one part; otherwise parts that the server assembles at the commit."""

    def __init__(self, files: Files, target: Target) -> None:
        self._files = files
        self._target = target
        server = files.server
        self._folder = f"{server.dav_url}/uploads/{server.files_url.rpartition('/')[2]}/davproxy-{uuid4().hex}"
        self._parts = 0
        self._part: list[memoryview] = []
        self._held = 0
        self._sent = 0
        self._finished = False

    def write(self, block: bytes) -> None:
        self._target.check_size(self._sent + self._held + len(block), complete=False)
        rest = memoryview(block)
        while rest:
            # A full part is sent when another byte follows, so that a file of exactly one part goes by one PUT.
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
                response = put_new(self._files, self._target, self._part, total)
            else:
                if self._held or not self._parts:
                    self._send_part()
                try:
                    response = self._assemble(total)
                except NotFound:
                    if self._target.guard.absent:
                        raise
                    raise Conflict(f"“{self._target.path}” was removed elsewhere meanwhile.") from None
        except DavproxyError:
            self.abort()
            raise
        self._finished = True
        self._part.clear()
        entry = entry_after(self._files, self._target, response, total)
        if entry.etag == self._target.guard.etag:
            # Within one second, or with an equal time, a Nextcloud can give new content the old etag.
            self._files.set_modified(entry.path, entry.modified + 1)
            entry = verified_entry(self._files, self._target, total)
        return entry

    def abort(self) -> None:
        if self._parts and not self._finished:
            with suppress(DavproxyError):  # a Nextcloud removes parts by itself after a day
                self._files.connection.send(
                    "DELETE", self._folder, expect={204, 404}, about=self._target.path, repeatable=True
                )
        self._finished = True
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

    def _assemble(self, total: int) -> httpx.Response | None:
        """Send the MOVE that makes the parts one file in one step, guarded by what was there at the beginning."""
        target = self._target
        headers = self._files.destination_headers(target.path, target.guard)
        headers |= {"OC-Total-Length": str(total)} | target.time_header
        return self._files.settle(
            lambda: self._files.connection.send(
                "MOVE",
                f"{self._folder}/.file",
                expect={201, 204},
                about=target.path,
                headers=headers,
                wait=LONG_TIMEOUT,
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

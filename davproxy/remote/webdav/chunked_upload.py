"""A write to a Nextcloud in parts: over an existing file, of unknown length, or too long for one request.

https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/chunking.html
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import httpx

from davproxy.errors import Conflict, DavproxyError, Locked, NotFound
from davproxy.model import Entry
from davproxy.remote.checksums import Checksums
from davproxy.remote.webdav.connection import LONG_TIMEOUT
from davproxy.remote.webdav.failures import InDoubt
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.target import PART, Target, checksum_header, entry_after, pieces, put_new, verified_entry
from davproxy.remote.webdav.transfers import destination_headers

ASSEMBLY_PATIENCE = 150.0
"""The wait for the assembly, as a multiple of that for a failed request: ten minutes."""
LONGEST_PAUSE = 10.0
"""Seconds between two looks at an assembly under way."""


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
        self._checksums = Checksums()
        self._finished = False

    def write(self, block: bytes) -> None:
        self._target.check_size(self._sent + self._held + len(block), complete=False)
        self._checksums.update(block)
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
                response = put_new(self._files, self._target, self._part, total, self._checksums)
            else:
                if self._held or not self._parts:
                    self._send_part()
                try:
                    response = self._assemble(total)
                except NotFound:
                    if self._target.guard.absent:
                        raise
                    raise Conflict(f"“{self._target.path}” was removed elsewhere meanwhile.") from None
        except InDoubt:
            self._finished = True  # the server may be using the parts; it removes what is left after a day
            self._part.clear()
            raise
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
        return replace(entry, checksums=str(self._checksums))

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
        headers = destination_headers(self._files, target.path, target.guard)
        headers |= {"OC-Total-Length": str(total)} | target.time_header | checksum_header(self._checksums)

        def move() -> httpx.Response:
            return self._files.connection.send(
                "MOVE",
                f"{self._folder}/.file",
                expect={201, 204},
                about=target.path,
                headers=headers,
                wait=LONG_TIMEOUT,
            )

        try:
            return move()
        except InDoubt as error:
            self._wait_for_assembly(move, error)
            return None

    def _wait_for_assembly(self, move: Callable[[], object], doubt: InDoubt) -> None:
        """Wait until the parts are one file, after an answer that left it open; raises `doubt` after minutes.

        Assembling on slow storage takes longer than a proxy before the server waits. The server then continues: it
        answers another MOVE with 423 meanwhile, and 404 afterwards, when it has removed the parts.
        """
        pause, until = 0.1, time.monotonic() + ASSEMBLY_PATIENCE * self._files.connection.patience
        while not self._parts_are_gone():
            if time.monotonic() + pause > until:
                raise doubt
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                move()
                return
            except (InDoubt, Locked):
                continue
            except (NotFound, Conflict):
                if not self._parts_are_gone():
                    raise

    def _parts_are_gone(self) -> bool:
        try:
            for _ in self._files.propfind(self._folder, "0", self._target.path):
                return False
        except NotFound:
            pass
        return True

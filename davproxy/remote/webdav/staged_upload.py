"""A write to a WebDAV server without chunked uploads: to a temporary name first, then renamed to the file's own."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO
from uuid import uuid4

from davproxy.errors import DavproxyError
from davproxy.model import ABSENT, Entry, Guard
from davproxy.paths import TEMP, join
from davproxy.remote.checksums import Checksums
from davproxy.remote.protocol import BLOCK
from davproxy.remote.webdav.connection import LONG_TIMEOUT
from davproxy.remote.webdav.etags import is_timed
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.target import PART, Target, verified_entry
from davproxy.remote.webdav.transfers import move


class StagedUpload:
    """The bytes are collected on the local disk, sent to a temporary name, verified, and renamed."""

    def __init__(self, files: Files, target: Target, spool: Path | None) -> None:
        self._files = files
        self._target = target
        if spool is not None:
            spool.mkdir(parents=True, exist_ok=True)
        self._content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=PART, dir=str(spool) if spool else None)  # noqa: SIM115
        self._checksums = Checksums()
        self._staged = join(TEMP, f"upload-{uuid4().hex}")

    def write(self, block: bytes) -> None:
        self._target.check_size(self._content.tell() + len(block), complete=False)
        self._checksums.update(block)
        self._content.write(block)

    def commit(self) -> Entry:
        size = self._content.tell()
        try:
            self._target.check_size(size, complete=True)
            entry = self._store(size, self._target.guard)
            if is_timed(entry.etag) and entry.etag == self._target.guard.etag and self._target.modified is None:
                time.sleep(1.0)  # an etag made of the time cannot tell two contents of one second apart
                entry = self._store(size, self._target.guard)
            return entry
        finally:
            self._content.close()

    def _store(self, size: int, guard: Guard) -> Entry:
        """Send the bytes to the temporary name, and rename it to the target's."""
        staged = Target(self._staged, size, None, ABSENT)
        try:
            self._put(size)
            verified_entry(self._files, staged, size, about=self._target.path)
            move(self._files, self._staged, self._target.path, guard)
        except DavproxyError:
            with suppress(DavproxyError):
                self._files.delete(self._staged)
            raise
        return replace(verified_entry(self._files, self._target, size), checksums=str(self._checksums))

    def abort(self) -> None:
        self._content.close()

    def _put(self, size: int) -> None:
        """Send the bytes. No other writer uses the temporary name, so the PUT may be repeated."""

        def content() -> Iterator[bytes]:
            self._content.seek(0)
            while block := self._content.read(BLOCK):
                yield block

        self._files.connection.send(
            "PUT",
            self._files.url(self._staged),
            expect={200, 201, 204},
            about=self._target.path,
            headers={"Content-Length": str(size), **self._target.time_header},
            content=content,
            repeatable=True,
            wait=LONG_TIMEOUT,
        )

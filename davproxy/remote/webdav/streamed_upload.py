"""A write of a long new file to a Nextcloud: one PUT, whose body is sent while it still arrives."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from queue import Empty, Queue

import httpx

from davproxy import processes
from davproxy.errors import DavproxyError, TooLarge, Unavailable
from davproxy.model import Entry
from davproxy.remote.checksums import Checksums, one_of
from davproxy.remote.webdav.connection import LONG_TIMEOUT
from davproxy.remote.webdav.failures import InDoubt
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.target import PART, Target, entry_after, pieces, put_headers, verified_entry

QUEUED_BLOCKS = 4
"""Blocks that wait between the writer and the sending thread."""


class StreamedUpload:
    """A thread sends each block as it is written, so that memory does not grow with the file.

    The last block is sent at the commit. Without it the server has fewer bytes than announced, and keeps none of them.
    Blocks that were sent are gone, so an error ends the upload.
    """

    def __init__(self, files: Files, target: Target, size: int) -> None:
        self._files, self._target, self._size = files, target, size
        self._written = 0
        self._checksums = Checksums()
        self._last = b""
        self._blocks: Queue[bytes | None] = Queue(QUEUED_BLOCKS)
        self._response: Future[httpx.Response] = Future()
        threading.Thread(target=self._send, name="streamed-upload", daemon=True).start()

    def write(self, block: bytes) -> None:
        self._written += len(block)
        self._target.check_size(self._written, complete=False)
        self._checksums.update(block)
        self._enqueue(self._last)
        self._last = block

    def commit(self) -> Entry:
        entry = self._finish()
        self._check_stored()
        return replace(entry, checksums=str(self._checksums))

    def _check_stored(self) -> None:
        """Let the server compute the SHA-1 of what it has, which was not known when the request began, and compare."""
        try:
            stored = one_of("SHA1", self._files.compute_checksum(self._target.path))
        except DavproxyError:  # an older server, or one that is busy: the size has been compared
            return
        if stored not in ("", one_of("SHA1", str(self._checksums))):
            raise Unavailable(f"The server holds other bytes of “{self._target.path}” than were sent. Send it again.")

    def _finish(self) -> Entry:
        try:
            self._target.check_size(self._written, complete=True)
            self._enqueue(self._last)
            self._blocks.put(None)
            return entry_after(self._files, self._target, self._response.result(), self._size)
        except InDoubt:
            if not self._files.lookup(self._target.path):
                raise
            return verified_entry(self._files, self._target, self._size)
        except DavproxyError:
            self.abort()
            raise

    def abort(self) -> None:
        self._discard()
        self._blocks.put(None)

    def _enqueue(self, block: bytes) -> None:
        """Pass a block to the sending thread. Raises the error of that thread, if it has one."""
        if self._response.done():
            self._response.result()
            raise Unavailable(f"The server did not wait for the whole of “{self._target.path}”. Send it again.")
        self._blocks.put(block)

    def _send(self) -> None:
        processes.take_cores_of(os.getpid())
        target = self._target
        try:
            response = self._files.connection.send(
                "PUT",
                self._files.url(target.path),
                expect={201},
                about=target.path,
                headers=put_headers(target, self._size),
                content=pieces(self._queued()),
                wait=LONG_TIMEOUT,
            )
        except TooLarge:
            self._files.max_request = PART
            self._response.set_exception(
                Unavailable("The server takes no request as long as this file. Send it again: it then goes in parts.")
            )
        except Exception as error:  # noqa: BLE001 - raised again in the writing thread
            self._response.set_exception(error)
        else:
            self._response.set_result(response)
        self._discard()  # a writer that waits for room in the queue continues, and finds the response

    def _queued(self) -> Iterator[bytes]:
        while (block := self._blocks.get()) is not None:
            yield block

    def _discard(self) -> None:
        with suppress(Empty):
            while True:
                self._blocks.get_nowait()

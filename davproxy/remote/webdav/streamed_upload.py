"""A write of a long new file to a Nextcloud: one PUT, whose body flows on while it still arrives."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, Queue

import httpx

from davproxy.errors import DavproxyError, TooLarge, Unavailable
from davproxy.model import Entry
from davproxy.remote.webdav.connection import LONG_ANSWER
from davproxy.remote.webdav.failures import InDoubt
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.target import PART, Target, pieces, put_headers, stored, verified

WAITING = 4
"""Blocks on their way between the two sides."""


class StreamedUpload:
    """The blocks that are written here are sent by a thread of its own, so nothing long is held.

    The last block waits for the commit. Without it the server has fewer bytes than were announced, and keeps none of
    them. What was sent is not there to be sent again: an error ends the upload.
    """

    def __init__(self, files: Files, target: Target, size: int) -> None:
        self._files, self._target, self._size = files, target, size
        self._taken = 0
        self._last = b""
        self._blocks: Queue[bytes | None] = Queue(WAITING)
        self._answer: Future[httpx.Response] = Future()
        threading.Thread(target=self._send, name="streamed-upload", daemon=True).start()

    def write(self, block: bytes) -> None:
        self._taken += len(block)
        self._target.check_size(self._taken, complete=False)
        self._pass_on(self._last)
        self._last = block

    def commit(self) -> Entry:
        try:
            self._target.check_size(self._taken, complete=True)
            self._pass_on(self._last)
            self._blocks.put(None)
            return stored(self._files, self._target, self._answer.result(), self._size)
        except InDoubt:
            if not self._files.found(self._target.path):
                raise
            return verified(self._files, self._target, self._size)
        except DavproxyError:
            self.abort()
            raise

    def abort(self) -> None:
        self._discard()
        self._blocks.put(None)

    def _pass_on(self, block: bytes) -> None:
        """Hand a block to the other side. Raises what went wrong there."""
        if self._answer.done():
            self._answer.result()
            raise Unavailable(f"The server did not wait for the whole of “{self._target.path}”. Send it again.")
        self._blocks.put(block)

    def _send(self) -> None:
        target = self._target
        try:
            answer = self._files.connection.send(
                "PUT",
                self._files.url(target.path),
                expect={201},
                about=target.path,
                headers=put_headers(target, self._size),
                content=pieces(self._arriving()),
                wait=LONG_ANSWER,
            )
        except TooLarge:
            self._files.one_request = PART
            self._answer.set_exception(
                Unavailable("The server takes no request as long as this file. Send it again: it then goes in parts.")
            )
        except Exception as error:  # noqa: BLE001 - raised again where the blocks come from
            self._answer.set_exception(error)
        else:
            self._answer.set_result(answer)
        self._discard()  # whoever waits for room goes on, and finds the answer

    def _arriving(self) -> Iterator[bytes]:
        while (block := self._blocks.get()) is not None:
            yield block

    def _discard(self) -> None:
        with suppress(Empty):
            while True:
                self._blocks.get_nowait()

"""Uploads whose bytes come in several requests, so that a lost connection costs only what was under way.

Each stays open on the remote between its requests: nothing of it is kept on this computer, and a restart forgets it.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from davproxy.errors import BadInput, Conflict, DavproxyError, Locked, NotFound
from davproxy.library.tree import Tree
from davproxy.model import Entry, Guard
from davproxy.remote.protocol import Upload

IDLE_SECONDS = 3600.0
"""Seconds after the last byte until an upload is dropped."""
MOST = 16
"""The most uploads that are open at once; beyond, the one that has been idle longest is dropped."""


class PartialUpload:
    """An upload of `size` bytes to `path`, of which `offset` have arrived.

    `used` is when a request last asked for it, in seconds; `is_over` once it is complete or has failed.
    """

    def __init__(self, path: str, size: int, upload: Upload, now: float) -> None:
        self.id = uuid.uuid4().hex
        self.path, self.size, self.offset, self.used = path, size, 0, now
        self.is_over = False
        self._upload = upload
        self._busy = threading.Lock()

    def write(self, offset: int, blocks: Iterable[bytes]) -> Entry | None:
        """Append `blocks`, which begin at byte `offset`. Returns the entry once the file is complete.

        Raises Conflict where `offset` is not where the upload is, BadInput past its size, Locked while another request
        writes. Whatever the remote refuses ends the upload; what the reading of `blocks` raises does not.
        """
        with self._taken():
            if offset != self.offset:
                raise Conflict(f"{self.offset} bytes are here. Go on from there.")
            for block in blocks:
                with self._ending():
                    if self.offset + len(block) > self.size:
                        raise BadInput(f"The file was announced with {self.size} bytes, and more came.")
                    self._upload.write(block)
                self.offset += len(block)
            if self.offset < self.size:
                return None
            with self._ending():
                entry = self._upload.commit()
            self.is_over = True
            return entry

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """End the upload if what happens inside fails."""
        try:
            yield
        except DavproxyError:
            self.is_over = True
            self._upload.abort()
            raise

    def abort(self) -> None:
        """Drop it."""
        self._upload.abort()

    @contextmanager
    def _taken(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise Locked("Another request is sending this file. Wait a moment and try again.")
        try:
            yield
        finally:
            self._busy.release()


class PartialUploads:
    """The uploads that are open, by their ids."""

    def __init__(self, tree: Tree, clock: Callable[[], float] = time.monotonic) -> None:
        self._tree, self._clock = tree, clock
        self._open: dict[str, PartialUpload] = {}
        self._mutex = threading.Lock()

    def begin(self, path: str, size: int, guard: Guard) -> PartialUpload:
        """Open an upload. Raises what `Tree.upload` does."""
        begun = PartialUpload(path, size, self._tree.upload(path, size=size, guard=guard), self._clock())
        with self._mutex:
            self._open[begun.id] = begun
            dropped = self._outdated()
        for upload in dropped:
            upload.abort()
        return begun

    def get(self, id: str) -> PartialUpload:
        """An open upload. Raises NotFound."""
        with self._mutex:
            upload = self._open.get(id)
            if upload is None:
                raise NotFound("There is no such upload any more. Begin it again.")
            upload.used = self._clock()
            return upload

    def write(self, id: str, offset: int, blocks: Iterable[bytes]) -> tuple[PartialUpload, Entry | None]:
        """`PartialUpload.write`; an upload that is over is forgotten. Raises NotFound too."""
        upload = self.get(id)
        try:
            return upload, upload.write(offset, blocks)
        finally:
            if upload.is_over:
                with self._mutex:
                    self._open.pop(id, None)

    def drop(self, id: str) -> None:
        """Drop an upload. Raises NotFound."""
        upload = self.get(id)
        with self._mutex:
            self._open.pop(id, None)
        upload.abort()

    def close(self) -> None:
        """Drop all of them."""
        with self._mutex:
            dropped = list(self._open.values())
            self._open.clear()
        for upload in dropped:
            upload.abort()

    def _outdated(self) -> list[PartialUpload]:
        """Remove, under the mutex, what has been idle for too long or is too many."""
        oldest = sorted(self._open.values(), key=lambda upload: upload.used)
        until = self._clock() - IDLE_SECONDS
        over = len(oldest) - MOST
        dropped = [upload for at, upload in enumerate(oldest) if upload.used < until or at < over]
        for upload in dropped:
            del self._open[upload.id]
        return dropped

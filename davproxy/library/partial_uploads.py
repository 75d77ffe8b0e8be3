"""Uploads whose bytes come in several requests, so that a lost connection costs only what was under way.

Each stays open on the remote between its requests: nothing of it is kept on this computer, and a restart forgets it.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from davproxy.errors import BadInput, Conflict, Locked, NotFound
from davproxy.library.tree import Tree
from davproxy.model import Entry, Guard
from davproxy.remote.protocol import Upload

IDLE_SECONDS = 3600.0
"""Seconds after the last request until an upload is dropped, and a complete one forgotten."""
MOST = 16
"""The most uploads that are open at once; beyond, the one that has been idle longest is dropped."""
GONE = "There is no such upload any more. Begin it again."


class PartialUpload:
    """An upload of `size` bytes to `path`, of which `offset` have arrived.

    `used` is when a request last asked for it, in seconds. `entry` is the file once it is complete; `is_over` once it
    has failed or was dropped.
    """

    def __init__(self, path: str, size: int, upload: Upload, clock: Callable[[], float]) -> None:
        self.id = uuid.uuid4().hex
        self.path, self.size, self.offset, self.used = path, size, 0, clock()
        self.entry: Entry | None = None
        self.is_over = False
        self._upload, self._clock = upload, clock
        self._busy = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether a request is writing."""
        return self._busy.locked()

    def write(self, offset: int, blocks: Iterable[bytes]) -> None:
        """Append `blocks`, which begin at byte `offset`; after the last byte, store the file.

        If the file is already stored, this does nothing: a client that missed the answer asks again.

        Raises Conflict where `offset` is not where the upload is, BadInput past its size, Locked while another request
        writes. Whatever the remote refuses ends the upload; what the reading of `blocks` raises does not.
        """
        with self._exclusive():
            if offset != self.offset:
                raise Conflict(f"{self.offset} bytes are here. Go on from there.")
            for block in blocks:
                with self._ending():
                    if self.is_over:
                        raise NotFound(GONE)
                    if self.offset + len(block) > self.size:
                        raise BadInput(f"The file was announced with {self.size} bytes, and more came.")
                    self._upload.write(block)
                self.offset += len(block)
            if self.offset == self.size and not self.entry:
                with self._ending():
                    self.entry = self._upload.commit()

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """End the upload if what happens inside fails, in whatever way: bytes of it may be lost."""
        try:
            yield
        except BaseException:
            self.is_over = True
            raise

    def abort(self) -> None:
        """Drop it; a request that is writing does so itself, once it sees that."""
        self.is_over = True
        if self._busy.acquire(blocking=False):
            try:
                self._upload.abort()
            finally:
                self._busy.release()

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise Locked("Another request is sending this file. Wait a moment and try again.")
        try:
            yield
        finally:
            self.used = self._clock()
            self._busy.release()
            if self.is_over:
                self.abort()


class PartialUploads:
    """The uploads that are open, and for a while those that are complete, by their ids."""

    def __init__(
        self, tree: Tree, clock: Callable[[], float] = time.monotonic, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._tree, self._clock, self._idle_seconds = tree, clock, idle_seconds
        self._kept: dict[str, PartialUpload] = {}
        self._mutex = threading.Lock()
        self._timer: threading.Timer | None = None
        """Looks for idle ones while there are any: no request may ever come again."""

    def begin(self, path: str, size: int, guard: Guard) -> PartialUpload:
        """Open an upload. Raises what `Tree.upload` does, and Locked where too many are being sent.

        The remote is not told the size: it could keep one request open until the last byte, through every pause.
        """
        begun = PartialUpload(path, size, self._tree.upload(path, guard=guard), self._clock)
        with self._mutex:
            self._kept[begun.id] = begun
            self._timer = self._timer or self._started_timer()
        if begun in self.prune():
            raise Locked("Too many large files are being sent. Wait a moment and try again.")
        return begun

    def get(self, id: str) -> PartialUpload:
        """An upload that is open or was completed a while ago. Raises NotFound."""
        self.prune()
        with self._mutex:
            upload = self._kept.get(id)
            if upload is None:
                raise NotFound(GONE)
            upload.used = self._clock()
            return upload

    def write(self, id: str, offset: int, blocks: Iterable[bytes]) -> PartialUpload:
        """`PartialUpload.write`; an upload that is over is forgotten. Raises NotFound too."""
        upload = self.get(id)
        try:
            upload.write(offset, blocks)
            return upload
        finally:
            if upload.is_over:
                self._forget(upload)

    def drop(self, id: str) -> PartialUpload:
        """Drop an upload; a file that is complete stays. Raises NotFound."""
        upload = self.get(id)
        self._forget(upload)
        upload.abort()
        return upload

    def paths(self) -> set[str]:
        """Where files will be once they are complete."""
        with self._mutex:
            return {upload.path for upload in self._kept.values() if not upload.entry}

    def close(self) -> None:
        """Drop all of them."""
        with self._mutex:
            dropped = list(self._kept.values())
            self._kept.clear()
            if self._timer:
                self._timer.cancel()
        for upload in dropped:
            upload.abort()

    def prune(self) -> list[PartialUpload]:
        """Drop what has been idle for too long or is too many, and return it. What is being written stays."""
        with self._mutex:
            idle = sorted((each for each in self._kept.values() if not each.is_busy), key=lambda upload: upload.used)
            until = self._clock() - self._idle_seconds
            over = sum(not upload.entry for upload in self._kept.values()) - MOST
            many = [upload for upload in idle if not upload.entry][: max(0, over)]
            dropped = [upload for upload in idle if upload.used < until or upload in many]
            for upload in dropped:
                del self._kept[upload.id]
        for upload in dropped:
            upload.abort()
        return dropped

    def _started_timer(self) -> threading.Timer:
        timer = threading.Timer(self._idle_seconds, self._look)
        timer.daemon = True
        timer.start()
        return timer

    def _look(self) -> None:
        self.prune()
        with self._mutex:
            self._timer = self._started_timer() if self._kept else None

    def _forget(self, upload: PartialUpload) -> None:
        with self._mutex:
            self._kept.pop(upload.id, None)

"""Small copies of album art, made once of one read of the picture, and cached with the files."""

import hashlib
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from davproxy import child, child_limits
from davproxy.contents.cache import Cache
from davproxy.errors import BadInput, Locked
from davproxy.pictures import SIDES, UPLOAD_BYTES
from davproxy.work_dir import work_dir

IN_CHILD = "davproxy.pictures:write_thumbnails"
"""What the child calls."""
SMALL = 100 * 1024
"""A picture of at most this many bytes is shown as it is: to make a copy takes longer."""
AT_ONCE = 2
"""Pictures decoded at the same time."""
MOST_WAITING = 8
"""Requests that wait for copies; the threads of the server are for everybody."""

Stream = Callable[[], AbstractContextManager[Iterator[bytes]]]
"""Opens the bytes of a picture."""


class Thumbnails:
    """Makes copies of every size when the first is asked for. A picture is decoded in a child process with limits."""

    def __init__(self, cache: Cache, temp_dir: Path) -> None:
        self._cache, self._temp_dir = cache, temp_dir
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._making: set[str] = set()
        self._made = threading.Condition()

    def get(self, key: str, size: int, side: int, stream: Stream) -> bytes | None:
        """A JPEG of `side` pixels, one of SIDES, of the picture of `size` bytes that `stream` opens.

        `key` is another one for other bytes. None where the picture itself is as good, or is none that can be used.
        Raises Locked where too many requests wait for copies: send the picture itself.
        """
        if not SMALL < size <= UPLOAD_BYTES:
            return None
        content = self._cache.read(_name(key, side))
        if content is None:
            if not self._room.acquire(blocking=False):
                raise Locked("Many small copies are being made. Try again in a moment.")
            try:
                content = self._make_once(key, stream).get(side) or self._cache.read(_name(key, side))
            finally:
                self._room.release()
        return content or None

    def _make_once(self, key: str, stream: Stream) -> dict[int, bytes]:
        """The copies by their sides; none once another thread has made them."""
        with self._made:
            if key in self._making:
                self._made.wait_for(lambda: key not in self._making)
                return {}
            self._making.add(key)
        try:
            made = self._make(stream)
            for side in SIDES:
                self._cache.put(_name(key, side), made.get(side, b""))  # empty: it is not tried again
            return made
        finally:
            with self._made:
                self._making.discard(key)
                self._made.notify_all()

    def _make(self, stream: Stream) -> dict[int, bytes]:
        with self._turns, work_dir(self._temp_dir, f"thumbnails-{uuid.uuid4().hex}") as folder:
            with (folder / "picture").open("wb") as file, stream() as blocks:
                for block in blocks:
                    file.write(block)
            try:
                child.run(IN_CHILD, {}, limits=child_limits.PICTURE, folder=folder)
            except BadInput:
                return {}
            return {side: (folder / f"{side}.jpg").read_bytes() for side in SIDES}


def _name(key: str, side: int) -> str:
    """The name in the cache."""
    return hashlib.sha1(f"{key}\0{side}".encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()

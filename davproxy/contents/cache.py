"""Contents read from the remote, kept on the transient disk up to a limit; the least recently used go first."""

import contextlib
import errno
import hashlib
import os
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Self

from loguru import logger

from davproxy.model import Entry


def key_of(entry: Entry) -> str:
    """What identifies a file's content: its file id (its path where there is none), etag and size."""
    name = f"{entry.file_id or entry.path}\0{entry.etag}\0{entry.size}"
    return hashlib.sha1(name.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


class Cache:
    """Whole files by content key. What an earlier run left in `folder` is used again. A full disk only means a miss."""

    def __init__(self, folder: Path, limit: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._limit = folder, limit
        self._lock = threading.Lock()
        found = []
        for file in os.scandir(folder):
            if file.name.endswith(".part"):
                Path(file.path).unlink(missing_ok=True)
            else:
                status = file.stat()
                found.append((status.st_atime, file.name, status.st_size))
        self._sizes = OrderedDict((name, size) for _, name, size in sorted(found))
        self._total = sum(self._sizes.values())

    def __contains__(self, key: str) -> bool:
        return key in self._sizes

    def open(self, key: str) -> FileIO | None:
        """The content, if it is kept."""
        with self._lock:
            if key not in self._sizes:
                return None
            self._sizes.move_to_end(key)
        try:
            return (self._folder / key).open("rb", buffering=0)
        except OSError:
            self.drop(key)
            return None

    def read(self, key: str) -> bytes | None:
        """The whole of it."""
        size = self._sizes.get(key, -1)
        file = self.open(key)
        if file is None:
            return None
        with file:
            return file.read(size)

    def put(self, key: str, content: bytes) -> None:
        """Keep a small content."""
        if self.takes(len(content)):
            with self.part(key, len(content)) as part:
                part.write(content)

    def takes(self, size: int) -> bool:
        """Whether a content of this size is worth the room."""
        return size <= self._limit // 4

    def part(self, key: str, size: int) -> "Part":
        """Begin to keep the `size` bytes of a content."""
        return Part(
            self._folder / f"{key}-{uuid.uuid4().hex[:8]}.part", size, lambda part: self._take_in(part, key, size)
        )

    def drop(self, key: str) -> None:
        """Forget a content."""
        with self._lock:
            self._total -= self._sizes.pop(key, 0)
        (self._folder / key).unlink(missing_ok=True)

    def _take_in(self, part: Path, key: str, size: int) -> None:
        part.replace(self._folder / key)
        with self._lock:
            self._total += size - self._sizes.pop(key, 0)
            self._sizes[key] = size
            surplus = []
            while self._total > self._limit and len(self._sizes) > 1:
                name, freed = self._sizes.popitem(last=False)
                self._total -= freed
                surplus.append(name)
        for name in surplus:
            (self._folder / name).unlink(missing_ok=True)


class Part:
    """A content on its way into the cache, kept once it is whole. As far as it has come, any number may read it.

    Where the disk fails, that is logged once and nothing is kept.
    """

    def __init__(self, path: Path, size: int, whole: Callable[[Path], None]) -> None:
        self._path, self._size, self._whole = path, size, whole
        self._file: FileIO | None = None
        self.stored = 0
        """Bytes that can be read."""
        self.broken = False
        """Whether the disk takes no more."""
        with self._failing():
            self._file = path.open("w+b", buffering=0)

    def write(self, block: bytes) -> None:
        """Take the next bytes. With the last ones the content is in the cache."""
        if self.broken or not self._file:
            return
        with self._failing():
            if self._file.write(block) < len(block):
                raise OSError(errno.ENOSPC, "the disk is full")
            if self.stored + len(block) == self._size:
                self._whole(self._path)
            self.stored += len(block)

    def read(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`, at most as many as are stored."""
        return os.pread(self._file.fileno(), min(length, self.stored - start), start) if self._file else b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Drop what is not whole. Nobody may read any more."""
        if self._file:
            self._file.close()
        self._path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            logger.warning("The cache cannot be written: {}", error.strerror)
            self.broken = True

"""Contents of remote files on the transient disk, up to a limit; the least recently used go first."""

import contextlib
import errno
import hashlib
import shutil
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Protocol, Self

from loguru import logger

from davproxy.model import Entry


def key_of(entry: Entry) -> str:
    """The cache key of a file's content: a hash of its file id (its path where there is none), etag and size."""
    name = f"{entry.file_id or entry.path}\0{entry.etag}\0{entry.size}"
    return hashlib.sha1(name.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


MOST_KEPT_FREE = 512 * 1024 * 1024
"""Bytes of the disk that the cache leaves to uploads, the index and jobs; on a small disk a quarter of it."""


class Usage(Protocol):
    """Bytes of a disk, as `shutil.disk_usage` gives them."""

    @property
    def total(self) -> int:
        """All of them."""

    @property
    def free(self) -> int:
        """Those that can be written."""


class Cache:
    """Complete files by content key. Files of an earlier run in `folder` are used.

    On a disk that fills up, the cache shrinks: what others write there goes first. A full disk only means a miss.
    """

    def __init__(self, folder: Path, limit: int, disk: Callable[[Path], Usage] = shutil.disk_usage) -> None:
        """`limit` is the most bytes in `folder`; `disk` gives the bytes of the disk that it is on."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._limit, self._disk = folder, limit, disk
        self._lock = threading.Lock()
        files = []
        for file in folder.iterdir():
            if file.name.endswith(".part"):
                file.unlink(missing_ok=True)
            else:
                status = file.stat()
                files.append((status.st_atime, file.name, status.st_size))
        self._sizes = OrderedDict((name, size) for _, name, size in sorted(files))
        self._total = sum(self._sizes.values())

    @property
    def total(self) -> int:
        """Bytes of all of them."""
        return self._total

    def __contains__(self, key: str) -> bool:
        return key in self._sizes

    def open(self, key: str) -> FileIO | None:
        """The content as an open file; None where it is not cached."""
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
        """The content's bytes; None where it is not cached."""
        size = self._sizes.get(key, -1)
        file = self.open(key)
        if file is None:
            return None
        with file:
            return file.read(size)

    def put(self, key: str, content: bytes) -> None:
        """Cache a small content."""
        if self.accepts(len(content)):
            with self.begin(key, len(content)) as file:
                file.write(content)

    def accepts(self, size: int) -> bool:
        """Whether a content of `size` bytes is cached at all: one above a quarter of the limit is not."""
        return size <= self._limit // 4

    def begin(self, key: str, size: int) -> "PartialFile":
        """Begin to cache a content of `size` bytes."""
        fits = self._make_room(size)
        path = self._folder / f"{key}-{uuid.uuid4().hex[:8]}.part"
        return PartialFile(path, size, complete=lambda: self._add(path, key, size), broken=not fits)

    def drop(self, key: str) -> None:
        """Forget a content."""
        with self._lock:
            self._total -= self._sizes.pop(key, 0)
        _remove(self._folder / key)

    def _add(self, complete: Path, key: str, size: int) -> None:
        try:
            complete.replace(self._folder / key)
        except PermissionError:  # Windows renames no open file
            shutil.copyfile(complete, self._folder / key)
        with self._lock:
            self._total += size - self._sizes.pop(key, 0)
            self._sizes[key] = size
        self._make_room(0)

    def _make_room(self, size: int) -> bool:
        """Remove the files that must go before `size` more bytes come. Returns whether there is room for these then."""
        try:
            disk = self._disk(self._folder)
        except OSError:  # the folder was removed
            missing = 0
        else:
            missing = min(MOST_KEPT_FREE, disk.total // 4) + size - disk.free
        surplus = []
        with self._lock:
            while self._sizes and (missing > 0 or (self._total > self._limit and len(self._sizes) > 1)):
                name, freed = self._sizes.popitem(last=False)
                self._total -= freed
                missing -= freed
                surplus.append(name)
        for name in surplus:
            _remove(self._folder / name)
        return missing <= 0


def _remove(file: Path) -> None:
    with contextlib.suppress(PermissionError):  # Windows removes no open file; the next start counts it again
        file.unlink(missing_ok=True)


class PartialFile:
    """A content that is being written to the cache; it is cached once it is complete. Any number may read it meanwhile.

    An error of the disk is logged once, and nothing is cached.
    """

    def __init__(self, path: Path, size: int, complete: Callable[[], None], *, broken: bool = False) -> None:
        """`complete` is called when all `size` bytes are in the file at `path`; where it is `broken`, none is made."""
        self._path, self._size, self._complete = path, size, complete
        self._file: FileIO | None = None
        self._reader: FileIO | None = None
        self._reading = threading.Lock()
        self.stored = 0
        """Bytes that can be read."""
        self.broken = broken
        """Whether nothing is stored, because the disk is full or failed."""
        if broken:
            return
        with self._catching_disk_errors():
            path.parent.mkdir(parents=True, exist_ok=True)  # it may have been removed meanwhile
            self._file = path.open("wb", buffering=0)
            self._reader = path.open("rb", buffering=0)

    def write(self, block: bytes) -> None:
        """Append the next bytes. With the last ones the content is cached."""
        if self.broken or not self._file:
            return
        with self._catching_disk_errors():
            if self._file.write(block) < len(block):
                raise OSError(errno.ENOSPC, "the disk is full")
            if self.stored + len(block) == self._size:
                self._complete()
            self.stored += len(block)

    def read(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start`, as far as they are stored."""
        if self._reader is None:
            return b""
        with self._reading:
            self._reader.seek(start)
            return self._reader.read(min(length, self.stored - start))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, and remove it where it is incomplete. Nobody may read any more."""
        for file in (self._file, self._reader):
            if file:
                file.close()
        if self._file:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _catching_disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            logger.warning("The cache cannot be written: {}", error.strerror)
            self.broken = True

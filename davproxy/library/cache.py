"""Contents read from the remote, kept on the transient disk up to a limit; the least recently used go first."""

import contextlib
import hashlib
import os
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

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

    def file(self, key: str) -> Path | None:
        """Where the content is, if it is kept. It may vanish later: whoever opens it is ready for that."""
        with self._lock:
            if key not in self._sizes:
                return None
            self._sizes.move_to_end(key)
        return self._folder / key

    def read(self, key: str) -> bytes | None:
        """The content, if it is kept."""
        file = self.file(key)
        try:
            return file.read_bytes() if file else None
        except OSError:
            self.drop(key)
            return None

    def put(self, key: str, content: bytes) -> None:
        """Keep a small content."""
        for _ in self.tee(key, len(content), iter([content])):
            pass

    def tee(self, key: str, size: int, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """`blocks` unchanged, kept as the content of `key` once all `size` bytes have passed.

        It is kept before the last block is handed on: who has all the bytes need not come back for more.
        """
        if size > self._limit // 4:
            yield from blocks
            return
        part = _Part(self._folder / f"{key}-{uuid.uuid4().hex[:8]}.part")
        passed = 0
        try:
            for block in blocks:
                passed += len(block)
                part.write(block)
                if passed == size and part.becomes(self._folder / key):
                    self._account(key, size)
                yield block
        finally:
            part.drop()

    def drop(self, key: str) -> None:
        """Forget a content."""
        with self._lock:
            self._total -= self._sizes.pop(key, 0)
        (self._folder / key).unlink(missing_ok=True)

    def _account(self, key: str, size: int) -> None:
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


class _Part:
    """A file on its way into the cache; a disk that fails is told of once, and then nothing is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        with self._failing():
            self._file = path.open("wb", buffering=0)

    def write(self, block: bytes) -> None:
        with self._failing():
            if self._file:
                self._file.write(block)

    def becomes(self, target: Path) -> bool:
        """Put the whole file in its place; whether that worked."""
        with self._failing():
            if self._file:
                self._file.close()
                self._path.replace(target)
        return self._file is not None

    def drop(self) -> None:
        if self._file:
            self._file.close()
        self._path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            logger.warning("The cache cannot be written: {}", error.strerror)
            self._file = None

"""A write to the local folder: the bytes go to a staged file on the same disk, which is renamed onto the target."""

import os
from collections.abc import Callable
from dataclasses import replace
from io import FileIO
from pathlib import Path

from davproxy.errors import DavproxyError
from davproxy.model import Entry
from davproxy.remote.checks import check_size
from davproxy.remote.checksums import Checksums
from davproxy.remote.local.disk import translate_errors


class FolderUpload:
    """`finish` renames the staged file onto its target, if the guard still holds, and returns the entry."""

    def __init__(
        self, path: str, size: int | None, modified: float | None, staged: Path, finish: Callable[[Path], Entry]
    ) -> None:
        self._path = path
        self._size = size
        self._modified = modified
        self._staged = staged
        self._finish = finish
        self._file = FileIO(str(staged), "x")
        self._written = 0
        self._checksums = Checksums()

    def write(self, block: bytes) -> None:
        self._checksums.update(block)
        with translate_errors(self._path):
            rest = memoryview(block)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._written += len(block)

    def commit(self) -> Entry:
        try:
            check_size(self._path, self._size, self._written, complete=True)
            with translate_errors(self._path):
                os.fsync(self._file.fileno())
                self._file.close()
                if self._modified is not None:
                    os.utime(self._staged, (self._modified, self._modified))
                return replace(self._finish(self._staged), checksums=str(self._checksums))
        except DavproxyError:
            self.abort()
            raise

    def abort(self) -> None:
        self._file.close()
        self._staged.unlink(missing_ok=True)

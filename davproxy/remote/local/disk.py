"""The disk below the local folder: durable renames, copies without links, and OSError translated into our errors."""

import errno
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from uuid import uuid4

from davproxy.errors import (
    AlreadyExists,
    BadPath,
    DavproxyError,
    Forbidden,
    NoSpace,
    NotFound,
    Unavailable,
    WrongKind,
)
from davproxy.paths import name_of
from davproxy.remote.protocol import BLOCK


def read_blocks(path: str, file: FileIO, length: int) -> Iterator[bytes]:
    """The next `length` bytes of `file`, in blocks. Raises Unavailable if the file ends earlier."""
    rest = length
    while rest:
        with translate_errors(path):
            block = file.read(min(BLOCK, rest))
        if not block:
            raise Unavailable(f"“{path}” became shorter while it was read. Try again.")
        rest -= len(block)
        yield block


def child_of(folder: Path, name: str) -> Path:
    """The child of `folder` called `name` in NFC, whichever Unicode normal form the disk stores."""
    child = folder / name
    if name.isascii() or os.path.lexists(child) or not folder.is_dir():
        return child
    for other in folder.iterdir():
        if unicodedata.normalize("NFC", other.name) == name:
            return other
    return child


def rename(source: Path, target: Path) -> None:
    """Rename durably."""
    replace(source, target)
    for folder in {source.parent, target.parent}:
        sync_folder(folder)


def replace(source: Path, target: Path) -> None:
    """Rename. Between file systems (a mount inside the library), copy first and rename the copy."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        staged = target.with_name(f".{uuid4().hex}")
        try:
            copy(source, staged)
            staged.replace(target)
        finally:
            remove(staged)
        remove(source)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in `folder` as they are now."""
    if sys.platform == "win32":
        return  # folders cannot be synced there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy(source: Path, target: Path) -> None:
    """Copy a file or folder with its times; links are left out."""
    if not source.is_dir():
        shutil.copy2(source, target, follow_symlinks=False)
        return

    def links(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if (Path(folder) / name).is_symlink()]

    shutil.copytree(source, target, ignore=links)


def remove(file: Path) -> None:
    """Remove a file or folder permanently; no error if it is gone."""
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    else:
        file.unlink(missing_ok=True)


def remove_older(folder: Path, moment: float) -> None:
    """Remove the children of `folder` that were put there before `moment`, in Unix seconds."""
    for child in folder.iterdir():
        with suppress(FileNotFoundError):
            if child.lstat().st_ctime < moment:
                remove(child)


_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_BAD_NAME = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ELOOP}
_WRONG_KIND = {errno.ENOTDIR, errno.EISDIR}


@contextmanager
def translate_errors(path: str) -> Iterator[None]:
    """Raise an OSError of the body as the error of ours that it means for the tree path `path`."""
    try:
        yield
    except shutil.Error as error:  # copytree collects the errors of the files below
        raise Unavailable(f"“{path}” could not be copied as a whole; nothing was changed.") from error
    except OSError as error:
        raise _error_for(path, error) from error


def _error_for(path: str, error: OSError) -> DavproxyError:
    match error.errno:
        case errno.ENOENT:
            return NotFound(f"There is no “{path}” any more.")
        case errno.EEXIST | errno.ENOTEMPTY:
            return AlreadyExists(f"“{path}” exists already.")
        case code if code in _WRONG_KIND:
            return WrongKind(f"“{path}”: a file stands where a folder should be, or a folder where a file should be.")
        case code if code in _NO_SPACE:
            return NoSpace(f"There is no room on the disk for “{path}”. Free some space and try again.")
        case code if code in _REFUSED:
            return Forbidden(
                f"The system does not let us at “{path}”. Give the program access to the library's folder."
            )
        case code if code in _BAD_NAME:
            return BadPath(f"The disk cannot hold the name “{name_of(path)}”. Choose another one.")
    return Unavailable(f"The disk failed at “{path}”: {error.strerror}.")

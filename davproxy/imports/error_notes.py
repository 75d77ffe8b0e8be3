"""Step: what failed is told beside the input, in `NAME.error.txt`, and not tried again until the input changes."""

import hashlib

from loguru import logger

from davproxy import paths
from davproxy.errors import DavproxyError, NotFound
from davproxy.library import Library

ERROR = ".error.txt"
OPTIONS = ".options.json"
_VERSION = "Version: "


def is_ours(path: str) -> bool:
    """Whether the file at `path` is one that the imports writes beside an input."""
    return path.endswith((ERROR, OPTIONS))


def version_of(library: Library, path: str) -> str:
    """What changes when the file or folder at `path`, or anything in it, does. Raises NotFound."""
    entry = library.tree.stat(path)
    entries = library.tree.below(path) if entry.is_folder else [entry]
    told = "\n".join(f"{each.path} {each.size} {each.etag}" for each in entries if not each.is_folder)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def write(library: Library, path: str, message: str, version: str) -> None:
    """Say beside `path` why it failed. Where even that fails, the job still tells."""
    text = f"{paths.name_of(path)}\n\n{message}\n\nWhen this is mended, put the file here again, or delete this text.\n"
    try:
        library.tree.write(path + ERROR, f"{text}\n{_VERSION}{version}\n".encode())
    except DavproxyError as error:
        logger.warning("No error text could be written beside {}: {}", path, error.message)


def clear(library: Library, path: str) -> None:
    """Take away what stands beside the input that was at `path`. What cannot be taken away is only a leftover."""
    for beside in (path + ERROR, path + OPTIONS):
        if library.tree.find(beside) is not None:
            try:
                library.tree.delete(beside)
            except DavproxyError as error:
                logger.warning("{} is left: {}", beside, error.message)


def failed_before(library: Library, path: str) -> bool:
    """Whether the input at `path`, as it is now, failed already. Raises NotFound where there is no input."""
    version = version_of(library, path)
    try:
        told = library.tree.read(path + ERROR)
    except NotFound:
        return False
    return f"{_VERSION}{version}".encode() in told

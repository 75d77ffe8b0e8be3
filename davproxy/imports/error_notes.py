"""Step: a source that fails gets an error note, `NAME.error.txt` beside it, and is not tried again until it changes."""

import hashlib

from loguru import logger

from davproxy import paths
from davproxy.errors import DavproxyError, NotFound
from davproxy.library import Library

ERROR = ".error.txt"
OPTIONS = ".options.json"
_VERSION = "Version: "


def is_ours(path: str) -> bool:
    """Whether the file at `path` is an error note or the options of audio, and so no source."""
    return path.endswith((ERROR, OPTIONS))


def fingerprint(library: Library, path: str) -> str:
    """A text that changes with the file or folder at `path` and with everything in it. Raises NotFound."""
    entry = library.tree.stat(path)
    entries = library.tree.below(path) if entry.is_folder else [entry]
    listing = "\n".join(f"{each.path} {each.size} {each.etag}" for each in entries if not each.is_folder)
    return hashlib.sha256(listing.encode()).hexdigest()[:16]


def write(library: Library, path: str, message: str, fingerprint: str) -> None:
    """Write the error note of the source at `path`. If that fails, only the job has the message."""
    text = f"{paths.name_of(path)}\n\n{message}\n\nWhen this is fixed, put the file here again, or delete this text.\n"
    try:
        library.tree.write(path + ERROR, f"{text}\n{_VERSION}{fingerprint}\n".encode())
    except DavproxyError as error:
        logger.warning("No error text could be written beside {}: {}", path, error.message)


def clear(library: Library, path: str) -> None:
    """Delete the error note and the options of the source at `path`. A failure is only logged."""
    for beside in (path + ERROR, path + OPTIONS):
        if library.tree.find(beside) is not None:
            try:
                library.tree.delete(beside)
            except DavproxyError as error:
                logger.warning("{} is left: {}", beside, error.message)


def failed_before(library: Library, path: str) -> bool:
    """Whether the source at `path`, as it is now, has an error note. Raises NotFound if there is no source."""
    current = fingerprint(library, path)
    try:
        note = library.tree.read(path + ERROR)
    except NotFound:
        return False
    return f"{_VERSION}{current}".encode() in note

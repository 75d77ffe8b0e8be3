"""Files of players on the remote, read into the index: scores, lists and tags.

What a file says belongs to its etag. So it is read again after a change, whoever made it, and after the index was made
again; a file that cannot be read leaves what the former one said.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from loguru import logger

from davproxy import paths
from davproxy.errors import BadInput, DavproxyError, NotFound
from davproxy.library import Library
from davproxy.model import Change

FOLDERS = (paths.SCORES, paths.SETLISTS)
RETRY_SECONDS = 30.0
"""Until a remote that could not be read is asked again."""
WAIT_SECONDS = 1.0
"""How long a request waits for a refresh under way, which may read a large file."""
_NEVER = ("never read", "")
CUT_SHORT = "Reading this file was cut short twice. Store it again to have it read."


@dataclass(frozen=True, slots=True)
class PlayerFile:
    """A file at `path`, or several that belong together, with an `etag` that changes with any of them.

    `store` reads them and writes what they say into the index. It raises BadInput for what cannot be read.
    """

    path: str
    etag: str
    store: Callable[[], None]


class PlayerFiles:
    """Keeps the index up to date with the files. `found` gives those that are there now."""

    def __init__(self, library: Library, found: Callable[[], Iterable[PlayerFile]]) -> None:
        self._library, self._found = library, found
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._changed.set()
        self._retry_at = math.inf
        library.subscribe(self._note)

    def refresh(self, *, wait: bool = False) -> None:
        """Read the files that changed. Costs nothing where none changed.

        With `wait`, what is read now is that of all changes until now; else nothing is read before the tree is listed
        once, and a refresh under way is waited for only for WAIT_SECONDS.
        """
        updates = self._library.updates
        if not (updates.wait_until_listed() if wait else updates.complete):
            return  # to list a folder waits for that, and so would the sync that does it
        if not wait and not self._is_stale():
            return
        if not self._lock.acquire(timeout=-1 if wait else WAIT_SECONDS):
            return
        try:
            if self._is_stale():
                self._changed.clear()
                self._retry_at = math.inf
                if not self._refresh():
                    self._retry_at = time.monotonic() + RETRY_SECONDS
        finally:
            self._lock.release()

    def problem(self, path: str) -> str:
        """Why the file at `path` could not be read; empty where it could."""
        return self._library.marks.read_files(paths.parent_of(path)).get(path, ("", ""))[1]

    def _note(self, change: Change) -> None:
        if any(paths.top_of(path) in FOLDERS for path in (change.path, change.target) if path):
            self._changed.set()

    def _is_stale(self) -> bool:
        return self._changed.is_set() or time.monotonic() >= self._retry_at

    def _refresh(self) -> bool:
        """Read the files that changed. Returns whether none is left that the remote did not give."""
        marks, whole = self._library.marks, True
        former = {path: read for folder in FOLDERS for path, read in marks.read_files(folder).items()}
        try:
            for file in self._found():
                known = former.pop(file.path, _NEVER)
                whole = (known[0] == file.etag or self._read(file, known)) and whole
        except DavproxyError as error:
            logger.warning("The files of players cannot be listed: {}", error.message)
            return False
        for path in former:
            marks.forget(path)
        return whole

    def _read(self, file: PlayerFile, known: tuple[str, str]) -> bool:
        """Read a file. Returns whether that is done; `known` is the former etag and problem."""
        marks, begun = self._library.marks, f"{file.etag} begun"
        # Whoever reads it after a crash says so first: one that ends the program is not read for a third time.
        marks.note_read(file.path, file.etag if known[0] == begun else begun, CUT_SHORT)
        problem = ""
        try:
            file.store()
        except BadInput as error:
            problem = error.message
        except NotFound:
            marks.note_read(file.path, *known)
            return True  # it is gone meanwhile, and the next change says so
        except DavproxyError as error:
            logger.warning("“{}” cannot be read: {}", file.path, error.message)
            marks.note_read(file.path, *known)
            return False
        except (ArithmeticError, LookupError, TypeError, ValueError):  # what a reader did not expect
            logger.exception("“{}” cannot be read", file.path)
            problem = "This file cannot be read. The log has the reason."
        marks.note_read(file.path, file.etag, problem)
        return True

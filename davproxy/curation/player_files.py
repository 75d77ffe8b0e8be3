"""Files of players on the remote, read into the index: scores, lists and tags.

The index stores the etag with the content of a file. So a file is read again after any change and after the index was
rebuilt; a file that cannot be read leaves the former content.
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
"""Time until a remote that could not be read is asked again."""
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
    """Keeps the index up to date with the files. `list_files` returns those that exist now."""

    def __init__(self, library: Library, list_files: Callable[[], Iterable[PlayerFile]]) -> None:
        self._library, self._list_files = library, list_files
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._changed.set()
        self._retry_at = math.inf
        library.subscribe(self._note)

    def refresh(self, *, wait: bool = False) -> None:
        """Read the files that changed. Free where none changed.

        With `wait`, it waits until all changes so far are read. Without, it reads nothing before the tree was listed
        once, and waits at most WAIT_SECONDS for a refresh that runs.
        """
        updates = self._library.updates
        if not (updates.wait_until_listed() if wait else updates.complete):
            return  # listing a folder waits for the sync, which calls this
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
        """Read the files that changed. Returns whether the remote returned all of them."""
        marks, whole = self._library.marks, True
        former = {path: read for folder in FOLDERS for path, read in marks.read_files(folder).items()}
        try:
            for file in self._list_files():
                known = former.pop(file.path, _NEVER)
                whole = (known[0] == file.etag or self._read(file, known)) and whole
        except DavproxyError as error:
            logger.warning("The files of players cannot be listed: {}", error.message)
            return False
        for path in former:
            marks.forget(path)
        return whole

    def _read(self, file: PlayerFile, known: tuple[str, str]) -> bool:
        """Read a file. Returns whether the remote returned it; `known` is the former etag and problem."""
        marks, begun = self._library.marks, f"{file.etag} begun"
        # A mark before reading: a file that crashes the program is not read a third time.
        marks.note_read(file.path, file.etag if known[0] == begun else begun, CUT_SHORT)
        problem = ""
        try:
            file.store()
        except BadInput as error:
            problem = error.message
        except NotFound:
            marks.note_read(file.path, *known)
            return True  # deleted meanwhile; the next change removes it
        except DavproxyError as error:
            logger.warning("“{}” cannot be read: {}", file.path, error.message)
            marks.note_read(file.path, *known)
            return False
        except (ArithmeticError, LookupError, TypeError, ValueError):  # what a reader did not expect
            logger.exception("“{}” cannot be read", file.path)
            problem = "This file cannot be read. The log has the reason."
        marks.note_read(file.path, file.etag, problem)
        return True

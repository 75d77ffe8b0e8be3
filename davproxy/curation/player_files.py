"""Files of players on the remote, read into the index: scores, lists and tags.

What a file says belongs to its etag. So it is read again after a change, whoever made it, and after the index was made
again; a file that cannot be read leaves what the former one said.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from davproxy import paths
from davproxy.errors import BadInput, DavproxyError, NotFound
from davproxy.library import Library
from davproxy.model import Change

FOLDERS = (paths.SCORES, paths.SETLISTS)
RETRY_SECONDS = 30.0
"""Until a remote that could not be read is asked again."""


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
        self._stale_since: float | None = 0.0
        library.subscribe(self._note)

    def refresh(self) -> None:
        """Read the files that changed: none before the tree is listed once. Costs nothing where none changed."""
        if not self._library.updates.complete:
            return  # to list a folder waits for that, and so would the sync that does it
        if self._stale_since is None or time.monotonic() < self._stale_since:
            return
        with self._lock:
            self._stale_since = None
            try:
                self._refresh()
            except DavproxyError:
                self._stale_since = time.monotonic() + RETRY_SECONDS

    def problem(self, path: str) -> str:
        """Why the file at `path` could not be read; empty where it could."""
        return self._library.marks.read_files(paths.parent_of(path)).get(path, ("", ""))[1]

    def _note(self, change: Change) -> None:
        if any(paths.top_of(path) in FOLDERS for path in (change.path, change.target) if path):
            self._stale_since = 0.0

    def _refresh(self) -> None:
        marks = self._library.marks
        former = {path: etag for folder in FOLDERS for path, (etag, _) in marks.read_files(folder).items()}
        for file in self._found():
            if former.pop(file.path, None) == file.etag:
                continue
            problem = ""
            try:
                file.store()
            except BadInput as error:
                problem = error.message
            except NotFound:
                continue  # it is gone meanwhile, and the next change says so
            marks.note_read(file.path, file.etag, problem)
        for path in former:
            marks.forget(path)

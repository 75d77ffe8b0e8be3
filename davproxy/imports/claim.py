"""Step: a source is claimed before anything of it goes into the library, so that of several instances only one adds it.

The instance that has the library's turn checks that the source is still there, adds its songs, and removes the source
before the next instance gets the turn.
"""

from contextlib import ExitStack
from typing import Self

from davproxy.errors import Conflict, DavproxyError, NotFound
from davproxy.imports import error_notes
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.library.unlisted_etags import as_listed
from davproxy.model import Entry

ELSEWHERE = "Another instance imported it."


class Changed(Conflict):
    """The source is another file by now."""

    def __init__(self) -> None:
        super().__init__("The file changed while it was read. It is looked at again.")


class Superseded(DavproxyError):
    """Another instance has imported the source, or found out why it cannot be."""


class Claim:
    """The claim of a job on its source, as a context: `take` it before anything is added; it lasts to the end."""

    def __init__(self, run: Run, library: Library, source: Entry) -> None:
        self.library, self.source = library, source
        self._run = run
        self._note = self._error_note()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def take(self) -> None:
        """Wait until no other job adds anything. Raises Superseded, Changed."""
        tree, path = self.library.tree, self.source.path
        self._open.enter_context(self.library.turn.hold(self._run.check))
        tree.refresh(path)
        tree.refresh(path + error_notes.ERROR)
        try:
            now = tree.stat(path)
        except NotFound:
            raise Superseded(ELSEWHERE) from None
        if not now.is_folder and now.etag != as_listed(self.source).etag:
            raise Changed
        if self._error_note() != self._note and error_notes.failed_before(self.library, path):
            raise Superseded(ELSEWHERE)

    def keep(self) -> None:
        """Keep the claim while much is added. Raises Unavailable where it is lost."""
        self.library.turn.keep()

    def _error_note(self) -> str:
        """The etag of the source's error note; empty where there is none."""
        note = self.library.tree.find(self.source.path + error_notes.ERROR)
        return note.etag if note else ""

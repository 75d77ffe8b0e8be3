"""Step: the source is removed once its songs are in the library. If some failed, it stays, with an error note."""

from contextlib import suppress

from davproxy.errors import Conflict, NotFound
from davproxy.imports import error_notes
from davproxy.imports.outcome import Outcome
from davproxy.library import Library
from davproxy.model import Entry, Guard


def finish(library: Library, source: Entry, outcome: Outcome) -> str:
    """Remove the source file, unless songs in it failed or it changed since `source` was looked up.

    Returns its key in the trash bin; empty where it was not removed, or there is none.
    """
    if outcome.failed:
        fingerprint = error_notes.fingerprint(library, source.path)
        error_notes.write(library, source.path, outcome.failures(), fingerprint)
        return ""
    key = None
    with suppress(NotFound, Conflict):
        key = library.tree.delete(source.path, guard=Guard(etag=source.etag))
    error_notes.clear(library, source.path)
    return key or ""

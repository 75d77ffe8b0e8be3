"""Step: lyrics beside the audio in /Generate, which arrive before it, with it, or while it is charted."""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from davproxy import paths
from davproxy.errors import Conflict, NotFound
from davproxy.formats import lrc
from davproxy.imports import error_notes
from davproxy.imports.fetch import fetch
from davproxy.library import Library
from davproxy.model import Entry, Guard

ALONE = (
    "These are lyrics, and their recording is not here. Put it here too, under the same name: they become part of its "
    "chart when that is made."
)


class LyricsBeside:
    """The lyrics beside one audio file in /Generate; those in a folder or archive are among its files. `audio` are the
    extensions of recordings."""

    def __init__(self, library: Library, source: Entry, audio: Collection[str]) -> None:
        self._library, self._source = library, source
        self._is_audio = not source.is_folder and _extension(source.path) in audio
        self._used: Entry | None = None

    def fetch(self, folder: Path) -> None:
        """Copy the lyrics into `folder`, where the audio is, if there are any."""
        self._used = self._find()
        if self._used is not None:
            fetch(self._library, self._used, folder / paths.name_of(self._used.path), lambda _progress: None)

    def have_changed(self) -> bool:
        """Whether others are there than those that were fetched."""
        now = self._find()
        return (now and (now.path, now.etag)) != (self._used and (self._used.path, self._used.etag))

    def remove(self, used: Collection[str]) -> None:
        """Delete the lyrics, if they are among the names of files that were `used`."""
        if self._used is not None and paths.name_of(self._used.path) in used:
            with suppress(NotFound, Conflict):
                self._library.tree.delete(self._used.path, guard=Guard(etag=self._used.etag))

    def _find(self) -> Entry | None:
        if not self._is_audio:
            return None
        around = self._library.tree.children(paths.parent_of(self._source.path))
        files = {entry.path: entry for entry in around if not entry.is_folder and entry.size <= lrc.MAX_BYTES}
        return files.get(lrc.beside([self._source.path], files, alone=False))


def say_if_alone(library: Library, path: str, audio: Collection[str]) -> None:
    """Write an error note beside the lyrics at `path`, if there is no recording of their name; `audio` are the
    extensions of recordings."""
    around = library.tree.children(paths.parent_of(path))
    recordings = [entry.path for entry in around if _extension(entry.path) in audio]
    if not any(lrc.beside([each], [path], alone=False) for each in recordings):
        with suppress(NotFound):
            if not error_notes.failed_before(library, path):
                error_notes.write(library, path, ALONE, error_notes.fingerprint(library, path))


def _extension(path: str) -> str:
    return path.rpartition(".")[2].lower()

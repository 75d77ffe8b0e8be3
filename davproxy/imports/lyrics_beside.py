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
from davproxy.library.unlisted_etags import as_listed
from davproxy.model import Entry, Guard

ALONE = (
    "These are lyrics, and their recording is not here. Put it here too, under the same name: they become part of its "
    "chart when that is made."
)


class LyricsBeside:
    """The lyrics of a source in /Generate: beside an audio file, or in a folder, whose files are fetched with it; those
    in an archive change only with it. `audio` are the extensions of recordings."""

    def __init__(self, library: Library, source: Entry, audio: Collection[str]) -> None:
        self._library, self._source = library, source
        self._is_audio = not source.is_folder and _extension(source.path) in audio
        self._used = self._find()

    def fetch(self, folder: Path) -> None:
        """Copy the lyrics beside an audio file into `folder`, where the audio is, if there are any."""
        if not self._is_audio:
            return
        self._used = self._find()
        for name, entry in self._used.copy().items():
            try:
                fetch(self._library, entry, folder / name, lambda _progress: None)
                error_notes.clear(self._library, entry.path)  # that they are alone
            except NotFound:  # deleted elsewhere; the audio can do without
                self._library.tree.refresh(entry.path)
                (folder / name).unlink(missing_ok=True)
                del self._used[name]

    def changed(self) -> set[str]:
        """The names of lyrics that came, went or changed since, in the folder of a source or beside it."""
        before, now = (
            {(name, as_listed(entry).etag) for name, entry in found.items()} for found in (self._used, self._find())
        )
        return {name for name, _ in before ^ now}

    def remove(self, used: Collection[str]) -> None:
        """Delete the lyrics beside an audio file, if they are among the names of files that were `used`."""
        if not self._is_audio:
            return
        for name, entry in self._used.items():
            if name in used:
                with suppress(NotFound, Conflict):
                    self._library.tree.delete(entry.path, guard=Guard(etag=as_listed(entry).etag))

    def _find(self) -> dict[str, Entry]:
        """The lyrics by name: those beside an audio file, or all texts below a folder that may be lyrics."""
        if self._source.is_folder:
            below = self._library.tree.files_ending(self._source.path, [f".{lrc.EXTENSION}", f".{lrc.PLAIN}"])
            texts = [entry for entry in below if not error_notes.is_ours(entry.path)]
            return {entry.path[len(self._source.path) + 1 :]: entry for entry in texts}
        if not self._is_audio:
            return {}
        around = self._library.tree.children(paths.parent_of(self._source.path))
        files = {entry.path: entry for entry in around if not entry.is_folder and entry.size <= lrc.MAX_BYTES}
        found = files.get(lrc.beside([self._source.path], files, alone=False))
        return {paths.name_of(found.path): found} if found else {}


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

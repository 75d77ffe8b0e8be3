"""Step: recognise the sources among the entries of the tree, which are the files and folders that a job is for."""

from collections.abc import Iterator

from davproxy import paths
from davproxy.formats import identify, lrc
from davproxy.formats.identify import FileKind
from davproxy.imports import error_notes
from davproxy.imports.import_content import FOLDERS as CONTENT_FOLDERS
from davproxy.imports.import_folder import files_below
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings

_UNFINISHED = ("part", "partial", "filepart", "crdownload", "download", "tmp", "temp", "opdownload")
"""Extensions of files that a browser or another program still writes."""


class Sources:
    """Which entries of the library are sources. Decides by path and index; reads no file."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._library = library
        self._archives, self._audio = settings.archive_extensions, settings.audio_extensions

    def candidates(self) -> Iterator[Entry]:
        """The entries that may be sources. In the largest folders these are only files named like archives."""
        for top in (*CONTENT_FOLDERS, paths.SONGS):
            yield from self._library.tree.files_ending(top, _endings(self._archives))
        for top in (paths.DROP, paths.GENERATE):
            yield from self._library.tree.below(top)

    def may_be_in_one(self, path: str) -> bool:
        """Whether a file at `path` may be a source or in one, without a look at the index."""
        return paths.top_of(path) in (paths.DROP, paths.GENERATE) or path.rpartition(".")[2].lower() in self._archives

    def is_source(self, entry: Entry) -> bool:
        """Whether `entry` is a file that is a source by itself."""
        path, top = entry.path, paths.top_of(entry.path)
        if entry.is_folder or not entry.size or _is_ignored(path):
            return False
        extension = path.rpartition(".")[2].lower()
        at_top = paths.parent_of(path) == top
        if top == paths.DROP and at_top:
            return extension not in _UNFINISHED  # whatever its name; the first bytes show what it is
        if top == paths.GENERATE and at_top and extension in self._audio:
            return True
        if extension not in self._archives or extension == "sng":
            return False
        if top == paths.SONGS:
            return self._library.songs.of(path) is None
        return top in (paths.GENERATE, *CONTENT_FOLDERS)

    def is_lyrics(self, entry: Entry) -> bool:
        """Whether `entry` is a file of lyrics directly in /Generate, which waits for its audio."""
        at_top = paths.parent_of(entry.path) == paths.GENERATE
        is_named = entry.path.lower().endswith(f".{lrc.EXTENSION}") and not _is_ignored(entry.path)
        return at_top and not entry.is_folder and is_named

    def folder_of(self, entry: Entry) -> str | None:
        """The folder directly in /Drop or /Generate that is or contains `entry`; the whole folder may be a source."""
        top = paths.top_of(entry.path)
        if top not in (paths.DROP, paths.GENERATE) or _is_ignored(entry.path):
            return None
        if not entry.is_folder and paths.parent_of(entry.path) == top:
            return None
        return "/".join(entry.path.split("/")[:3])

    def is_source_folder(self, path: str) -> bool:
        """Whether the folder at `path` holds audio to chart, or in /Drop any file."""
        if paths.top_of(path) == paths.GENERATE:
            return bool(self._library.tree.files_ending(path, _endings(self._audio)))
        return bool(files_below(self._library, path))

    def is_complete(self, path: str) -> bool:
        """Whether the folder at `path` has all that songs need, so that nothing more need come."""
        if paths.top_of(path) == paths.GENERATE:
            return True
        kinds: dict[str, set[FileKind]] = {}
        for name, entry in files_below(self._library, path).items():
            if name.rpartition(".")[2].lower() in self._archives:
                return True
            if entry.size:
                kinds.setdefault(paths.parent_of(entry.path), set()).add(identify.file_kind(paths.name_of(name)))
        return any({FileKind.NOTES, FileKind.AUDIO} <= there for there in kinds.values())


def _is_ignored(path: str) -> bool:
    return paths.is_junk(paths.name_of(path)) or error_notes.is_ours(path)


def _endings(extensions: tuple[str, ...]) -> list[str]:
    return [f".{extension}" for extension in extensions]

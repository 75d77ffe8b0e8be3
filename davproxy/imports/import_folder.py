"""The job for song folders that were put into /Drop: each is moved to its destination on the remote itself."""

from collections.abc import Mapping
from typing import Any

from davproxy import paths
from davproxy.errors import BadInput
from davproxy.formats import identify
from davproxy.formats.identify import FileKind
from davproxy.imports import error_notes
from davproxy.imports.add_songs import move_song
from davproxy.imports.destinations import Destinations
from davproxy.imports.find_songs import check_size, describe_folder, names_in_song
from davproxy.imports.finish import keep
from davproxy.imports.outcome import Outcome
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry


def complete_songs(library: Library, folder: str) -> list[str]:
    """The paths of the song folders at or below `folder` that can be played: they have notes and audio."""
    kinds: dict[str, set[FileKind]] = {}
    for entry in library.tree.below(folder):
        if not entry.is_folder:
            kinds.setdefault(paths.parent_of(entry.path), set()).add(identify.file_kind(paths.name_of(entry.path)))
    return sorted(path for path, there in kinds.items() if {FileKind.NOTES, FileKind.AUDIO} <= there)


def import_folder(run: Run, source: Entry, library: Library) -> Mapping[str, Any]:
    """Import the songs in the folder at `source`, and delete the folder once it is empty. Returns the job's result."""
    outcome = Outcome()
    destinations = Destinations(library)
    complete = complete_songs(library, source.path)
    songs = [path for path in complete if not any(paths.is_below(path, outer) for outer in complete)]
    for number, path in enumerate(songs):
        run.report("moving", number / len(songs))
        try:
            _import_song(path, destinations, library, outcome)
        except BadInput as error:
            outcome.failed.append((path, error.message))
    outcome.check_found()
    left = [entry for entry in library.tree.below(source.path) if not entry.is_folder]
    outcome.skipped = [(entry.path, "It belongs to no song.") for entry in left]
    library.imported_folders.record({song.found_at: path for path, song in (*outcome.songs, *outcome.duplicates)})
    if outcome.failed:
        keep(library, source, outcome)
    else:
        if not left and library.tree.find(source.path):
            library.tree.delete(source.path)
        error_notes.clear(library, source.path)
    return outcome.as_json(library)


def _import_song(path: str, destinations: Destinations, library: Library, outcome: Outcome) -> None:
    """Move the song folder at `path` to its destination; delete it if the library has the song already."""

    def read(path: str) -> bytes:
        check_size(paths.name_of(path), library.tree.stat(path).size)
        return library.tree.read(path)

    files = {paths.name_of(entry.path): entry.path for entry in library.tree.children(path) if not entry.is_folder}
    for name, present in names_in_song(files).items():
        if name != present:
            library.tree.move(files.pop(present), paths.join(path, name))
            files[name] = paths.join(path, name)
    if not move_song(describe_folder(files, path, read), path, destinations, library, outcome):
        library.tree.delete(path)

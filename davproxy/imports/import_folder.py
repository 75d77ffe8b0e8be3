"""The job for song folders that were put into /Drop as they are: each is moved to its place on the remote itself."""

from collections.abc import Mapping
from typing import Any

from davproxy import paths
from davproxy.errors import AlreadyExists, BadInput, Conflict
from davproxy.formats import identify, song_ini
from davproxy.formats.identify import FileKind
from davproxy.imports import error_notes
from davproxy.imports.destinations import Places
from davproxy.imports.find_songs import LARGEST, FoundSong, describe, names_in_song
from davproxy.imports.outcome import Outcome
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry


def complete_songs(library: Library, folder: str) -> list[str]:
    """The song folders at or below `folder` that can be played: they have notes and audio."""
    names: dict[str, set[FileKind]] = {}
    for entry in library.tree.below(folder):
        if not entry.is_folder:
            names.setdefault(paths.parent_of(entry.path), set()).add(identify.file_kind(paths.name_of(entry.path)))
    return sorted(place for place, kinds in names.items() if {FileKind.NOTES, FileKind.AUDIO} <= kinds)


def import_folder(run: Run, source: Entry, library: Library) -> Mapping[str, Any]:
    """Take in the songs in the folder at `source`; the folder goes when nothing is left in it."""
    outcome = Outcome()
    places = Places(library)
    songs = complete_songs(library, source.path)
    songs = [place for place in songs if not any(paths.is_below(place, outer) for outer in songs)]
    for number, place in enumerate(songs):
        run.report("moving", number / len(songs))
        try:
            _take(place, library, places, outcome)
        except BadInput as error:
            outcome.broken.append((place, error.message))
    outcome.refuse_nothing()
    left = [entry for entry in library.tree.below(source.path) if not entry.is_folder]
    outcome.others = [(entry.path, "It belongs to no song.") for entry in left]
    if outcome.broken:
        error_notes.write(library, source.path, outcome.left_out(), error_notes.version_of(library, source.path))
    else:
        if not left and library.tree.find(source.path):
            library.tree.delete(source.path)
        error_notes.clear(library, source.path)
    return outcome.as_json(library)


def _take(place: str, library: Library, places: Places, outcome: Outcome) -> None:
    files = {paths.name_of(entry.path): entry.path for entry in library.tree.children(place) if not entry.is_folder}
    for name, given in names_in_song(files).items():
        if name != given:
            library.tree.move(files.pop(given), paths.join(place, name))
            files[name] = paths.join(place, name)
    song = _describe(place, files, library)
    same = places.same_as(song)
    if same is None:
        target = places.give(song)
        library.tree.make_folder(paths.parent_of(target))
        try:
            library.tree.move(place, target)
            outcome.songs.append((target, song))
            return
        except (AlreadyExists, Conflict):
            library.tree.refresh(target)
            same = target
    library.tree.delete(place)
    outcome.duplicates.append((same, song))


def _describe(place: str, files: Mapping[str, str], library: Library) -> FoundSong:
    notes = identify.notes_file(files)
    assert notes is not None  # complete_songs saw to it
    ini = files.get(identify.INI_NAME)
    pairs = song_ini.pairs_of(_content(ini, library) if ini else None)
    return describe(files, pairs, _content(files[notes], library), place)


def _content(path: str, library: Library) -> bytes:
    if library.tree.stat(path).size > LARGEST:
        raise BadInput(f"Its {paths.name_of(path)} is larger than any song's, so it is no song.")
    return library.tree.read(path)

"""The job for a folder that was put into /Drop: its songs and archives go into the library, and what is left is named.

A song that is a folder already is moved to its destination on the remote itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from davproxy import paths
from davproxy.errors import BadInput, Conflict, NotFound, TooLarge
from davproxy.formats import identify
from davproxy.imports import error_notes
from davproxy.imports.add_songs import move_song
from davproxy.imports.claim import Claim, Superseded
from davproxy.imports.find_songs import FoundSong, find_songs
from davproxy.imports.import_archive import take_archive
from davproxy.imports.known_songs import KnownSongs, package_on_remote
from davproxy.imports.outcome import Outcome
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry, Guard
from davproxy.settings import Settings
from davproxy.work_dir import work_dir


def import_folder(run: Run, source: Entry, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Import what is in the folder at `source`, and delete the folder once it is empty. Returns the job's result."""
    outcome = Outcome()
    entries = files_below(library, source.path)
    found = find_songs(
        {path: entry.size for path, entry in entries.items()},
        lambda path: library.tree.read(entries[path].path),
        paths.name_of(source.path),
    )
    outcome.failed += found.failed
    known = KnownSongs(run, settings, library, outcome)
    if found.songs:
        with Claim(run, library, source) as claim:
            claim.take()
            _import_songs(run, found.songs, claim, known)
            known.note_versions()
    library.imported_folders.record(
        {_folder_of(song, source.path): path for path, song in (*outcome.songs, *outcome.duplicates)}
    )
    for path, reason in found.skipped:
        if _is_archive(library, entries[path]):
            _import_archive(run, path, entries[path], settings, library, outcome)
        else:
            outcome.skipped.append((path, reason))
    outcome.check_found()
    _finish(library, source, outcome)
    return outcome.as_json(library)


def files_below(library: Library, folder: str) -> dict[str, Entry]:
    """The files at any depth below `folder` by relative path, without junk, error notes and options."""
    return {
        entry.path[len(folder) + 1 :]: entry
        for entry in library.tree.below(folder)
        if not (entry.is_folder or paths.is_junk(paths.name_of(entry.path)) or error_notes.is_ours(entry.path))
    }


def _import_songs(run: Run, songs: Sequence[FoundSong], claim: Claim, known: KnownSongs) -> None:
    for number, song in enumerate(songs):
        run.report("moving", 0.5 * number / len(songs))
        claim.keep()
        try:
            _import_song(song, claim.source.path, known)
        except BadInput as error:
            known.outcome.failed.append((song.found_at, error.message))


def _import_song(song: FoundSong, folder: str, known: KnownSongs) -> None:
    """Move the song found below `folder` to its destination.

    If the library has the song already, it is improved by what the folder has, and the folder is deleted.
    """
    tree = known.library.tree
    at = _folder_of(song, folder)
    for name, path in song.files.items():
        if (present := paths.join(folder, path)) != paths.join(at, name):
            tree.move(present, paths.join(at, name))
    if move_song(song, at, lambda: package_on_remote(known.library, song, at), known):
        key = tree.delete(at)
        if at == folder:
            known.outcome.source_key = key or ""


def _folder_of(song: FoundSong, folder: str) -> str:
    """The path of a song's folder, which was found in `folder`."""
    return paths.join(folder, song.found_at) if song.found_at else folder


def _is_archive(library: Library, entry: Entry) -> bool:
    """Whether the first bytes of the file are those of an archive or .sng."""
    with library.tree.stream(entry.path, 0, min(entry.size, identify.SNIFF_BYTES)) as blocks:
        return identify.content(b"".join(blocks)) in identify.ARCHIVES


def _import_archive(run: Run, path: str, entry: Entry, settings: Settings, library: Library, outcome: Outcome) -> None:
    """Add the songs of one archive in the folder to the library, and delete it unless some of them failed."""
    try:
        with Claim(run, library, entry) as claim:
            with work_dir(settings.temp_dir, run.job.id) as folder:
                inside = take_archive(run, claim, folder, settings)
            inside.check_found()
            outcome.add(inside, path)
            if not inside.failed:
                library.tree.delete(entry.path, guard=Guard(etag=entry.etag))
    except (NotFound, Conflict, Superseded):  # it has moved, as an .sng does, or there is another file by now
        return
    except (BadInput, TooLarge) as error:
        outcome.failed.append((path, error.message))


def _finish(library: Library, source: Entry, outcome: Outcome) -> None:
    """Delete the folder if nothing is left in it; otherwise say beside it what is left."""
    if outcome.failed or outcome.skipped:
        if library.tree.find(source.path):
            error_notes.write(
                library, source.path, outcome.left_behind(), error_notes.fingerprint(library, source.path)
            )
        return
    if not files_below(library, source.path) and library.tree.find(source.path):
        library.tree.delete(source.path)
    error_notes.clear(library, source.path)

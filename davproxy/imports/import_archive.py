"""The job for an archive, step by step: fetch, unpack, identify, place, stage, publish, and only then remove it."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from davproxy import paths
from davproxy.errors import AlreadyExists, BadArchive, Conflict, NotFound
from davproxy.formats.identify import Content
from davproxy.imports import error_notes
from davproxy.imports.archives.unpack import kind_of, unpack
from davproxy.imports.destinations import Places
from davproxy.imports.find_songs import FoundSong, find_songs, read_sng
from davproxy.imports.outcome import Outcome
from davproxy.imports.staging import Placed, Staging
from davproxy.imports.work_dir import fetch, workshop
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings

AUDIO = (Content.OGG, Content.MP3, Content.WAV, Content.FLAC, Content.AIFF)


def import_archive(run: Run, source: Entry, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Take in the songs of the archive at `source`, or the .sng that it is. Raises BadArchive, TooLarge, NoSpace …"""
    outcome = Outcome()
    with workshop(settings, run.job.id) as room:
        archive = fetch(library, source, room / "archive", part(run, "fetching", 0.0, 0.25))
        kind = kind_of(archive)
        if kind in AUDIO:
            raise BadArchive("It is audio, not an archive of songs. Put it into /Generate to have a chart made for it.")
        if kind is Content.SNG:
            _move_sng(source, archive, library, outcome)
        else:
            folder = unpacked(run, archive, room, settings)
            found = find_songs(folder, files_in(folder), paths.name_of(source.path).rpartition(".")[0])
            outcome.broken, outcome.others = found.broken, found.others
            publish_songs(run, found.songs, folder, library, outcome)
    outcome.refuse_nothing()
    finish(library, source, outcome.left_out())
    return outcome.as_json(library)


def unpacked(run: Run, archive: Path, room: Path, settings: Settings) -> Path:
    """The archive's contents as a folder in `room`; the archive itself is not needed any more."""
    folder = room / "unpacked"
    folder.mkdir()
    unpack(archive, folder, settings, part(run, "unpacking", 0.25, 0.5), run.cancelled)
    archive.unlink()
    return folder


def files_in(folder: Path) -> Sequence[str]:
    """Every file below `folder`, relative to it and with `/`."""
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def publish_songs(run: Run, songs: Sequence[FoundSong], folder: Path, library: Library, outcome: Outcome) -> None:
    """Bring songs, whose files are in `folder`, into the library, except those that are there already."""
    places = Places(library)
    placed: dict[str, FoundSong] = {}
    for song in songs:
        if (same := places.same_as(song)) is not None:
            outcome.duplicates.append((same, song))
        else:
            placed[places.give(song)] = song
    items = [
        Placed(target, {name: folder / path for name, path in song.files.items()})
        for target, song in sorted(placed.items())
    ]
    with Staging(library, run.job.id) as staging:
        artists = {paths.parent_of(item.target) for item in items}
        staging.send(items, part(run, "staging", 0.5, 0.9), whole=set(filter(places.is_new, artists)))
        for _, group in groupby(items, key=lambda item: paths.parent_of(item.target)):
            together = list(group)
            taken = staging.publish(together)
            for item in together:
                where = outcome.duplicates if item in taken else outcome.songs
                where.append((item.target, placed[item.target]))
            done = len(outcome.songs) / max(len(items), 1)
            run.report("publishing", 0.9 + 0.1 * done)


def _move_sng(source: Entry, file: Path, library: Library, outcome: Outcome) -> None:
    """An .sng is a song already: it only moves to its place."""
    song = read_sng(file, paths.name_of(source.path))
    places = Places(library)
    same = places.same_as(song)
    if same is None:
        target = places.give(song)
        library.tree.make_folder(paths.parent_of(target))
        try:
            library.tree.move(source.path, target)
            outcome.songs.append((target, song))
            return
        except (AlreadyExists, Conflict):
            library.tree.refresh(target)
            same = target
    outcome.duplicates.append((same, song))


def finish(library: Library, source: Entry, left_out: str = "") -> None:
    """The work is done: the input goes, unless it changed meanwhile or something in it was left out."""
    if left_out:
        error_notes.write(library, source.path, left_out, error_notes.version_of(library, source.path))
        return
    try:
        if library.tree.is_current(source):
            library.tree.delete(source.path)
    except NotFound:
        pass
    error_notes.clear(library, source.path)


def part(run: Run, step: str, start: float, end: float) -> Callable[[float], None]:
    """A report function for a step that takes the job from `start` to `end`."""
    return lambda progress: run.report(step, start + (end - start) * progress)

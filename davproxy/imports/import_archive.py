"""The job for an archive of songs or an .sng: fetch, unpack, find songs, add them to the library, remove the source."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from davproxy import paths
from davproxy.errors import BadArchive
from davproxy.formats.identify import Content
from davproxy.imports.add_songs import add_songs, move_song
from davproxy.imports.archives.unpack import kind_of
from davproxy.imports.destinations import Destinations
from davproxy.imports.fetch import fetch, unpack_fetched
from davproxy.imports.find_songs import find_unpacked, read_sng
from davproxy.imports.finish import finish
from davproxy.imports.outcome import Outcome
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings
from davproxy.work_dir import files_in, work_dir

AUDIO = (Content.OGG, Content.MP3, Content.WAV, Content.FLAC, Content.AIFF)


def import_archive(run: Run, source: Entry, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Import the songs of the archive at `source`. Returns the job's result. Raises BadArchive, TooLarge, NoSpace …"""
    with work_dir(settings.temp_dir, run.job.id) as folder:
        outcome = take_archive(run, source, folder, settings, library)
    outcome.check_found()
    finish(library, source, outcome)
    return outcome.as_json(library)


def take_archive(run: Run, source: Entry, folder: Path, settings: Settings, library: Library) -> Outcome:
    """Add the songs of the archive or .sng at `source` to the library; `folder` is an empty one for its files.

    The source stays as it is, but for an .sng, which moves.
    """
    outcome = Outcome()
    archive = fetch(library, source, folder / "archive", run.part("fetching", 0.0, 0.25))
    kind = kind_of(archive)
    if kind in AUDIO:
        raise BadArchive("It is audio, not an archive of songs. Put it into /Generate to have a chart made for it.")
    if kind is Content.SNG:
        song = read_sng(archive, paths.name_of(source.path))
        move_song(song, source.path, Destinations(library), library, outcome)
    else:
        unpacked = unpack_fetched(run, archive, folder, settings)
        found = find_unpacked(unpacked, files_in(unpacked), paths.name_of(source.path).rpartition(".")[0])
        outcome.failed, outcome.skipped = found.failed, found.skipped
        add_songs(run, found.songs, unpacked, library, outcome)
    return outcome

"""The job for an archive of songs or an .sng: fetch, unpack, find songs, add them to the library, remove the source."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from davproxy import paths
from davproxy.errors import BadArchive
from davproxy.formats import identify
from davproxy.formats.identify import Content
from davproxy.imports.add_songs import add_songs, move_song
from davproxy.imports.archives.unpack import kind_of
from davproxy.imports.claim import Claim
from davproxy.imports.fetch import fetch, unpack_fetched
from davproxy.imports.find_songs import FoundSong, find_unpacked, read_sng
from davproxy.imports.finish import finish
from davproxy.imports.known_songs import KnownSongs, sng_package
from davproxy.imports.outcome import Outcome
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings
from davproxy.work_dir import files_in, work_dir

AUDIO = (Content.OGG, Content.MP3, Content.WAV, Content.FLAC, Content.AIFF)


def import_archive(run: Run, source: Entry, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Import the songs of the archive at `source`. Returns the job's result. Raises BadArchive, TooLarge, NoSpace …"""
    with Claim(run, library, source) as claim:
        with work_dir(settings.temp_dir, run.job.id) as folder:
            outcome = take_archive(run, claim, folder, settings)
        outcome.check_found()
        outcome.source_key = finish(library, source, outcome)
    return outcome.as_json(library)


def take_archive(run: Run, claim: Claim, folder: Path, settings: Settings) -> Outcome:
    """Claim the archive or .sng and add its songs to the library; `folder` is an empty one for its files.

    The source stays as it is, but for an .sng, which moves.
    """
    outcome, library, source = Outcome(), claim.library, claim.source
    known = KnownSongs(run, settings, library, outcome)
    archive = fetch(library, source, folder / "archive", run.report_step("fetching", 0.0, 0.25))
    kind = kind_of(archive)
    if kind in AUDIO:
        raise BadArchive("It is audio, not an archive of songs. Put it into /Generate to have a chart made for it.")
    if kind in (Content.UNKNOWN, Content.MIDI) and identify.split(source.path)[1] in ("chart", "mid", "midi", "ini"):
        raise BadArchive("It is one file of a song. Put the song's whole folder here.")
    if kind is Content.SNG:
        song = read_sng(archive, paths.name_of(source.path))
        claim.take()
        move_song(song, source.path, lambda: sng_package(archive), known)
    else:
        name = paths.name_of(source.path)
        unpacked, failed = unpack_fetched(run, archive, name, folder, settings)
        found = find_unpacked(unpacked, files_in(unpacked), name.rpartition(".")[0])
        songs = [song for song in found.songs if not _lacks(song, failed)]
        outcome.failed, outcome.skipped = [*failed, *found.failed], found.skipped
        add_songs(run, songs, unpacked, known, claim)
    known.note_versions()
    return outcome


def _lacks(song: FoundSong, failed: Sequence[tuple[str, str]]) -> bool:
    """Whether a file of the song could not be unpacked, or its folder may lack one. The reason is listed with that."""
    return any(paths.is_at_or_below(f"/{path}", f"/{song.found_at}") for path, _ in failed)

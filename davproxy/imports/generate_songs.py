"""The job for audio: fetch, chart in a limited child, check, add the songs to the library, remove the source."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from davproxy import child, paths
from davproxy.errors import BadAudio, BadInput
from davproxy.formats import identify, lrc
from davproxy.formats.stem_names import songs_in_folders, split_stem
from davproxy.imports import error_notes
from davproxy.imports.add_songs import add_songs
from davproxy.imports.chart_audio import chart_audio
from davproxy.imports.claim import Changed, Claim
from davproxy.imports.fetch import fetch, unpack_fetched
from davproxy.imports.find_songs import find_unpacked
from davproxy.imports.finish import finish
from davproxy.imports.known_songs import KnownSongs
from davproxy.imports.lyrics_beside import LyricsBeside
from davproxy.imports.outcome import Outcome
from davproxy.imports.stored_options import StoredOptions
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings
from davproxy.work_dir import files_in, work_dir


def generate_songs(run: Run, source: Entry, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Make songs of the audio at `source`, a file, folder or archive, and import them. Returns the job's result."""
    outcome = Outcome()
    stored = StoredOptions.read(library, source.path)
    with Claim(run, library, source) as claim:
        with work_dir(settings.temp_dir, run.job.id) as folder:
            beside = LyricsBeside(library, source, settings.audio_extensions)
            audio, outcome.failed = _fetch(run, source, folder / "audio", settings, library)
            beside.fetch(audio)
            files = files_in(audio)
            sets = audio_sets(files, settings.audio_extensions)
            lyrics = [lyrics_of(each, sets, files) if stored.with_lyrics else "" for each in sets]
            if not sets:
                raise BadAudio(f"It holds no audio. Give {', '.join(settings.audio_extensions)} files.")
            options = stored.for_charter(folder, settings)
            songs = folder / "songs"
            charted: dict[str, Mapping[str, Any]] = {}
            for number, (paths_of_song, words) in enumerate(zip(sets, lyrics, strict=True)):
                song = songs / str(number)
                song.mkdir(parents=True)
                sources = [audio / path for path in paths_of_song]
                report = progress_of(run, number, len(sets))
                try:
                    choices = {"lyrics": str(audio / words) if words else "", **options, "name": _name(sources)}
                    charted[song.name] = chart_audio(
                        sources, song, choices, settings, report, run.cancelled, keep_found(run)
                    )
                except BadInput as error:
                    if len(sets) == 1:
                        raise
                    outcome.failed.append((paths_of_song[0], error.message))
            if beside.changed():
                raise Changed
            found = find_unpacked(songs, files_in(songs), "").songs
            outcome.charts = {song.identity: charted[song.found_at] for song in found}
            add_songs(run, found, songs, KnownSongs(run, settings, library, outcome), claim)
            used = {path for paths_of_song in sets for path in paths_of_song}
            charted_files = {chart["lyrics_file"] for chart in charted.values()}
            used |= {path for path in lyrics if path and str(audio / path) in charted_files}
        outcome.check_found()
        outcome.skipped = [(path, "It is no audio.") for path in files if path not in {*used, *lyrics}]
        if source.is_folder and not outcome.failed:
            _finish_folder(library, source, used - beside.changed())
        else:
            finish(library, source, outcome)
        if not outcome.failed:
            beside.remove(used)
    return outcome.as_json(library)


def audio_sets(files: Sequence[str], extensions: Sequence[str]) -> list[list[str]]:
    """The audio files of each song: the stems of one song in a folder, or one file."""
    audio = [path for path in files if path.rpartition(".")[2].lower() in extensions]
    return songs_in_folders(sorted(audio, key=lambda path: path.rpartition("/")[0]))


def lyrics_of(song: Sequence[str], songs: Sequence[Sequence[str]], files: Sequence[str]) -> str:
    """The path among `files` of the lyrics of a song, which is one of `songs`; empty if there are none."""
    folder = song[0].rpartition("/")[0]
    in_folder = [each for each in songs if each[0].rpartition("/")[0] == folder]
    return lrc.beside(song, files, alone=len(in_folder) == 1)


def _fetch(
    run: Run, source: Entry, parent: Path, settings: Settings, library: Library
) -> tuple[Path, list[tuple[str, str]]]:
    """Fetch the source into `parent`, unpacked if it is an archive.

    Returns the folder of its files, and (path, reason) of what could not be unpacked.
    """
    folder = parent / paths.safe_name(paths.name_of(source.path))
    if source.is_folder:
        for entry in library.tree.below(source.path):
            if not entry.is_folder:
                target = folder / entry.path[len(source.path) + 1 :]
                target.parent.mkdir(parents=True, exist_ok=True)
                fetch(library, entry, target, lambda _progress: run.report("fetching", 0.0))
        return folder, []
    folder.mkdir(parents=True)
    file = fetch(library, source, folder / paths.name_of(source.path), lambda done: run.report("fetching", 0.1 * done))
    with file.open("rb") as opened:
        kind = identify.content(opened.read(identify.SNIFF_BYTES))
    if kind in identify.ARCHIVES:
        return unpack_fetched(run, file, file.name, parent, settings)
    return folder, []


def _name(sources: Sequence[Path]) -> str:
    """The name of the song in place of missing tags: of the file, of the song before the stem, or of the folder."""
    song, stem = split_stem(sources[0].name)
    if len(sources) == 1 and (song or not stem):
        return sources[0].stem
    return song or sources[0].parent.name


def progress_of(run: Run, number: int, count: int) -> child.Report:
    """A report function for charting the song `number` of `count`."""
    return lambda step, progress: run.report(step, 0.1 + 0.4 * (number + progress) / count)


def keep_found(run: Run) -> child.Found:
    """A function that keeps in the job what is known of a song before it is made, so that pages draw it."""
    known: dict[str, Any] = {}

    def found(values: Mapping[str, Any]) -> None:
        known.update(values)
        run.keep({"found": dict(known)})

    return found


def _finish_folder(library: Library, source: Entry, used: set[str]) -> None:
    """Remove the files that became songs, and the folder if nothing else is in it."""
    left = [entry for entry in library.tree.below(source.path) if not entry.is_folder]
    if all(entry.path[len(source.path) + 1 :] in used for entry in left):
        library.tree.delete(source.path)
    else:
        for path in sorted(used):
            library.tree.delete(paths.join(source.path, path))
    error_notes.clear(library, source.path)

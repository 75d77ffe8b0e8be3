"""The job for audio: fetch, chart in a limited child, check, add the songs to the library, remove the source."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from davproxy import child, child_limits, paths
from davproxy.errors import BadAudio, BadInput
from davproxy.formats import identify
from davproxy.imports import error_notes
from davproxy.imports.add_songs import add_songs
from davproxy.imports.fetch import fetch, unpack_fetched
from davproxy.imports.find_songs import FoundSong, find_songs
from davproxy.imports.finish import finish
from davproxy.imports.options import Options
from davproxy.imports.outcome import Outcome
from davproxy.imports.work_dir import files_in, work_dir
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings

CHARTER = "davproxy.charter.generate:run"
STEMS = frozenset(identify.STEMS) - {"preview"}


def generate_songs(run: Run, source: Entry, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Make songs of the audio at `source`: a file, or a folder or archive of stems or of several files."""
    outcome = Outcome()
    options = Options.stored(library, source.path)
    with work_dir(settings, run.job.id) as room:
        audio = _fetch(run, source, room / "audio", settings, library)
        files = files_in(audio)
        sets = audio_sets(files, settings.audio_extensions)
        if not sets:
            raise BadAudio(f"It holds no audio. Give {', '.join(settings.audio_extensions)} files.")
        wishes = options.for_charter(room, settings.generate_drums)
        songs = room / "songs"
        made: list[FoundSong] = []
        for number, each in enumerate(sets):
            folder = songs / str(number)
            folder.mkdir(parents=True)
            try:
                _chart(run, [audio / path for path in each], folder, (number, len(sets)), settings, wishes)
            except BadInput as error:
                if len(sets) == 1:
                    raise
                outcome.failed.append((each[0], error.message))
        if songs.exists():
            made = find_songs(songs, files_in(songs), "").songs
        add_songs(run, made, songs, library, outcome)
    outcome.check_found()
    used = {path for each in sets for path in each}
    outcome.skipped = [(path, "It is no audio.") for path in files if path not in used]
    if source.is_folder and not outcome.failed:
        _finish_folder(library, source, used)
    else:
        finish(library, source, outcome)
    return outcome.as_json(library)


def audio_sets(files: Sequence[str], extensions: Sequence[str]) -> list[list[str]]:
    """The audio files, those of one song together: a folder with nothing but stems is a song, else each file is one."""
    by_folder: dict[str, list[str]] = {}
    for path in files:
        if path.rpartition(".")[2].lower() in extensions:
            by_folder.setdefault(path.rpartition("/")[0], []).append(path)
    sets = []
    for _, together in sorted(by_folder.items()):
        if all(_stem(path) in STEMS for path in together):
            sets.append(together)
        else:
            sets += [[path] for path in together]
    return sets


def _stem(path: str) -> str:
    return identify.split(paths.name_of(path))[0]


def _fetch(run: Run, source: Entry, room: Path, settings: Settings, library: Library) -> Path:
    """The input as a folder of files in `room`."""
    folder = room / paths.safe_name(paths.name_of(source.path))
    if source.is_folder:
        for entry in library.tree.below(source.path):
            if not entry.is_folder:
                target = folder / entry.path[len(source.path) + 1 :]
                target.parent.mkdir(parents=True, exist_ok=True)
                fetch(library, entry, target, lambda _progress: run.report("fetching", 0.0))
        return folder
    folder.mkdir(parents=True)
    file = fetch(library, source, folder / paths.name_of(source.path), lambda done: run.report("fetching", 0.1 * done))
    with file.open("rb") as opened:
        kind = identify.content(opened.read(identify.SNIFF_BYTES))
    if kind in identify.ARCHIVES:
        return unpack_fetched(run, file, room, settings)
    return folder


def _chart(
    run: Run,
    sources: list[Path],
    folder: Path,
    turn: tuple[int, int],
    settings: Settings,
    wishes: Mapping[str, Any],
) -> None:
    """Have the charter write a song into `folder`. Raises BadAudio, TooLarge, Cancelled."""
    number, count = turn
    name = sources[0].stem if len(sources) == 1 and sources[0].stem.lower() not in STEMS else sources[0].parent.name
    child.run(
        CHARTER,
        {"sources": [str(path) for path in sources], "output": str(folder), "options": {**wishes, "name": name}},
        limits=child_limits.charting(settings),
        folder=folder.parent,
        report=lambda step, progress: run.report(step, 0.1 + 0.4 * (number + progress) / count),
        cancelled=run.cancelled,
    )


def _finish_folder(library: Library, source: Entry, used: set[str]) -> None:
    """Remove the audio that became songs, and the folder when nothing else is in it."""
    left = [entry for entry in library.tree.below(source.path) if not entry.is_folder]
    if all(entry.path[len(source.path) + 1 :] in used for entry in left):
        library.tree.delete(source.path)
    else:
        for path in sorted(used):
            library.tree.delete(paths.join(source.path, path))
    error_notes.clear(library, source.path)

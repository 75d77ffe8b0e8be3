"""The job that makes the chart of a generated song again, as a person corrects it, and replaces the song.

The new song is complete in the library before the old one goes to the trash bin: scores belong to the old notes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from davproxy import paths
from davproxy.charter.options import INI_NAMES
from davproxy.charter.output import chart_options
from davproxy.curation.step_actions import perform
from davproxy.curation.step_jobs import record_steps
from davproxy.curation.steps import Step
from davproxy.curation.versions import differences
from davproxy.errors import Conflict, NotFound
from davproxy.formats import identify, song_ini
from davproxy.imports.chart_audio import chart_audio
from davproxy.imports.claim import Claim
from davproxy.imports.destinations import Destinations
from davproxy.imports.find_songs import FoundSong, find_unpacked
from davproxy.imports.generate_songs import keep_found, progress_of
from davproxy.imports.kept_lyrics import as_lrc
from davproxy.imports.outcome import NewerVersion, Outcome
from davproxy.imports.staging import StagedItem, Staging
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Song
from davproxy.settings import Settings
from davproxy.work_dir import files_in, work_dir

MADE = "The chart is made again; scores stay with the old one."
SAME = "The chart came out as it was."
REASON = "Its chart was made again."
OF_CHART = ("diff_", "pro_drums", "delay", "lyrics", "song_length", "preview_start_time")
"""How the fields of song.ini begin that belong to a chart, and go with it."""


def is_generated(song: Song) -> bool:
    """Whether the chart of a song was made here, so that it can be made again."""
    return {chart_options.NAME, identify.CHART_NAME} <= song.files.keys()


def kept_options(library: Library, song: Song) -> Mapping[str, Any]:
    """The options that the chart of a song was made with, as plain values. Raises NotFound if it was not made here."""
    if not is_generated(song):
        raise NotFound("This chart was not made from its audio by this program, so it cannot be made again.")
    entry = library.tree.stat(paths.join(song.path, chart_options.NAME))
    return chart_options.parse(library.tree.content(entry) if entry.size <= chart_options.MAX_BYTES else b"")


def remake_song(run: Run, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Chart the audio of the song at the job's subject again, with the job's options, and replace the song."""
    song = library.songs.at(run.job.subject)
    if song is None:
        raise NotFound("The song is not there any more. It may have been made again already.")
    options = {**kept_options(library, song), **run.job.options, "cover": False}  # it keeps the one it has, if any
    outcome = Outcome()
    with work_dir(settings.temp_dir, run.job.id) as folder, Claim(run, library, library.tree.stat(song.path)) as claim:
        old, new = folder / "old", folder / "songs" / "new"
        audio = _fetch(run, library, song, old)
        new.mkdir(parents=True)
        options |= _lyrics(old, folder / "lyrics.lrc", options["lead_in"])
        chart = chart_audio(audio, new, options, settings, progress_of(run, 0, 1), run.cancelled, keep_found(run))
        _carry_over(old, new, audio)
        (found,) = find_unpacked(new.parent, files_in(new.parent), "").songs
        outcome.charts = {found.identity: chart}
        if found.identity == song.identity:
            outcome.duplicates.append((song.path, found))
            return {**outcome.as_json(library), "summary": SAME}
        path = _add(run, found, new.parent, settings, library, claim)
        outcome.songs.append((path, found))
        newer = library.songs.at(path)
        outcome.newer.append(NewerVersion(path, song, tuple(differences(song, newer)) if newer else (), True))
        _replace(run, library, song, path)
    return {**outcome.as_json(library), "can_undo": library.features.trash, "summary": MADE}


def _fetch(run: Run, library: Library, song: Song, folder: Path) -> list[Path]:
    """Fetch all files of the song into `folder`. Returns those that are its audio."""
    sizes = library.songs.files(song)
    total, done = sum(sizes.values()) or 1, 0
    for name in sizes:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with library.songs.stream_file(song, name) as blocks, target.open("wb") as file:
            for block in blocks:
                done += file.write(block)
                run.report("fetching", 0.1 * done / total)
    return [folder / name for name in sizes if "/" not in name and identify.is_music(name)]


def _lyrics(old: Path, file: Path, lead_in: float) -> Mapping[str, Any]:
    """The charter's options for the lyrics that the chart in `old` has; they are written into `file`."""
    lyrics = as_lrc((old / identify.CHART_NAME).read_bytes(), lead_in)
    file.write_bytes(lyrics)
    return {"lyrics": str(file) if lyrics else "", "with_lyrics": bool(lyrics)}


def _carry_over(old: Path, new: Path, audio: list[Path]) -> None:
    """Give the new song what people see and keep of the old one: its song.ini, cover, video and so on."""
    ours = {*(path.name for path in audio), *identify.NOTES_NAMES, chart_options.NAME}
    for name in files_in(old):
        if name.lower() == identify.INI_NAME:
            made = song_ini.parse((new / identify.INI_NAME).read_bytes()).pairs
            before = song_ini.parse((old / name).read_bytes())
            gone = {key: None for key in before.pairs if key.startswith(OF_CHART)}
            changes = {key: value for key, value in made.items() if key not in INI_NAMES.values()}
            (new / identify.INI_NAME).write_bytes(song_ini.render(song_ini.edit(before, {**gone, **changes})))
        elif name not in ours:
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (old / name).replace(new / name)


def _add(run: Run, song: FoundSong, folder: Path, settings: Settings, library: Library, claim: Claim) -> str:
    """Move the song, whose files are in `folder`, into the library. Returns its path."""
    destinations = Destinations(library, settings.song_folders)
    target = destinations.destination(song)
    if _has_notes(library, target, song.identity):  # it was moved there before a restart
        return target
    if library.tree.find(target) is not None:  # where the pattern of folders does not tell versions apart
        target = destinations.reserve_beside(song)
    item = StagedItem(target, {name: folder / path for name, path in song.files.items()})
    with Staging(library, run.job.id) as staging:
        staging.send([item], run.report_step("staging", 0.5, 0.9))
        claim.take()
        record_steps(run)(Step("add", target, reason=REASON))
        if staging.move([item]):
            raise Conflict(f"Something else came to “{paths.printable(target)}” meanwhile. Try it again.")
    return target


def _has_notes(library: Library, path: str, identity: str) -> bool:
    """Whether a song with these notes is at `path`."""
    notes = paths.join(path, identify.CHART_NAME)
    return library.tree.find(notes) is not None and identify.identity(library.tree.read(notes)) == identity


def _replace(run: Run, library: Library, old: Song, path: str) -> None:
    """Put the song at `path` in the place of the old one in every list, and delete that."""
    for step in (Step("follow", old.path, path, reason=REASON), Step("delete", old.path, path, reason=REASON)):
        record = record_steps(run)
        record(step)
        perform(library, step, record)

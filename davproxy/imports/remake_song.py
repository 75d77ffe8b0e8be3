"""The job that makes the chart of a generated song again, as a person corrects it, and replaces the song.

The new song is complete in the library before the old one goes to the trash bin: scores belong to the old notes. It is
recorded before it is moved there, so that a job that was cut short after that goes on from there.
"""

from collections.abc import Mapping
from dataclasses import replace
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
from davproxy.imports import error_notes
from davproxy.imports.chart_audio import chart_audio
from davproxy.imports.claim import Claim, Superseded
from davproxy.imports.destinations import Destinations
from davproxy.imports.find_songs import FoundSong, find_songs
from davproxy.imports.generate_songs import keep_found, progress_of
from davproxy.imports.kept_lyrics import as_lrc
from davproxy.imports.kept_options import options_again
from davproxy.imports.outcome import OF_CHART as REPORTED
from davproxy.imports.outcome import NewerVersion, Outcome
from davproxy.imports.staging import StagedItem, Staging
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Song
from davproxy.settings import Settings
from davproxy.work_dir import files_in, work_dir

MADE = "The chart is made again; scores stay with the old one."
SAME = "The chart came out as it was."
NEW, RESULT = "new song", "result"
"""The records of the song that goes into the library, and of what the job says once it is there."""
ADD, DELETE = "0", "9"
"""The keys of these steps, before and after those of lists, which are times: an undo takes them back last and first."""
OF_CHART = ("diff_", "pro_drums", "delay", "lyrics", "song_length", "preview_start_time")
"""How the fields of song.ini begin that belong to a chart, and go with it."""


def remake_song(run: Run, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Chart the audio of the song at the job's subject again, with the job's options, and replace the song."""
    library.tree.refresh(run.job.subject)
    if (moved := _moved(run, library)) is not None:
        with Staging(library, run.job.id):  # which empties what it left in /Temp
            return _replace(run, library, moved)
    song = library.songs.at(run.job.subject)
    if song is None:
        raise NotFound("The song is not there any more. It may have been made again already.")
    options = {**options_again(library, song, run.job.options), "cover": False}  # it keeps the one it has, if any
    with work_dir(settings.temp_dir, run.job.id) as folder, Claim(run, library, library.tree.stat(song.path)) as claim:
        version = error_notes.fingerprint(library, song.path)
        old, new = folder / "old", folder / "songs" / "new"
        audio = _fetch(run, library, song, old)
        new.mkdir(parents=True)
        options |= _lyrics(old, folder / "lyrics.lrc", options["lead_in"])
        chart = chart_audio(audio, new, options, settings, progress_of(run, 0, 1), run.cancelled, keep_found(run))
        _carry_over(old, new, audio)
        found = _found(new.parent)
        if found.identity == song.identity:
            outcome = Outcome(duplicates=[(song.path, found)], charts={found.identity: chart})
            return {**outcome.as_json(library), "summary": SAME}
        target = _target(settings, library, song, found)
        made = {
            "folder": target,
            "title": found.title,
            "artist": found.artist,
            "identity": found.identity,
            "chart": {name: chart[name] for name in REPORTED},
            "version": version,
        }
        _add(run, StagedItem(target, {name: new.parent / path for name, path in found.files.items()}), claim, made)
        return _replace(run, library, made)


def _fetch(run: Run, library: Library, song: Song, folder: Path) -> list[Path]:
    """Fetch all files of the song, at any depth, into `folder`. Returns those that are its audio."""
    below = {entry.path[len(song.path) + 1 :]: entry for entry in library.tree.below(song.path) if not entry.is_folder}
    total, done = sum(entry.size for entry in below.values()) or 1, 0
    for name, entry in below.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with library.tree.stream(entry.path) as blocks, target.open("wb") as file:
            for block in blocks:
                done += file.write(block)
                run.report("fetching", 0.1 * done / total)
    return [folder / name for name in below if "/" not in name and identify.is_music(name)]


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


def _found(folder: Path) -> FoundSong:
    """The song that is in `folder`."""
    sizes = {name: (folder / name).stat().st_size for name in files_in(folder)}
    (found,) = find_songs(sizes, lambda name: (folder / name).read_bytes(), "").songs
    return found


def _target(settings: Settings, library: Library, old: Song, new: FoundSong) -> str:
    """The path of the new song: by the pattern of song folders, or beside the old one where that was moved."""
    destinations = Destinations(library, settings.song_folders)
    target = destinations.destination(new)
    if old.path != destinations.destination(FoundSong("", old.title, old.artist, old.identity, {}, old.metadata)):
        target = paths.join(paths.parent_of(old.path), paths.name_of(target))
    if library.tree.find(target) is not None:  # where the pattern of folders does not tell versions apart
        return destinations.reserve_beside(target)
    return target


def _add(run: Run, item: StagedItem, claim: Claim, made: Mapping[str, Any]) -> None:
    """Move the new song, which is `made`, into the library."""
    library = claim.library
    with Staging(library, run.job.id) as staging:
        staging.send([item], run.report_step("staging", 0.5, 0.9))
        try:
            claim.take()
        except Superseded:
            raise NotFound("The song was moved or removed meanwhile.") from None
        _check_unchanged(library, run.job.subject, made)
        run.record(NEW, made)
        if staging.move([item]):
            raise Conflict(f"Something else came to “{paths.printable(item.target)}” meanwhile. Try it again.")


def _moved(run: Run, library: Library) -> Mapping[str, Any] | None:
    """The new song, if this job moved it into the library before it was cut short."""
    if (made := run.records().get(NEW)) is None:
        return None
    library.tree.refresh(made["folder"])
    song, reading = library.songs.at(made["folder"]), library.notes.read()
    while song is not None and not song.notes_etag and next(reading, 0):  # lists know a song by its notes
        run.check()
        song = library.songs.at(made["folder"])
    return made if song is not None and song.identity == made["identity"] else None


def _check_unchanged(library: Library, old: str, made: Mapping[str, Any]) -> None:
    """Raise Conflict where the song at `old` is not as it was when it was fetched."""
    if error_notes.fingerprint(library, old) != made["version"]:
        raise Conflict("The song was changed meanwhile. Make its chart again.")


def _replace(run: Run, library: Library, made: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the song that is `made` in the place of the old one in every list, and delete that. Returns the result.

    An undo keeps the new song and its place in lists unless the old one is back.
    """
    reason = "Its chart was made again."
    path, old = made["folder"], library.songs.at(run.job.subject)
    run.record(ADD, Step("add", path, run.job.subject, reason=reason).as_json())
    if old is not None:
        _check_unchanged(library, old.path, made)
    result = run.records().get(RESULT) or _result(library, old, made)
    run.record(RESULT, result)
    if old is not None:
        record = record_steps(run)
        perform(
            library,
            Step("follow", old.path, path, reason=reason),
            lambda step: record(replace(step, target=old.path)),
        )
        delete = Step("delete", old.path, path, reason=reason)
        run.record(DELETE, delete.as_json())
        run.record(DELETE, replace(delete, key=perform(library, delete, record)).as_json())
    return result


def _result(library: Library, old: Song | None, made: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result of the job, whose new song is in the library."""
    path, identity = made["folder"], made["identity"]
    found = FoundSong("", made["title"], made["artist"], identity, {})
    outcome = Outcome(songs=[(path, found)], charts={identity: made["chart"]})
    newer = library.songs.at(path)
    if old is not None:
        outcome.newer.append(NewerVersion(path, old, tuple(differences(old, newer)) if newer else (), True))
    return {**outcome.as_json(library), "can_undo": library.features.trash, "summary": MADE}

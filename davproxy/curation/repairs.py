"""Repairs of problems, for one song or all, by a job that a person starts and can undo.

No repair touches the bytes of notes, nor a field that scores depend on. The index says what most would do. Those that
open files are planned for many songs by a job, which records what it finds; it changes nothing.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loguru import logger

from davproxy import paths
from davproxy.curation import steps
from davproxy.curation.file_repairs import SongFiles, art, containers, encoding, section
from davproxy.curation.song_jobs import in_threads
from davproxy.curation.steps import Step
from davproxy.errors import BadInput, Cancelled, DavproxyError, Unavailable
from davproxy.formats import song_fields
from davproxy.formats.rules.metadata import INTENSITIES
from davproxy.formats.song_names import names_in_song
from davproxy.formats.spreadsheet import no_formula
from davproxy.job_run import subject_of
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.model import Job, Song

REPAIR, LOOK = "repair", "look into files"
"""The kinds of jobs. Their options are the `repair`, and `ids` of songs, none for all; those of REPAIR also the `job`
that looked, for a repair that opens files."""
OPENED_AT_ONCE = 100
"""Songs whose files are opened for a plan without a job that looked: a request waits for it."""
PREVIEW_PART = 0.3
"""Where a preview starts in a song without a chorus, as a share of its length."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of repair. `steps` are what it does to a song, none where nothing is to be done. One that `opens` files
    reads some bytes of each song from the remote."""

    name: str
    title: str
    text: str
    steps: Callable[[SongFiles], Iterator[Step]]
    opens: bool = False


def _names(files: SongFiles) -> Iterator[Step]:
    """Rename files to the names that games look for, where those are free."""
    song = files.song
    for name, now in names_in_song(song.files).items():
        if name != now and name not in song.files:
            yield Step("move", paths.join(song.path, now), paths.join(song.path, name), reason="Games look for it.")


def _texts(files: SongFiles) -> Iterator[Step]:
    """Fill in title, artist and other texts from the notes, where song.ini lacks them."""
    song = files.song
    if not song.notes_etag:
        return
    parent = paths.name_of(paths.parent_of(song.path))
    known = {
        "name": song.title, "artist": song.artist or ("" if f"/{parent}" == paths.SONGS else parent),
        "album": song.album, "genre": song.genre, "year": song.year, "charter": song.charter,
    }  # fmt: skip
    after = {key: value for key, value in known.items() if value and not song_fields.raw_text(song.metadata, key)}
    yield from _edit(files, after, reason="song.ini does not say it.")


def _length(files: SongFiles) -> Iterator[Step]:
    """Fill in the length, without which some games refuse an .sng."""
    song = files.song
    if song.length and song_fields.number(song.metadata, "song_length") <= 0:
        yield from _edit(files, {"song_length": str(song.length)}, reason="The length of the chart.")


def _preview(files: SongFiles) -> Iterator[Step]:
    """Fill in the start of the preview: the first chorus, else PREVIEW_PART of the song."""
    song = files.song
    if song.length and song_fields.number(song.metadata, "preview_start_time") < 0 and "preview" not in _stems(song):
        sections = (song.chart or {}).get("sections", [])
        chorus = next((each["start"] for each in sections if "chorus" in each["name"].lower()), None)
        start = chorus if chorus is not None else round(song.length * PREVIEW_PART)
        reason = "The first chorus." if chorus is not None else "Some way into the song."
        yield from _edit(files, {"preview_start_time": str(start)}, reason=reason)


def _intensities(files: SongFiles) -> Iterator[Step]:
    """Remove the intensities of instruments that are not charted."""
    song = files.song
    if not song.instruments:
        return
    charted = {INTENSITIES[name] for name in song.instruments}
    after = {
        key: None for key in INTENSITIES.values() if key not in charted and song_fields.number(song.metadata, key) >= 0
    }
    yield from _edit(files, after, reason="The instrument is not charted.")


def _stray_files(files: SongFiles) -> Iterator[Step]:
    """Delete files that file managers leave."""
    song = files.song
    for name in song.files:
        if paths.is_junk(name):
            yield Step("delete", paths.join(song.path, name), reason="A file manager left it.")


REPAIRS = (
    Repair("section", "Heading of song.ini", "A missing or misspelt [song], so that games read it.", section),
    Repair("encoding", "Encoding of song.ini", "Another encoding becomes UTF-8, with the same text.", encoding),
    Repair("names", "Names of files", "Files get the names that games look for.", _names),
    Repair("texts", "Title, artist and others", "From the notes and the folder, where song.ini is silent.", _texts),
    Repair("length", "Length", "From the chart, where song.ini does not give it.", _length),
    Repair("preview", "Start of the preview", "At the first chorus, where song.ini does not say.", _preview),
    Repair("intensities", "Intensities", "Those of instruments that are not charted go.", _intensities),
    Repair("stray", "Stray files", "What file managers leave goes to the trash bin.", _stray_files),
    Repair("containers", "Wrong extensions", "A song.ogg that is an MP3 becomes song.mp3.", containers, True),
    Repair("art", "Size of album art", "Larger art becomes 512 × 512; the original is kept.", art, True),
)
"""Every repair."""


class Repairs:
    """Plans repairs, counts the songs that need one, and lists all problems."""

    def __init__(self, library: Library, jobs: Jobs) -> None:
        self._library, self._jobs = library, jobs

    def attach(self) -> None:
        """Register the job that looks into files. It must be called before the jobs start."""
        self._jobs.register(LOOK, self._run_look, anywhere=True)

    def look(self, repair: str, ids: Sequence[int] = ()) -> Job:
        """Start to look into the files of these songs, or of all, for what a repair would do. Raises BadInput."""
        options = {"repair": _repair(repair).name, "ids": list(dict.fromkeys(ids))}
        return self._jobs.submit(LOOK, "Look into files of songs", subject=subject_of(options), options=options)

    def plan_of(self, options: Mapping[str, Any]) -> list[Step]:
        """The plan for the options of a job. Raises BadInput, NotFound."""
        repair, ids = _repair(options["repair"]), options.get("ids") or ()
        if repair.opens and options.get("job"):
            return self._found(repair, options["job"], ids)
        if repair.opens and not 0 < len(ids) <= OPENED_AT_ONCE:
            raise BadInput("job: this repair opens files. Look first, by POST /api/repairs/look, and name that job.")
        songs = (self._library.songs.get(id) for id in ids) if ids else self._library.songs.all()
        return [step for song in songs for step in _steps(repair, SongFiles(self._library, song))]

    def counts(self) -> dict[str, int]:
        """How many songs each repair would change, by its name, but for those that open files."""
        known = [each for each in REPAIRS if not each.opens]
        counts = dict.fromkeys((each.name for each in known), 0)
        for song in self._library.songs.all():
            files = SongFiles(self._library, song)
            for repair in known:
                counts[repair.name] += bool(_steps(repair, files))
        return counts

    def counts_of(self, id: int) -> dict[str, int]:
        """1 or 0 for each repair, also those that open files: whether it would change this song. Raises NotFound.

        A repair is left out where a file that it looks into cannot be read.
        """
        files = SongFiles(self._library, self._library.songs.get(id))
        counts: dict[str, int] = {}
        for repair in REPAIRS:
            try:
                counts[repair.name] = int(bool(_steps(repair, files)))
            except DavproxyError as error:
                logger.info("The repair {} of song {} is left out: {}", repair.name, id, error.message)
        return counts

    def _found(self, repair: Repair, job_id: str, ids: Sequence[int]) -> list[Step]:
        """What a job found that looked, of these songs or of all, as far as the files are there still."""
        job = self._jobs.get(job_id)
        if (job.kind, job.options.get("repair")) != (LOOK, repair.name):
            raise BadInput("job: this job did not look for what this repair does.")
        if any(
            (each.kind, each.options.get("job"), each.final) == (REPAIR, job_id, True) for each in self._jobs.recent()
        ):
            raise BadInput("job: what this job found was repaired already. Look again.")
        records = self._jobs.records(job_id)
        chosen = [record for id, record in records.items() if not ids or int(id) in ids]
        found = [steps.from_json(shape) for record in chosen for shape in record["steps"]]
        return sorted((step for step in found if self._library.tree.find(step.path)), key=lambda step: step.path)

    def _run_look(self, run: Run) -> Mapping[str, Any]:
        repair, ids = _repair(run.job.options["repair"]), run.job.options["ids"]

        def look(id: int) -> None:
            try:
                found = _steps(repair, SongFiles(self._library, self._library.songs.get(id)))
            except (Cancelled, Unavailable):
                raise
            except DavproxyError as error:  # it went meanwhile, or cannot be read; the others are looked at
                logger.info("Song {} is left out: {}", id, error.message)
                return
            if found:
                run.record(str(id), {"steps": [step.as_json() for step in found]})

        try:
            in_threads(run, ids or [song.id for song in self._library.songs.all()], look)
        finally:
            run.keep(self._result(run))
        return self._result(run)

    def _result(self, run: Run) -> dict[str, Any]:
        count = len(self._jobs.records(run.job.id))
        return {"changed": 0, "summary": f"{count:,} {'song' if count == 1 else 'songs'} can be repaired."}

    def problems_csv(self) -> Iterator[str]:
        """Every problem of every song as a table, a line at a time."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["artist", "title", "charter", "path", "severity", "code", "message", "instrument", "count"])
        for song in self._library.songs.all():
            for problem in song.problems:
                texts = map(no_formula, (song.artist, song.title, song.charter, song.path))
                values = (problem.get(key, "") for key in ("severity", "code", "message", "instrument", "count"))
                writer.writerow([*texts, *values])
            yield out.getvalue()
            out.seek(0)
            out.truncate()


def _repair(name: str) -> Repair:
    """The repair of this name. Raises BadInput."""
    repair = next((each for each in REPAIRS if each.name == name), None)
    if repair is None:
        raise BadInput(f"repair: choose one of {', '.join(each.name for each in REPAIRS)}.")
    return repair


def _steps(repair: Repair, files: SongFiles) -> list[Step]:
    packed = files.song.path.lower().endswith(".sng")
    if packed and repair.opens:
        return []
    return [step for step in repair.steps(files) if not packed or step.kind == "edit"]


def _edit(files: SongFiles, after: Mapping[str, str | None], *, reason: str) -> Iterator[Step]:
    """The edit, unless song.ini has a heading to repair first: below it may be all that seems to be missing."""
    if after and files.heading is None:
        before = {key: files.song.metadata.get(key) for key in after}
        yield Step("edit", files.song.path, before=before, after=after, reason=reason)


def _stems(song: Song) -> set[str]:
    return {name.rpartition(".")[0].lower() for name in song.files}

"""The imports: coordinates the steps from a change in the library to a finished job.

1. `sources.py`: is the changed entry a source?
2. `debounce.py`: if it is in a folder, wait until that has not changed for some seconds.
3. `error_notes.py`: did the source fail before, as it is now?
4. `Jobs` queues a job, and one of its threads runs `import_archive.py`, `import_folder.py`, `import_content.py` or
   `generate_songs.py`. These name the further steps.

The first steps run in the thread that made the change, such as that of an upload: the job of a file is queued before
the client has its answer. That of a folder is queued by the thread of the debounce.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loguru import logger

from davproxy import audio_tags, paths, work_dir
from davproxy.charter.options import Options
from davproxy.errors import Cancelled, Conflict, DavproxyError, Locked, NotFound, Unavailable
from davproxy.imports import error_notes, staging
from davproxy.imports.claim import Changed, Superseded
from davproxy.imports.debounce import Debounce
from davproxy.imports.generate_songs import generate_songs
from davproxy.imports.import_archive import import_archive
from davproxy.imports.import_content import FOLDERS as CONTENT_FOLDERS
from davproxy.imports.import_content import import_content
from davproxy.imports.import_folder import import_folder
from davproxy.imports.kept_options import options_again
from davproxy.imports.known_songs import CHOICES, SAME_NOTES
from davproxy.imports.late_files import join_song
from davproxy.imports.lyrics_beside import say_if_alone
from davproxy.imports.outcome import Outcome
from davproxy.imports.remake_song import remake_song
from davproxy.imports.sources import Sources
from davproxy.imports.stored_options import StoredOptions
from davproxy.jobs import UNEXPECTED, Jobs, Run
from davproxy.library import Library
from davproxy.model import Change, Entry, Job, JobState
from davproxy.settings import Settings

IMPORT = "import"
GENERATE = "generate"
REMAKE = "remake"
KEPT = "kept"
"""The option of a job that imports something again: its key in the trash bin; and what the result before calls it."""
DEBOUNCE_SECONDS = 10.0
"""Seconds without a change after which a folder counts as complete."""
RETRY_SECONDS, LONGEST_RETRY_SECONDS = 60.0, 3600.0
"""Seconds until a source is tried again if the remote was out of reach, doubled each time."""
PATIENCE = 3
"""Factor on the wait for a folder that has no song yet, because its audio may still come."""

Importer = Callable[[Run, Entry], Mapping[str, Any]]


class Imports:
    """Queues a job for each source that arrives in the library, and runs these jobs."""

    def __init__(
        self, settings: Settings, library: Library, jobs: Jobs, *, debounce_seconds: float = DEBOUNCE_SECONDS
    ) -> None:
        self._settings, self._library, self._jobs = settings, library, jobs
        self._sources = Sources(settings, library)
        self._debounce_seconds = debounce_seconds
        self._debounce = Debounce(self._check_again)
        self._retries: dict[str, int] = {}
        self._options: dict[str, Mapping[str, Any]] = {}
        """The options of jobs that are tried again, by path."""
        self._incomplete: dict[str, str] = {}
        """Fingerprints of folders that lack what a song needs, by path."""

    def attach(self) -> None:
        """Subscribe to the library and register the jobs. To be called before `jobs.start`."""
        work_dir.remove_abandoned(self._settings.temp_dir)
        self._jobs.register(IMPORT, lambda run: self._run(run, self._import), anywhere=True)
        self._jobs.register(GENERATE, lambda run: self._run(run, self._generate), anywhere=True)
        self._jobs.register(REMAKE, lambda run: remake_song(run, self._settings, self._library), anywhere=True)
        self._library.subscribe(self._on_change)
        self._library.writers.when_released(lambda path: self._queue_or_debounce(self._library.tree.find(path)))

    def recover(self) -> None:
        """After a start: clear up /Temp, and queue the sources that wait."""
        staging.remove_abandoned(self._library)
        for entry in self._sources.candidates():
            self._queue_or_debounce(entry)
        self._clear_stored_options()

    def _clear_stored_options(self) -> None:
        """Remove the options of charts whose audio never came."""
        tree = self._library.tree
        stored = [
            (entry, audio)
            for entry in tree.files_ending(paths.GENERATE, [error_notes.OPTIONS])
            if tree.find(audio := entry.path.removesuffix(error_notes.OPTIONS)) is None
        ]
        try:
            now = self._library.temp.now() if stored else 0.0
            for entry, audio in stored:
                if now - entry.modified > staging.ABANDONED_SECONDS:
                    error_notes.clear(self._library, audio)
        except DavproxyError as error:
            logger.warning("Options of charts whose audio never came are left: {}", error.message)

    def close(self) -> None:
        """Stop waiting for folders to be complete."""
        self._debounce.close()

    def import_source(self, path: str, *, same_notes: str = "") -> Job:
        """Queue the import of the archive, .sng or folder at `path`, even if it failed before. Raises NotFound.

        `same_notes` counts before the setting SAME_NOTES.
        """
        self._library.tree.stat(path)
        options = {SAME_NOTES: same_notes} if same_notes else self._options.get(path, {})
        return self._jobs.submit(IMPORT, f"Import {paths.name_of(path)}", subject=path, options=options)

    def choose(self, job_id: str, choices: Mapping[str, str | Sequence[str]]) -> Job:
        """Import what a job imported once more, from the trash bin, with other `choices` where it differs from ours.

        They are, by the path of a song, the parts to replace, or "both" to keep what came as a song of its own. Raises
        NotFound, Conflict where what came is not kept any more.
        """
        job = self._jobs.get(job_id)
        if job.kind != IMPORT:
            raise Conflict("Only an import can be made again with other choices.")
        key = (job.result or {}).get(KEPT)
        if not key or not any(trashed.key == key for trashed in self._library.trash.items()):
            raise Conflict("What came is not in the trash bin any more. Import it again, and choose then.")
        if self._library.tree.find(job.subject) is not None:
            raise Conflict(f"Another “{paths.name_of(job.subject)}” is there now. Wait until it is imported.")
        options = {CHOICES: dict(choices), KEPT: key}
        return self._jobs.submit(IMPORT, f"{job.title} again", subject=job.subject, options=options)

    def generate(self, path: str, options: Mapping[str, Any] | None = None) -> Job:
        """Queue the charting of the audio at `path`: a file, folder or archive. `options` are those of `prepare`."""
        self._library.tree.stat(path)
        if options is not None:
            self.prepare(path, options)
        title = StoredOptions.read(self._library, path).texts.get("title") or paths.name_of(path)
        return self._jobs.submit(GENERATE, f"Chart {title}", subject=path)

    def remake(self, song_id: int, options: Mapping[str, Any]) -> Job:
        """Queue the charting of a generated song from its own audio again. `options` (correction, difficulties, drums,
        replace_edited) count before those that it was made with. Raises NotFound, BadInput, ReplacesEdits, Conflict
        where it is made again already, with others."""
        song = self._library.songs.get(song_id)
        Options.of(options_again(self._library, song, options))
        job = self._jobs.submit(REMAKE, f"Chart {song.title} again", subject=song.path, options=options)
        if job.options != dict(options):
            raise Conflict("This chart is being made again already. Wait for that job, or stop it first.")
        return job

    def prepare(self, path: str, options: Mapping[str, Any]) -> None:
        """Store the options for audio that will be put at `path` (`stored_options.py`). Raises BadInput."""
        StoredOptions.of(options, self._library.album_art).store(self._library, path)

    def read_tags(self, name: str, start: bytes) -> Mapping[str, str]:
        """Title, artist, album, year and genre of the audio file `name`; `start` has its first megabytes."""
        return audio_tags.read_tags(name, start, self._settings)

    def job_for(self, path: str) -> Job | None:
        """The newest job about the file or folder at `path`."""
        found = [job for kind in (IMPORT, GENERATE) if (job := self._jobs.latest(kind, path))]
        return max(found, key=lambda job: job.created, default=None)

    # From a change to a queued job

    def _on_change(self, change: Change) -> None:
        """Queue the jobs that a change of the library calls for, and delete the error notes of what is gone."""
        if change.kind == "written":
            if self._sources.may_be_in_one(change.path):
                self._queue_or_debounce(self._library.tree.find(change.path))
            return
        if change.kind == "moved":
            for entry in (self._library.tree.find(change.target), *self._library.tree.below(change.target)):
                self._queue_or_debounce(entry)
        if change.kind in ("moved", "removed"):
            if change.path.endswith(error_notes.ERROR):  # a person deletes the note to try again
                self._queue_or_debounce(self._library.tree.find(change.path.removesuffix(error_notes.ERROR)))
            else:
                error_notes.clear(self._library, change.path)
                if folder := self._sources.folder_of(Entry(change.path, is_folder=False)):  # less is left in it now
                    self._debounce.schedule(folder, self._debounce_seconds)

    def _queue_or_debounce(self, entry: Entry | None) -> None:
        """Queue the job of a source file now; that of a folder once it has not changed for a while.

        A file that a client has locked waits like a folder, or until it is unlocked.
        """
        if entry is None:
            return
        if self._sources.is_source(entry):
            if self._library.writers.any_at(entry.path):
                self._debounce.schedule(entry.path, self._debounce_seconds)
            else:
                self._queue(entry.path)
        elif folder := self._sources.folder_of(entry):
            self._debounce.schedule(folder, self._debounce_seconds)
        elif self._sources.is_lyrics(entry):
            self._debounce.schedule(entry.path, self._debounce_seconds)

    def _check_again(self, path: str) -> None:
        """After the debounce: queue the job of the file at `path`, or of the folder if it is complete."""
        entry = self._library.tree.find(path)
        if entry is None:
            return
        if not entry.is_folder:
            if self._sources.is_source(entry):
                self._queue(path)
            elif self._sources.is_lyrics(entry):
                say_if_alone(self._library, path, self._settings.audio_extensions)
        elif self._library.writers.any_at(path):
            self._debounce.schedule(path, self._debounce_seconds)
        else:
            join_song(self._library, path)
            self._queue_folder(path)

    def _queue_folder(self, path: str) -> None:
        """Queue the job of a folder that no client writes to; the wait is longer while it lacks what a song needs."""
        if not self._sources.is_source_folder(path):
            if paths.top_of(path) == paths.DROP:  # nothing is left that its error note could be about
                error_notes.clear(self._library, path)
        elif self._sources.is_complete(path) or self._is_unchanged(path):
            self._queue(path)
        else:
            self._debounce.schedule(path, PATIENCE * self._debounce_seconds)

    def _is_unchanged(self, path: str) -> bool:
        """Whether the folder at `path` is unchanged since the last call, and so most likely complete."""
        now = error_notes.fingerprint(self._library, path)
        before = self._incomplete.pop(path, None)
        if now != before:
            self._incomplete[path] = now
        return now == before

    def _queue(self, path: str) -> None:
        """Queue the job of the source at `path`, unless it failed before and has not changed since."""
        try:
            if error_notes.failed_before(self._library, path):
                return
            generating = paths.top_of(path) == paths.GENERATE
            job = self.generate(path) if generating else self.import_source(path)
            if job.state is JobState.RUNNING:  # about the file as it was before
                self._debounce.schedule(path, self._debounce_seconds)
        except NotFound:
            return
        except Unavailable:
            self._retry_later(path)

    def _retry_later(self, path: str) -> None:
        """Check the source at `path` again, after a pause that grows, since each attempt sends all of it."""
        retries = self._retries.get(path, 0)
        self._retries[path] = retries + 1
        self._debounce.schedule(path, retry_pause(retries))

    # Running a job

    def _import(self, run: Run, source: Entry) -> Mapping[str, Any]:
        if source.is_folder:
            if self._library.writers.any_at(source.path):  # since the job was queued
                self._debounce.schedule(source.path, self._debounce_seconds)
                return Outcome(skipped=[("", "Somebody is writing into it.")]).as_json(self._library)
            return import_folder(run, source, self._settings, self._library)
        if paths.top_of(source.path) in CONTENT_FOLDERS:
            return import_content(run, source, self._settings, self._library)
        return import_archive(run, source, self._settings, self._library)

    def _generate(self, run: Run, source: Entry) -> Mapping[str, Any]:
        return generate_songs(run, source, self._settings, self._library)

    def _run(self, run: Run, importer: Importer) -> Mapping[str, Any]:
        """Run `importer`. A failure is written into an error note, unless it will be tried again."""
        path = run.job.subject
        self._options.pop(path, None)
        try:
            self._bring_back(run.job)
            source = self._library.tree.stat(path)
            fingerprint = error_notes.fingerprint(self._library, path)
        except NotFound:
            return self._gone_result()
        try:
            result = importer(run, source)
            self._retries.pop(path, None)
            return result
        except Superseded as error:
            return Outcome(skipped=[("", error.message)]).as_json(self._library)
        except NotFound as error:
            self._library.tree.refresh(path)
            if self._library.tree.find(path) is None:  # deleted since, or before a restart
                error_notes.clear(self._library, path)
                return self._gone_result()
            error_notes.write(self._library, path, error.message, fingerprint)
            raise
        except Changed:
            self._options[path] = run.job.options
            self._debounce.schedule(path, self._debounce_seconds)
            raise
        except (Unavailable, Locked):
            self._options[path] = run.job.options
            self._retry_later(path)
            raise
        except Cancelled as error:
            if not (self._jobs.draining or run.interrupted):
                error_notes.write(self._library, path, error.message, fingerprint)
            raise
        except DavproxyError as error:
            error_notes.write(self._library, path, error.message, fingerprint)
            raise
        except Exception:
            error_notes.write(self._library, path, UNEXPECTED, fingerprint)
            raise
        finally:
            self._check_if_changed(path, fingerprint)

    def _bring_back(self, job: Job) -> None:
        """Restore the source that is imported again, unless it is there. Raises NotFound."""
        if KEPT in job.options and self._library.tree.find(job.subject) is None:
            self._library.trash.restore(job.options[KEPT])

    def _gone_result(self) -> Mapping[str, Any]:
        """The result of a job whose source was deleted."""
        return Outcome(skipped=[("", "The input is gone.")]).as_json(self._library)

    def _check_if_changed(self, path: str, fingerprint: str) -> None:
        """Check a source again, after this job, if it changed while the job ran."""
        try:
            if error_notes.fingerprint(self._library, path) != fingerprint:
                self._debounce.schedule(path, self._debounce_seconds)
        except DavproxyError:
            return


def retry_pause(retries: int) -> float:
    """Seconds until a source is tried again, after it was `retries` times before."""
    return min(RETRY_SECONDS * 2.0 ** min(retries, 10), LONGEST_RETRY_SECONDS)

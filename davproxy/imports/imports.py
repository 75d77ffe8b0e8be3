"""The imports: sees what arrives, decides which of it is to be taken in, and has it done by jobs."""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from loguru import logger

from davproxy import child, child_limits, paths
from davproxy.errors import Cancelled, DavproxyError, Locked, NotFound, Unavailable
from davproxy.imports import error_notes
from davproxy.imports.debounce import Quiet
from davproxy.imports.generate_songs import generate_songs
from davproxy.imports.import_archive import import_archive
from davproxy.imports.import_content import FOLDERS as CONTENT_FOLDERS
from davproxy.imports.import_content import import_content
from davproxy.imports.import_folder import complete_songs, import_folder
from davproxy.imports.options import Options
from davproxy.imports.work_dir import sweep, workshop
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.model import Change, Entry, Job
from davproxy.settings import Settings

IMPORT = "import"
GENERATE = "generate"
PATIENCE = 10.0
"""Seconds without a write after which a folder counts as put there completely."""
RETRY = 60.0
"""Seconds until an input is tried again that only a remote out of reach kept from being taken in."""
ABANDONED = 6 * 3600.0
"""Seconds after which something in /Temp belongs to no running instance."""

GONE: Mapping[str, Any] = {
    "songs": [], "duplicates": [], "files": [], "failed": [],
    "skipped": [{"path": "", "reason": "The input is gone."}],
}  # fmt: skip
"""The result of a job whose input somebody took away."""

_UNFINISHED = ("part", "partial", "filepart", "crdownload", "download", "tmp", "temp", "opdownload")

Step = Callable[[Run, Entry], Mapping[str, Any]]


class Imports:
    """What happens to archives, songs and audio that are put into the library's folders."""

    def __init__(self, settings: Settings, library: Library, jobs: Jobs, *, patience: float = PATIENCE) -> None:
        self._settings, self._library, self._jobs = settings, library, jobs
        self._patience = patience
        self._quiet = Quiet(self._look)

    def attach(self) -> None:
        """Listen to the library, and take over the kinds of jobs; before `jobs.start`."""
        sweep(self._settings)
        self._jobs.register(IMPORT, lambda run: self._guarded(run, self._import))
        self._jobs.register(GENERATE, lambda run: self._guarded(run, self._generate))
        self._library.subscribe(self._hear)

    def recover(self) -> None:
        """After a start: clear up in /Temp, and find what waits to be taken in."""
        self._sweep_temp()
        endings = [f".{extension}" for extension in self._settings.archive_extensions]
        for top in (*CONTENT_FOLDERS, paths.SONGS):  # in the largest folders, only what looks like an archive
            for entry in self._library.tree.files_ending(top, endings):
                self._consider(entry)
        for top in (paths.DROP, paths.GENERATE):
            for entry in self._library.tree.below(top):
                self._consider(entry)
        options = self._library.tree.files_ending(paths.GENERATE, [error_notes.OPTIONS])
        for entry in options:  # for audio that never came
            source = entry.path.removesuffix(error_notes.OPTIONS)
            if self._entry(source) is None and time.time() - entry.modified > ABANDONED:
                error_notes.clear(self._library, source)

    def close(self) -> None:
        """Hear of nothing more."""
        self._quiet.close()

    def import_archive(self, path: str) -> Job:
        """Take in the archive, .sng or folder of songs at `path`, tried before or not. Raises NotFound."""
        self._library.tree.stat(path)
        return self._jobs.submit(IMPORT, f"Import {paths.name_of(path)}", subject=path)

    def generate(self, path: str, options: Mapping[str, Any] | None = None) -> Job:
        """Make songs of the audio at `path`: a file, a folder or an archive. `options` are those of `prepare`."""
        self._library.tree.stat(path)
        if options is not None:
            self.prepare(path, options)
        return self._jobs.submit(GENERATE, f"Chart {paths.name_of(path)}", subject=path)

    def prepare(self, path: str, options: Mapping[str, Any]) -> None:
        """Keep the wishes for audio that is about to be put at `path` (`davproxy.imports.options`). Raises BadInput."""
        Options.of(options).store(self._library, path)

    def read_tags(self, name: str, start: bytes) -> Mapping[str, str]:
        """What audio called `name`, of which `start` holds the first megabytes, says of itself: title, artist …"""
        with workshop(self._settings, f"tags-{uuid.uuid4().hex}") as room:
            file = room / paths.safe_name(name)
            file.write_bytes(start)
            limits = child_limits.reading_tags(self._settings)
            told = child.run("davproxy.imports.tags:main", {"file": str(file)}, limits=limits, folder=room)
        return {key: str(value) for key, value in told.items()}

    def job_for(self, path: str) -> Job | None:
        """The newest job about the file or folder at `path`."""
        found = [job for kind in (IMPORT, GENERATE) if (job := self._jobs.latest(kind, path))]
        return max(found, key=lambda job: job.created, default=None)

    # What arrives

    def _hear(self, change: Change) -> None:
        if change.kind == "written":
            self._consider(self._entry(change.path))
            return
        if change.kind == "moved":
            for entry in (self._entry(change.target), *self._library.tree.below(change.target)):
                self._consider(entry)
        if change.kind in ("moved", "removed"):
            if change.path.endswith(error_notes.ERROR):
                self._consider(self._entry(change.path.removesuffix(error_notes.ERROR)))
            else:
                error_notes.clear(self._library, change.path)

    def _entry(self, path: str) -> Entry | None:
        return self._library.tree.find(path)

    def _consider(self, entry: Entry | None) -> None:
        """Start the job for `entry` if it is an input, or have its folder looked at when it is quiet there."""
        if entry is None or paths.is_junk(paths.name_of(entry.path)) or error_notes.is_ours(entry.path):
            return
        top = paths.top_of(entry.path)
        if not entry.is_folder and entry.size and self._is_input(entry.path, top):
            self._submit(entry.path)
        elif top in (paths.DROP, paths.GENERATE) and (entry.is_folder or paths.parent_of(entry.path) != top):
            self._quiet.touch("/".join(entry.path.split("/")[:3]), self._patience)

    def _is_input(self, path: str, top: str) -> bool:
        """Whether the file at `path` is something to take in by itself."""
        extension = path.rpartition(".")[2].lower()
        at_top = paths.parent_of(path) == top
        if top == paths.DROP and at_top:
            return extension not in _UNFINISHED  # whatever it is called, its content tells
        if top == paths.GENERATE and at_top and extension in self._settings.audio_extensions:
            return True
        if extension not in self._settings.archive_extensions or (extension == "sng" and top != paths.DROP):
            return False
        if top == paths.SONGS:
            return self._library.songs.of(path) is None
        return top in (paths.DROP, paths.GENERATE, *CONTENT_FOLDERS)

    def _look(self, path: str) -> None:
        """Something happened to `path` some time ago, and nothing since."""
        entry = self._entry(path)
        if entry is None:
            return
        if not entry.is_folder:
            self._consider(entry)
        elif self._library.tree.is_being_written(path):
            self._quiet.touch(path, self._patience)
        elif paths.top_of(path) == paths.GENERATE:
            endings = [f".{extension}" for extension in self._settings.audio_extensions]
            if self._library.tree.files_ending(path, endings):
                self._submit(path)
        elif complete_songs(self._library, path):
            self._submit(path)

    def _submit(self, path: str) -> None:
        try:
            if error_notes.failed_before(self._library, path):
                return
            if paths.top_of(path) == paths.GENERATE:
                self.generate(path)
            else:
                self.import_archive(path)
        except NotFound:
            return
        except Unavailable:
            self._quiet.touch(path, RETRY)

    # What is done with it

    def _import(self, run: Run, source: Entry) -> Mapping[str, Any]:
        if source.is_folder:
            return import_folder(run, source, self._library)
        if paths.top_of(source.path) in CONTENT_FOLDERS:
            return import_content(run, source, self._settings, self._library)
        return import_archive(run, source, self._settings, self._library)

    def _generate(self, run: Run, source: Entry) -> Mapping[str, Any]:
        return generate_songs(run, source, self._settings, self._library)

    def _guarded(self, run: Run, step: Step) -> Mapping[str, Any]:
        """Run `step`; a failure is told beside the input, except where trying again later helps."""
        path = run.job.subject
        try:
            source = self._library.tree.stat(path)
            version = error_notes.version_of(self._library, path)
        except NotFound:
            return dict(GONE)
        try:
            return step(run, source)
        except NotFound as error:
            self._library.tree.refresh(path)
            if self._entry(path) is None:  # taken away meanwhile, or before a restart
                error_notes.clear(self._library, path)
                return dict(GONE)
            error_notes.write(self._library, path, error.message, version)
            raise
        except (Unavailable, Locked):
            self._quiet.touch(path, RETRY)
            raise
        except Cancelled as error:
            if not self._jobs.draining:
                error_notes.write(self._library, path, error.message, version)
            raise
        except DavproxyError as error:
            error_notes.write(self._library, path, error.message, version)
            raise
        except Exception:
            error_notes.write(
                self._library, path, "Something unexpected went wrong; the server's log says what.", version
            )
            raise
        finally:
            self._look_again(path, version)

    def _look_again(self, path: str, version: str) -> None:
        """An input that changed while it was worked on is considered anew, once this job has ended."""
        try:
            if error_notes.version_of(self._library, path) != version:
                self._quiet.touch(path, self._patience)
        except DavproxyError:
            return

    def _sweep_temp(self) -> None:
        """Remove from /Temp what nobody works on any more. Another instance may be staging there just now."""
        try:
            left = self._library.temp.children()
            for entry in left:
                if time.time() - entry.modified > ABANDONED:
                    self._library.temp.delete(entry.path)
        except NotFound:
            return
        except DavproxyError as error:
            logger.warning("/Temp could not be cleared up: {}", error.message)

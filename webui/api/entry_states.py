"""The states of the entries of a folder, for the file browser: a job waits or runs, failed, a song, in doubt."""

from collections.abc import Iterator, Mapping, Sequence

from davproxy import paths
from davproxy.imports import error_notes
from davproxy.library.unlisted_etags import is_in_doubt
from davproxy.model import Entry, JobState
from webui.api.shapes import EntryState
from webui.services import services

_OF_JOBS: dict[JobState, EntryState] = {JobState.WAITING: "waiting", JobState.RUNNING: "running"}


def with_states(entries: Sequence[Entry], songs: Mapping[str, int]) -> Iterator[tuple[Entry, EntryState]]:
    """Each entry of one folder with its state. `songs` are ids by path."""
    jobs = services().jobs.unfinished_states()
    names = {paths.name_of(entry.path) for entry in entries}
    for entry in entries:
        yield entry, _state(entry, jobs.get(entry.path), names, songs)


def _state(entry: Entry, job: JobState | None, names: set[str], songs: Mapping[str, int]) -> EntryState:
    if job is not None:
        return _OF_JOBS[job]
    if paths.name_of(entry.path) + error_notes.ERROR in names:
        return "failed"
    if entry.path in songs:
        return "song"
    return "in_doubt" if is_in_doubt(entry) else ""

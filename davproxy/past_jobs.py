"""What jobs did: found by what they changed, and kept of what was done without a job."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from davproxy.index import JobRows
from davproxy.model import Job, JobState
from davproxy.shared_records import SharedRecords


class PastJobs:
    """The jobs that are over, as long as they are kept."""

    def __init__(self, rows: JobRows, records: SharedRecords, store: Callable[[Job], Job]) -> None:
        self._rows, self._records, self._store = rows, records, store

    def recorded(self, subject: str, path: str) -> list[tuple[Job, dict[str, Any]]]:
        """Jobs that changed what `subject` names or what is at or below `path`, newest first, each with a record."""
        return self._rows.recorded(subject, path)

    def that_made(self, song: int) -> list[Job]:
        """The jobs whose result lists the song with this id, newest first."""
        return self._rows.that_made(song)

    def note(self, kind: str, title: str, records: Mapping[str, Mapping[str, Any]], result: Mapping[str, Any]) -> Job:
        """Keep what was done at once as a job that is done, so that it is listed and can be undone by its `records`."""
        job = Job(uuid.uuid4().hex[:12], kind, title, JobState.DONE, result=result, progress=1.0)
        for subject, record in records.items():
            self._records.record(job.id, subject, record)
        return self._store(job)

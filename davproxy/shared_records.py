"""The records of jobs at all instances of a library, so that any of them can take up a job or undo it.

Each record is stored in every index: it is sent as a notice, and kept in a table for instances that start later.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from davproxy.coordination import Coordination
from davproxy.errors import Unavailable
from davproxy.index import JobRows

TOPIC = "job records"


class SharedRecords:
    """The shared records, as one instance reads and changes them. `repair` shares what could not be shared."""

    def __init__(self, rows: JobRows, coordination: Coordination) -> None:
        self._rows, self._coordination = rows, coordination
        self._unsent: dict[str, set[str]] = {}
        """The subjects of each job whose records are not shared yet."""
        coordination.receive(TOPIC, self._take)

    def record(self, job: str, subject: str, record: Mapping[str, Any]) -> None:
        """Store the record of a subject of a job, replacing an earlier one."""
        self._rows.record(job, subject, record)
        self._share(job, {subject: record})

    def is_recorded(self, job: str, subject: str) -> bool:
        """Whether there is a record of the subject here."""
        return self._rows.is_recorded(job, subject)

    def of(self, job: str) -> dict[str, Any]:
        """The records of a job by subject, of all instances as far as they can be reached."""
        with suppress(Unavailable):
            self.fetch(job)
        return self._rows.records(job)

    def fetch(self, job: str) -> None:
        """Store the records of other instances in this index. Raises Unavailable."""
        if self._coordination.is_shared:
            found, known = self._coordination.table(_table(job)), self._rows.records(job)
            for subject, record in found.items():
                if known.get(subject) != record:
                    self._rows.record(job, subject, record)

    def forget(self, job: str, subject: str | None = None) -> None:
        """Remove the record of a subject, or all records of a job, everywhere."""
        subjects = self.of(job) if subject is None else [subject]
        self._rows.forget_records(job, subject)
        self._share(job, dict.fromkeys(subjects))

    def repair(self) -> None:
        """Share the records that could not be shared."""
        for job in list(self._unsent):
            subjects, known = self._unsent.pop(job), self._rows.records(job)
            self._share(job, {subject: known.get(subject) for subject in subjects})

    def drop_table(self, job: str) -> None:
        """Remove the table of a job that ended long ago; its records stay in the indexes. Raises Unavailable."""
        self._coordination.change(_table(job), lambda table: table.clear())

    def _share(self, job: str, records: Mapping[str, Any]) -> None:
        if not self._coordination.is_shared:
            return
        try:
            for subject, record in records.items():
                self._coordination.put(_table(job), subject, record)
        except Unavailable:
            self._unsent.setdefault(job, set()).update(records)
        self._coordination.send(TOPIC, [job, dict(records)])

    def _take(self, notice: Any) -> None:
        job, records = notice
        for subject, record in records.items():
            if record is None:
                self._rows.forget_records(job, subject)
            else:
                self._rows.record(job, subject, record)


def _table(job: str) -> str:
    return f"{TOPIC} {job}"

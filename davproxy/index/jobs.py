"""Jobs in the index, and records of what they did."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from davproxy.index.database import Database
from davproxy.model import UNFINISHED, Job, JobState

_COLUMNS = "id, kind, title, state, subject, options, step, progress, result, error, created, updated"
MOST_RECORDED = 500
"""Records that are read at once."""
KEPT_DAYS = 30
"""Days after which a finished job is removed."""


def _job(row: Sequence[Any]) -> Job:
    id, kind, title, state, subject, options, step, progress, result, error, created, updated = row
    return Job(
        id, kind, title, JobState(state), subject, json.loads(options), step, progress,
        json.loads(result) if result is not None else None, error, created, updated,
    )  # fmt: skip


class JobRows:
    """Queries and changes of the jobs table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: str) -> Job | None:
        """The job with this id."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (id,))
        return _job(rows[0]) if rows else None

    def recent(self, limit: int) -> list[Job]:
        """The newest jobs, newest first."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM jobs ORDER BY created DESC, rowid DESC LIMIT ?", (limit,))
        return [_job(row) for row in rows]

    def unfinished(self) -> list[Job]:
        """The jobs that wait or run, oldest first."""
        sql = f"SELECT {_COLUMNS} FROM jobs WHERE state IN (?, ?) ORDER BY created, rowid"
        return [_job(row) for row in self._database.rows(sql, UNFINISHED)]

    def unfinished_states(self) -> dict[str, JobState]:
        """The state of the newest job about each subject of those that wait or run."""
        sql = "SELECT subject, state FROM jobs WHERE state IN (?, ?) ORDER BY created, rowid"
        return {subject: JobState(state) for subject, state in self._database.rows(sql, UNFINISHED)}

    def latest(self, kind: str, subject: str) -> Job | None:
        """The newest job of this kind about this subject."""
        sql = f"SELECT {_COLUMNS} FROM jobs WHERE kind = ? AND subject = ? ORDER BY created DESC, rowid DESC LIMIT 1"
        rows = self._database.rows(sql, (kind, subject))
        return _job(rows[0]) if rows else None

    def put(self, job: Job) -> Job:
        """Add or update a job. Returns it with its times set."""
        now = time.time()
        job = replace(job, created=job.created or now, updated=now)
        result = json.dumps(job.result) if job.result is not None else None
        with self._database.write() as connection:
            known = connection.execute(
                "UPDATE jobs SET state = ?, step = ?, progress = ?, result = ?, error = ?, updated = ? WHERE id = ?",
                (job.state, job.step, job.progress, result, job.error, job.updated, job.id),
            ).rowcount
            if not known:  # the options, which may be tens of thousands of paths, are written once
                row = (
                    job.id, job.kind, job.title, job.state, job.subject, json.dumps(dict(job.options)), job.step,
                    job.progress, result, job.error, job.created, job.updated,
                )  # fmt: skip
                connection.execute(f"INSERT INTO jobs ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)
        return job

    def forget_old(self) -> None:
        """Remove jobs that ended more than KEPT_DAYS ago."""
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM jobs WHERE state NOT IN (?, ?) AND updated < ?",
                (*UNFINISHED, time.time() - KEPT_DAYS * 86400),
            )
            connection.execute("DELETE FROM job_records WHERE job NOT IN (SELECT id FROM jobs)")

    # Records

    def record(self, job: str, subject: str, record: Mapping[str, Any]) -> None:
        """Keep what a job did to a subject, in place of what was recorded of it before."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO job_records VALUES (?, ?, ?)", (job, subject, json.dumps(record))
            )

    def records(self, job: str) -> dict[str, Any]:
        """The records of a job by subject."""
        rows = self._database.rows("SELECT subject, record FROM job_records WHERE job = ?", (job,))
        return {subject: json.loads(record) for subject, record in rows}

    def recorded(self, subject: str, path: str) -> list[tuple[Job, dict[str, Any]]]:
        """Jobs that changed what `subject` names or what is at or below `path`, newest first, each with a record."""
        columns = ", ".join(f"jobs.{name}" for name in _COLUMNS.split(", "))
        sql = (
            f"SELECT {columns}, record FROM job_records JOIN jobs ON jobs.id = job_records.job"
            " WHERE (job_records.subject = ? AND json_type(record, '$.changes') IS NOT NULL)"
            " OR json_extract(record, '$.path') = ? OR json_extract(record, '$.target') = ?"
            " OR substr(json_extract(record, '$.path'), 1, length(?)) = ?"
            " ORDER BY jobs.created DESC, job_records.subject LIMIT ?"
        )
        rows = self._database.rows(sql, (subject, path, path, f"{path}/", f"{path}/", MOST_RECORDED))
        return [(_job(row[:-1]), json.loads(row[-1])) for row in rows]

    def that_made(self, song: int) -> list[Job]:
        """The jobs whose result lists the song with this id, newest first."""
        sql = (
            f"SELECT {_COLUMNS} FROM jobs WHERE EXISTS"
            " (SELECT 1 FROM json_each(jobs.result, '$.songs') WHERE json_extract(value, '$.id') = ?)"
            " ORDER BY created DESC, rowid DESC"
        )
        return [_job(row) for row in self._database.rows(sql, (song,))]

    def is_recorded(self, job: str, subject: str) -> bool:
        """Whether there is a record of the subject."""
        sql = "SELECT count(*) FROM job_records WHERE job = ? AND subject = ?"
        return bool(self._database.rows(sql, (job, subject))[0][0])

    def forget_records(self, job: str, subject: str | None = None) -> None:
        """Remove the record of a subject, or all records of a job."""
        condition, values = ("job = ?", (job,)) if subject is None else ("job = ? AND subject = ?", (job, subject))
        with self._database.write() as connection:
            connection.execute(f"DELETE FROM job_records WHERE {condition}", values)

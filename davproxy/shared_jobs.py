"""The jobs of all instances of a library: their rows in a table, and a claim for each that runs."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from davproxy.coordination import Coordination, Table
from davproxy.errors import Unavailable
from davproxy.index import JobRows
from davproxy.model import Job, JobState
from davproxy.shared_records import SharedRecords

CLAIM_SECONDS = 15.0
"""Time after which another instance may take up the job of a silent one."""
HEARTBEAT_SECONDS = 4.0
KEPT_SECONDS = 3600.0
"""For how long the row of a job that has ended is kept for instances that missed its end."""
TABLE, CANCEL = "jobs", "cancel a job"


class SharedJobs:
    """The shared jobs, as one instance reads and changes them."""

    def __init__(self, rows: JobRows, coordination: Coordination) -> None:
        self._coordination = coordination
        self.records = SharedRecords(rows, coordination)
        self.is_shared = coordination.is_shared
        self._claimed: dict[str, float] = {}
        """When each job was last claimed, by the clock that all share."""
        self._unsent: dict[str, Job] = {}
        """States of jobs that are not shared yet, because the Redis was away."""

    def subscribe(self, changed: Callable[[Job], None], cancel: Callable[[str], None]) -> None:
        """Call `changed` with each job that another instance changes, and `cancel` with the id of one to be stopped."""
        self._coordination.receive(TABLE, lambda row: changed(_job(row)))
        self._coordination.receive(CANCEL, cancel)

    def is_silent(self, job: Job) -> bool:
        """Whether the job was last changed longer ago than a claim lasts, by the clock that all share."""
        return job.updated < self._coordination.now() - CLAIM_SECONDS

    def add(self, job: Job) -> Job:
        """Add a job, unless one of the same kind and subject waits or runs at any instance: then that one."""

        def add(table: Table) -> Job:
            for row in table.values():
                other = _job(row)
                if (other.kind, other.subject) == (job.kind, job.subject) and not other.final:
                    return other
            table[job.id] = asdict(job)
            return job

        return self._coordination.change(TABLE, add) if self.is_shared else job

    def get(self, id: str) -> Job | None:
        """The job as the instances know it. Raises Unavailable."""
        row = self._coordination.table(TABLE).get(id) if self.is_shared else None
        return _job(row) if row else None

    def put(self, job: Job) -> None:
        """Share a change of a job with the other instances. Where that fails, `repair` does it later."""
        if not self.is_shared:
            return
        self._unsent.pop(job.id, None)
        row = asdict(replace(job, updated=self._coordination.now()))
        try:
            self._coordination.put(TABLE, job.id, row)
        except Unavailable:
            self._unsent[job.id] = job
        self._coordination.send(TABLE, row)

    def repair(self, own: list[Job]) -> dict[str, Job]:
        """Store the changes that could not be shared, and those of the `own` jobs that an emptied Redis lost.

        Returns all jobs in the table. Raises Unavailable.
        """
        table = self._coordination.table(TABLE)
        for job in list(self._unsent.values()):
            if job.final or job.id not in table:
                self.put(job)
            else:  # mere progress, and another instance may have ended the job meanwhile
                self._unsent.pop(job.id, None)
        self.records.repair()
        jobs = {id: _job(row) for id, row in self._coordination.table(TABLE).items()}
        for job in own:
            if job.id not in jobs:
                self.put(job)
        for job in jobs.values():
            if job.final and job.updated < self._coordination.now() - KEPT_SECONDS:
                self.records.drop_table(job.id)
                self._coordination.put(TABLE, job.id, None)
        return jobs

    def claim(self, id: str) -> bool:
        """Claim a job for this instance, or show that it is alive. Raises Unavailable."""
        if not self.is_shared:
            return True
        now = self._coordination.now()
        has_lapsed = now - self._claimed.get(id, 0.0) >= CLAIM_SECONDS  # or it was never claimed
        claimed = self._coordination.claim(f"job {id}", CLAIM_SECONDS)
        if claimed and has_lapsed and (job := self.get(id)) is not None and job.final:  # another instance has ended it
            self.release(id)
            return False
        if claimed:
            self._claimed[id] = now
        return claimed

    def holds(self, id: str) -> bool:
        """Whether this instance still holds its claim of a job, as far as can be known.

        It asks the Redis only where the claim may have expired, such as after the computer was suspended.
        """
        if not self.is_shared or self._coordination.now() - self._claimed.get(id, 0.0) < CLAIM_SECONDS:
            return True
        try:
            return self.claim(id)
        except Unavailable:
            return False

    def is_claimed(self, id: str) -> bool:
        """Whether any instance has claimed the job. Raises Unavailable."""
        return bool(self._coordination.holder(f"job {id}"))

    def release(self, id: str) -> None:
        """Release the claim; it expires where that fails."""
        self._claimed.pop(id, None)
        try:
            if self.is_shared:
                self._coordination.release(f"job {id}")
        except Unavailable:
            return

    def cancel(self, id: str) -> None:
        """Ask the instance that has the job to stop it."""
        self._coordination.send(CANCEL, id)


def _job(row: Any) -> Job:
    return Job(**{**row, "state": JobState(row["state"])})

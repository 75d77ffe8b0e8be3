"""The jobs that one instance runs or will run, each with its claim among all instances."""

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from loguru import logger

from davproxy.errors import Unavailable
from davproxy.index import JobRows
from davproxy.job_run import Run
from davproxy.model import Job, JobState
from davproxy.shared_jobs import CLAIM_SECONDS, HEARTBEAT_SECONDS, SharedJobs

CUT_SHORT = "Cut short by a restart. Start it again."
"""The error of a job that no instance runs any more and none may run again."""


class OwnJobs:
    """Runs by the id of their job, the queue of those that wait, and a heartbeat that renews their claims.

    `changed` guards `runs`, and is notified when a job has ended, here or elsewhere.
    """

    def __init__(self, rows: JobRows, shared: SharedJobs, notify: Callable[[Job], None]) -> None:
        """`notify` is called with a job after each change of it."""
        self._rows, self._shared, self._notify = rows, shared, notify
        self.changed = threading.Condition()
        self.runs: dict[str, Run] = {}
        self.anywhere: set[str] = set()
        """The kinds of jobs that any instance may run."""
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._waiting: list[str] = []
        """Ids of jobs that wait until the Redis is back."""
        self._left: dict[str, Job] = {}
        """Jobs stopped here while it was unknown which instance runs them; an emptied Redis gets them again."""
        self._stopped = threading.Event()
        self._heart = threading.Thread(target=self._run_heartbeat, name="jobs-heartbeat", daemon=True)

    def start(self) -> None:
        """Start the heartbeat, where there are other instances."""
        if self._shared.is_shared:
            self._heart.start()

    def stop(self, workers: int) -> None:
        """End the heartbeat, and `next` for this many workers."""
        self._stopped.set()
        for _ in range(workers):
            self._queue.put(None)

    def store(self, job: Job) -> Job:
        """Store a job in the index, share it with the other instances, and notify."""
        job = self._rows.put(job)
        self._shared.put(job)
        self._notify(job)
        return job

    def add(self, job: Job) -> None:
        """Queue a job."""
        self._left.pop(job.id, None)
        self.runs[job.id] = Run(job, self.store, self._shared.records, self._holds)
        self._queue.put(job.id)

    def next(self) -> Run | None:
        """Wait for the next run of the queue; None at the end."""
        while (id := self._queue.get()) is not None:
            run = self.runs.get(id)
            if run is not None and not run.cancelled():
                return run
        return None

    def remove(self, run: Run) -> None:
        """Remove a run: its job has ended, or other instances may take it up from the table."""
        with self.changed:
            self.runs.pop(run.job.id, None)
            self.changed.notify_all()

    def leave(self, run: Run) -> None:
        """Remove a run whose job another instance may run by now."""
        self._left[run.job.id] = run.job
        self.remove(run)

    def claim(self, run: Run) -> bool:
        """Claim the job, if its kind needs that. Returns whether this instance may run it.

        While the Redis is away, a job that any instance may run waits.
        """
        if run.job.kind not in self.anywhere:
            return True
        try:
            claimed = self._shared.claim(run.job.id)
            if claimed:
                self._shared.records.fetch(run.job.id)
        except Unavailable:
            self._waiting.append(run.job.id)
            return False
        if not claimed:
            self.remove(run)
        return claimed

    def state_elsewhere(self, job: Job) -> Job | None:
        """The job at another instance, if it is known to have ended there or to run there; else None."""
        try:
            other = self._shared.get(job.id)
            return other if other and (other.final or self._shared.is_claimed(job.id)) else None
        except Unavailable:
            return None

    def note_elsewhere(self, job: Job) -> None:
        """Store the state of a job that another instance changed."""
        with self.changed:
            job = self._rows.put(job)
            run = self.runs.get(job.id)
            if job.final and run is not None and run.job.state is JobState.WAITING:
                run.stop()
                self.runs.pop(job.id)
            self.changed.notify_all()
        self._notify(job)

    def _run_heartbeat(self) -> None:
        """Renew the claims of the jobs that run here, and take up those of dead instances, until the end."""
        alive = time.monotonic()
        while not self._stopped.wait(HEARTBEAT_SECONDS):
            try:
                self._keep_claims()
                self._take_up()
                while self._waiting:
                    self._queue.put(self._waiting.pop())
                alive = time.monotonic()
            except Unavailable:
                if time.monotonic() - alive > CLAIM_SECONDS - HEARTBEAT_SECONDS:
                    self._interrupt([run for run in list(self.runs.values()) if run.job.kind in self.anywhere])
            except Exception:  # noqa: BLE001 - the heartbeat must go on
                logger.exception("The jobs of other instances could not be looked at")

    def _keep_claims(self) -> None:
        for run in list(self.runs.values()):
            here = run.job.kind not in self.anywhere
            if (here or run.job.state is JobState.RUNNING) and not self._shared.claim(run.job.id):
                self._interrupt([run])

    def _holds(self, run: Run) -> bool:
        """Whether the job is still this instance's."""
        if run.job.kind not in self.anywhere or self._shared.holds(run.job.id):
            return True
        self._interrupt([run])
        return False

    def _interrupt(self, runs: Iterable[Run]) -> None:
        """Stop jobs that run here and may run at another instance by now."""
        for run in runs:
            if run.job.state is JobState.RUNNING:
                run.interrupted = True
                run.stop()

    def _take_up(self) -> None:
        jobs = self._shared.repair([*self._left.values(), *(run.job for run in list(self.runs.values()))])
        self._left.clear()
        for job in jobs.values():
            known = self._rows.get(job.id)
            if known is None or (known.state is not job.state and job.id not in self.runs):
                self.note_elsewhere(job)
            if job.final or job.id in self.runs or self._shared.is_claimed(job.id):
                continue
            if job.kind in self.anywhere:
                with self.changed:
                    if job.id not in self.runs:  # it may have been submitted here since the table was read
                        self.add(self._rows.put(replace(job, state=JobState.WAITING, step="", progress=0.0)))
            elif self._shared.is_silent(job):
                self.store(replace(job, state=JobState.FAILED, error=CUT_SHORT))

"""Jobs: long pieces of work that are queued, run, watched and cancelled. Knows nothing of songs."""

import queue
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from loguru import logger

from davproxy.coordination import Coordination, InProcess
from davproxy.errors import BadInput, Cancelled, DavproxyError, NotFound, Unavailable
from davproxy.index import Index
from davproxy.job_run import Run, Runner
from davproxy.model import Job, JobState
from davproxy.shared_jobs import CLAIM_SECONDS, HEARTBEAT_SECONDS, SharedJobs

__all__ = ["UNEXPECTED", "Jobs", "Run", "Runner"]

UNEXPECTED = "Something unexpected went wrong; the server's log says what."
"""The error of a job that failed with a foreign exception."""
ERRORS_KEPT = 100
CANCEL_SECONDS = 1.0
"""How long `drain` waits for jobs that it has asked to stop."""


class Jobs:
    """The queue of jobs and the threads that run them.

    Jobs are stored in the index, so that people see them and a restart continues them. A job's source must be on the
    remote, because nothing on this computer is kept.
    """

    def __init__(self, index: Index, workers: int = 2, coordination: Coordination | None = None) -> None:
        self._rows = index.jobs
        self._shared = SharedJobs(index.jobs, coordination or InProcess())
        self._shared.subscribe(self._note_elsewhere, self._cancel_here)
        self._stopped = threading.Event()
        self._heart = threading.Thread(target=self._run_heartbeat, name="jobs-heartbeat", daemon=True)
        self._runners: dict[str, tuple[Runner, bool]] = {}
        self._waiting: list[str] = []
        """Ids of jobs that wait until the Redis is back."""
        self._anywhere: set[str] = set()
        """The kinds of jobs that any instance may run."""
        self._runs: dict[str, Run] = {}
        self._left: dict[str, Job] = {}
        """Jobs stopped here while it was unknown which instance runs them; an emptied Redis gets them again."""
        self._errors: OrderedDict[str, DavproxyError] = OrderedDict()
        """The errors of the last ERRORS_KEPT jobs that failed; the index has only their messages."""
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._subscribers: list[Callable[[Job], None]] = []
        self._draining = False
        self._workers = [threading.Thread(target=self._work, name=f"job-{n}", daemon=True) for n in range(workers)]

    def register(self, kind: str, runner: Runner, *, recover: bool = True, anywhere: bool = False) -> None:
        """Set the function that runs jobs of a kind. With `recover`, one cut short runs again at the next start.

        With `anywhere`, a job is the same whichever instance runs it, so another one takes it up from a dead one.
        """
        self._runners[kind] = (runner, recover)
        if anywhere:
            self._anywhere.add(kind)

    def subscribe(self, subscriber: Callable[[Job], None]) -> None:
        """Call `subscriber` with a job after each change of it, in the thread that made it."""
        self._subscribers.append(subscriber)

    def _store(self, job: Job) -> Job:
        job = self._rows.put(job)
        self._shared.put(job)
        for subscriber in self._subscribers:
            subscriber(job)
        return job

    def start(self) -> None:
        """Queue the jobs that an earlier run left unfinished, and start the threads."""
        self.resume()
        for worker in self._workers:
            worker.start()
        if self._shared.is_shared:
            self._heart.start()

    def resume(self) -> None:
        """Queue the jobs in the index that an earlier run left unfinished."""
        self._rows.forget_old()
        with self._changed:
            for job in self._rows.unfinished():
                if job.id in self._runs:
                    continue
                if (other := self._state_elsewhere(job)) is not None:
                    self._rows.put(other)
                    continue
                if self._runners.get(job.kind, (None, False))[1]:
                    self._enqueue(self._store(replace(job, state=JobState.WAITING, step="", progress=0.0)))
                else:
                    self._store(replace(job, state=JobState.FAILED, error="Cut short by a restart. Start it again."))

    def submit(self, kind: str, title: str, *, subject: str = "", options: Mapping[str, Any] | None = None) -> Job:
        """Queue a job. If one of the same kind and subject waits or runs, return that one instead."""
        if kind not in self._runners:
            raise BadInput(f"There is no job of the kind “{kind}”.")
        with self._changed:
            for run in self._runs.values():
                if (run.job.kind, run.job.subject) == (kind, subject) and not run.cancelled():
                    return run.job
            job = Job(uuid.uuid4().hex[:12], kind, title, subject=subject, options=dict(options or {}))
            if kind in self._anywhere and (other := self._shared.add(job)).id != job.id:
                return self._rows.put(other)
            job = self._store(job)
            self._enqueue(job)
        return job

    def get(self, id: str) -> Job:
        """The job with this id. Raises NotFound."""
        job = self._rows.get(id)
        if job is None:
            raise NotFound("There is no such job. It may have ended long ago.")
        return job

    def recent(self, limit: int = 100) -> list[Job]:
        """The newest jobs, newest first."""
        return self._rows.recent(limit)

    def unfinished_states(self) -> Mapping[str, JobState]:
        """The state of the newest job about each subject of those that wait or run."""
        return self._rows.unfinished_states()

    def latest(self, kind: str, subject: str) -> Job | None:
        """The newest job of this kind about this subject."""
        return self._rows.latest(kind, subject)

    def records(self, id: str) -> dict[str, Any]:
        """The records of a job, by subject."""
        return self._shared.records.of(id)

    def forget_records(self, id: str, subject: str | None = None) -> None:
        """Remove the record of one subject of a job, or all its records."""
        self._shared.records.forget(id, subject)

    def cancel(self, id: str) -> Job:
        """Stop a job: at once if it waits, at its next report if it runs. A job that has ended stays as it is."""
        with self._changed:
            run = self._runs.get(id)
            if run is not None:
                run.stop()
        if run is not None and self.get(id).state is JobState.WAITING:
            self._fail(run, Cancelled("Stopped on request."))
        elif run is None and self.is_unfinished(id):
            self._shared.cancel(id)
        return self.get(id)

    def _cancel_here(self, id: str) -> None:
        if id in self._runs:
            self.cancel(id)

    def is_unfinished(self, id: str) -> bool:
        """Whether the job waits or runs, here or elsewhere."""
        job = self._rows.get(id)
        return job is not None and not job.final

    def wait(self, id: str, timeout: float | None = None) -> Job:
        """Wait until the job has ended, at most `timeout` seconds. Returns the job as it is then."""
        with self._changed:
            self._changed.wait_for(lambda: id not in self._runs and not self._is_awaited(id), timeout)
        return self.get(id)

    def outcome(self, id: str, timeout: float | None = None) -> Job:
        """Wait as `wait` does. Raises the error of a job that failed or was cancelled."""
        job = self.wait(id, timeout)
        if job.state in (JobState.FAILED, JobState.CANCELLED):
            raise self._errors.get(id) or BadInput(job.error or "The work was stopped.")
        return job

    def idle(self, timeout: float | None = None) -> bool:
        """Wait until no job waits or runs. Returns False if that takes more than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._runs, timeout)

    @property
    def draining(self) -> bool:
        """Whether the server is stopping. A job that is asked to stop now runs again at the next start."""
        return self._draining

    def drain(self, timeout: float) -> None:
        """Start no more jobs; give running ones `timeout` seconds, then stop them. The next start runs them again."""
        self._draining = True
        self._stopped.set()
        deadline = time.monotonic() + timeout
        started = [worker for worker in self._workers if worker.is_alive()]
        for _ in started:
            self._queue.put(None)
        for worker in started:
            worker.join(max(0.0, deadline - time.monotonic()))
        for run in list(self._runs.values()):
            run.stop()
        for worker in started:
            worker.join(max(0.0, deadline + CANCEL_SECONDS - time.monotonic()))

    def _enqueue(self, job: Job) -> None:
        self._left.pop(job.id, None)
        self._runs[job.id] = Run(job, self._store, self._shared.records, self._holds)
        self._queue.put(job.id)

    def _work(self) -> None:
        while (id := self._queue.get()) is not None and not self._draining:
            run = self._runs.get(id)
            if run is not None and not run.cancelled():
                self._perform(run)

    # Other instances

    def _state_elsewhere(self, job: Job) -> Job | None:
        """The job at another instance, if it is known to have ended there or to run there; else None."""
        try:
            other = self._shared.get(job.id)
            return other if other and (other.final or self._shared.is_claimed(job.id)) else None
        except Unavailable:
            return None

    def _is_awaited(self, id: str) -> bool:
        return self._shared.is_shared and self.is_unfinished(id)

    def _note_elsewhere(self, job: Job) -> None:
        """Store the state of a job that another instance changed."""
        with self._changed:
            job = self._rows.put(job)
            run = self._runs.get(job.id)
            if job.final and run is not None and run.job.state is JobState.WAITING:
                run.stop()
                self._runs.pop(job.id)
            self._changed.notify_all()
        for subscriber in self._subscribers:
            subscriber(job)

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
                    self._interrupt([run for run in list(self._runs.values()) if run.job.kind in self._anywhere])
            except Exception:  # noqa: BLE001 - the heartbeat must go on
                logger.exception("The jobs of other instances could not be looked at")

    def _keep_claims(self) -> None:
        for run in list(self._runs.values()):
            here = run.job.kind not in self._anywhere
            if (here or run.job.state is JobState.RUNNING) and not self._shared.claim(run.job.id):
                self._interrupt([run])

    def _holds(self, run: Run) -> bool:
        """Whether the job is still this instance's."""
        if run.job.kind not in self._anywhere or self._shared.holds(run.job.id):
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
        jobs = self._shared.repair([*self._left.values(), *(run.job for run in list(self._runs.values()))])
        self._left.clear()
        for job in jobs.values():
            known = self._rows.get(job.id)
            if known is None or (known.state is not job.state and job.id not in self._runs):
                self._note_elsewhere(job)
            if job.final or job.id in self._runs or self._shared.is_claimed(job.id):
                continue
            if job.kind in self._anywhere:
                with self._changed:
                    self._enqueue(self._rows.put(replace(job, state=JobState.WAITING, step="", progress=0.0)))
            elif self._shared.is_silent(job):
                self._store(replace(job, state=JobState.FAILED, error="Cut short by a restart. Start it again."))

    def _claim(self, run: Run) -> bool:
        """Claim the job, if its kind needs that. Returns whether this instance may run it.

        While the Redis is away, a job that any instance may run waits.
        """
        if run.job.kind not in self._anywhere:
            return True
        try:
            claimed = self._shared.claim(run.job.id)
            if claimed:
                self._shared.records.fetch(run.job.id)
        except Unavailable:
            self._waiting.append(run.job.id)
            return False
        if not claimed:
            self._drop(run)
        return claimed

    def _drop(self, run: Run) -> None:
        """Leave a job to the instance that takes it up from the table."""
        with self._changed:
            self._runs.pop(run.job.id, None)
            self._changed.notify_all()

    def _perform(self, run: Run) -> None:
        if not self._claim(run):
            return
        run.job = self._store(replace(run.job, state=JobState.RUNNING))
        logger.info("Job {} starts: {}", run.job.id, run.job.title)
        runner, recover = self._runners[run.job.kind]
        try:
            result = runner(run)
        except Cancelled as error:
            if run.interrupted:
                self._left[run.job.id] = run.job
                self._drop(run)
            elif self._draining and recover:
                self._end(run, JobState.WAITING)
            else:
                self._fail(run, error)
        except DavproxyError as error:
            logger.warning("Job {} failed: {}", run.job.id, error.message)
            self._fail(run, error)
        except Exception:  # noqa: BLE001 - an error of one job must not end the worker; the job shows it
            logger.exception("Job {} crashed", run.job.id)
            self._fail(run, DavproxyError(UNEXPECTED))
        else:
            self._end(run, JobState.DONE, result=dict(result or {}), step="", progress=1.0)

    def _fail(self, run: Run, error: DavproxyError) -> None:
        with self._changed:
            self._errors[run.job.id] = error.with_traceback(None)
            if len(self._errors) > ERRORS_KEPT:
                self._errors.popitem(last=False)
        self._end(run, JobState.CANCELLED if isinstance(error, Cancelled) else JobState.FAILED, error=error.message)

    def _end(self, run: Run, state: JobState, **changes: Any) -> None:
        with self._changed:
            run.job = self._store(replace(run.job, state=state, **changes))
            self._runs.pop(run.job.id, None)
            self._changed.notify_all()
        self._shared.release(run.job.id)
        logger.info("Job {} is {}: {}", run.job.id, run.job.state, run.job.title)

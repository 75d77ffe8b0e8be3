"""Jobs: long pieces of work that are queued, run, watched and cancelled. Knows nothing of songs."""

import queue
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from loguru import logger

from davproxy.errors import BadInput, Cancelled, DavproxyError, NotFound
from davproxy.index import Index, JobRows
from davproxy.model import Job, JobState

UNEXPECTED = "Something unexpected went wrong; the server's log says what."
"""The error of a job that failed with a foreign exception."""
REPORT_SECONDS = 0.2
"""Progress is stored no more often than this."""
ERRORS_KEPT = 100
CANCEL_SECONDS = 1.0
"""How long `drain` waits for jobs that it has asked to stop."""


class Run:
    """What a runner gets: its job, ways to report progress and record what it did, and whether it is asked to stop."""

    def __init__(self, job: Job, store: Callable[[Job], Job], rows: JobRows) -> None:
        self.job = job
        self._store, self._rows = store, rows
        self._stop = threading.Event()
        self._stored = 0.0

    def report(self, step: str, progress: float) -> None:
        """Store the name of the step and the progress of the whole job, 0 to 1. Raises Cancelled if asked to stop."""
        self.check()
        renamed = step != self.job.step
        self.job = replace(self.job, step=step, progress=min(1.0, max(0.0, progress)))
        if renamed or time.monotonic() - self._stored >= REPORT_SECONDS:
            self._stored = time.monotonic()
            self._store(self.job)

    def part(self, step: str, start: float, end: float) -> Callable[[float], None]:
        """A report function for one step: its 0 to 1 becomes `start` to `end` of the whole job."""
        return lambda progress: self.report(step, start + (end - start) * progress)

    def record(self, subject: str, record: Mapping[str, Any]) -> None:
        """Keep what was done to a subject, JSON-able, in place of an earlier record of it. Survives a restart."""
        self._rows.record(self.job.id, subject, record)

    def is_recorded(self, subject: str) -> bool:
        """Whether this job recorded something of the subject, also before a restart."""
        return self._rows.is_recorded(self.job.id, subject)

    def keep(self, result: Mapping[str, Any]) -> None:
        """Set the result that the job has if it is stopped or fails after this."""
        self.job = replace(self.job, result=dict(result))

    def check(self) -> None:
        """Raise Cancelled if asked to stop."""
        if self.cancelled():
            raise Cancelled("Stopped on request.")

    def cancelled(self) -> bool:
        """Whether the job is asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the job to stop, which it does at its next report or check."""
        self._stop.set()


Runner = Callable[[Run], Mapping[str, Any] | None]


class Jobs:
    """The queue of jobs and the threads that run them.

    Jobs are stored in the index, so that people see them and a restart continues them. A job's source must be on the
    remote, because nothing on this computer is kept.
    """

    def __init__(self, index: Index, workers: int = 2) -> None:
        self._rows = index.jobs
        self._runners: dict[str, tuple[Runner, bool]] = {}
        self._runs: dict[str, Run] = {}
        self._errors: OrderedDict[str, DavproxyError] = OrderedDict()
        """The errors of the last ERRORS_KEPT jobs that failed; their messages alone are in the index."""
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._subscribers: list[Callable[[Job], None]] = []
        self._draining = False
        self._workers = [threading.Thread(target=self._work, name=f"job-{n}", daemon=True) for n in range(workers)]

    def register(self, kind: str, runner: Runner, *, recover: bool = True) -> None:
        """Set the function that runs jobs of a kind. With `recover`, one cut short runs again at the next start."""
        self._runners[kind] = (runner, recover)

    def subscribe(self, subscriber: Callable[[Job], None]) -> None:
        """Call `subscriber` with a job after each change of it, in the thread that made it."""
        self._subscribers.append(subscriber)

    def _store(self, job: Job) -> Job:
        job = self._rows.put(job)
        for subscriber in self._subscribers:
            subscriber(job)
        return job

    def start(self) -> None:
        """Queue the jobs that an earlier run left unfinished, and start the threads."""
        self.resume()
        for worker in self._workers:
            worker.start()

    def resume(self) -> None:
        """Queue the jobs in the index that an earlier run left unfinished."""
        self._rows.forget_old()
        with self._changed:
            for job in self._rows.unfinished():
                if job.id in self._runs:
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

    def latest(self, kind: str, subject: str) -> Job | None:
        """The newest job of this kind about this subject."""
        return self._rows.latest(kind, subject)

    def records(self, id: str) -> dict[str, Any]:
        """What a job recorded, by subject."""
        return self._rows.records(id)

    def forget_records(self, id: str, subject: str | None = None) -> None:
        """Remove what a job recorded of one subject, or of all."""
        self._rows.forget_records(id, subject)

    def cancel(self, id: str) -> Job:
        """Stop a job: at once if it waits, at its next report if it runs. A job that has ended stays as it is."""
        with self._changed:
            run = self._runs.get(id)
            if run is not None:
                run.stop()
        if run is not None and self.get(id).state is JobState.WAITING:
            self._fail(run, Cancelled("Stopped on request."))
        return self.get(id)

    def wait(self, id: str, timeout: float | None = None) -> Job:
        """Wait until the job has ended, at most `timeout` seconds. Returns the job as it is then."""
        with self._changed:
            self._changed.wait_for(lambda: id not in self._runs, timeout)
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
        self._runs[job.id] = Run(job, self._store, self._rows)
        self._queue.put(job.id)

    def _work(self) -> None:
        while (id := self._queue.get()) is not None and not self._draining:
            run = self._runs.get(id)
            if run is not None and not run.cancelled():
                self._perform(run)

    def _perform(self, run: Run) -> None:
        run.job = self._store(replace(run.job, state=JobState.RUNNING))
        logger.info("Job {} starts: {}", run.job.id, run.job.title)
        runner, recover = self._runners[run.job.kind]
        try:
            result = runner(run)
        except Cancelled as error:
            if self._draining and recover:
                self._end(run, JobState.WAITING)
            else:
                self._fail(run, error)
        except DavproxyError as error:
            logger.warning("Job {} failed: {}", run.job.id, error.message)
            self._fail(run, error)
        except Exception:  # noqa: BLE001 - a worker outlives every job, and the job shows the error
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
        logger.info("Job {} is {}: {}", run.job.id, run.job.state, run.job.title)

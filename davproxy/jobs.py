"""Long pieces of work: run, watch, cancel, drain. Knows nothing of songs."""

import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from loguru import logger

from davproxy.errors import BadInput, Cancelled, DavproxyError, NotFound
from davproxy.index import Index
from davproxy.model import Job, JobState

REPORT_SECONDS = 0.2
"""How often progress is written down at most."""
GIVING_UP_SECONDS = 1.0
"""For jobs that were asked to stop at the end."""


class Run:
    """What a runner gets: its job, and the way to report and to hear that a person wants it stopped."""

    def __init__(self, job: Job, store: Callable[[Job], Job]) -> None:
        self.job = job
        self._store = store
        self._stop = threading.Event()
        self._stored = 0.0

    def report(self, step: str, progress: float) -> None:
        """Say what is being done and how much of all is done, 0 to 1. Raises Cancelled when asked to stop."""
        self.check()
        renamed = step != self.job.step
        self.job = replace(self.job, step=step, progress=min(1.0, max(0.0, progress)))
        if renamed or time.monotonic() - self._stored >= REPORT_SECONDS:
            self._stored = time.monotonic()
            self._store(self.job)

    def check(self) -> None:
        """Raise Cancelled when asked to stop."""
        if self.cancelled():
            raise Cancelled("Stopped on request.")

    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask it to stop at its next report or check."""
        self._stop.set()


Runner = Callable[[Run], Mapping[str, Any] | None]


class Jobs:
    """The queue of jobs and its workers.

    Jobs are written down in the index, so that people see them and a restart finds what was under way. A job's input
    must wait on the remote: nothing that lasts is here.
    """

    def __init__(self, index: Index, workers: int = 2) -> None:
        self._rows = index.jobs
        self._runners: dict[str, tuple[Runner, bool]] = {}
        self._runs: dict[str, Run] = {}
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._draining = False
        self._workers = [threading.Thread(target=self._work, name=f"job-{n}", daemon=True) for n in range(workers)]

    def register(self, kind: str, runner: Runner, *, recover: bool = True) -> None:
        """Name the function that does jobs of this kind. With `recover`, one cut short runs again at the next start."""
        self._runners[kind] = (runner, recover)

    def start(self) -> None:
        """Take up what a former run left, then work on what comes."""
        self._rows.forget_old()
        for job in self._rows.unfinished():
            if self._runners.get(job.kind, (None, False))[1]:
                self._enqueue(self._rows.put(replace(job, state=JobState.WAITING, step="", progress=0.0)))
            else:
                self._rows.put(replace(job, state=JobState.FAILED, error="Cut short by a restart. Start it again."))
        for worker in self._workers:
            worker.start()

    def submit(self, kind: str, title: str, *, subject: str = "", options: Mapping[str, Any] | None = None) -> Job:
        """Put a job in the queue. While one of the same kind and subject waits or runs, that one is returned."""
        if kind not in self._runners:
            raise BadInput(f"There is no work called “{kind}”.")
        with self._changed:
            for run in self._runs.values():
                if (run.job.kind, run.job.subject) == (kind, subject) and not run.cancelled():
                    return run.job
            job = Job(uuid.uuid4().hex[:12], kind, title, subject=subject, options=dict(options or {}))
            job = self._rows.put(job)
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

    def cancel(self, id: str) -> Job:
        """Stop a job: at once if it waits, at its next step if it runs. One that ended stays as it is."""
        with self._changed:
            run = self._runs.get(id)
            if run is not None:
                run.stop()
        if run is not None and self.get(id).state is JobState.WAITING:
            self._end(run, JobState.CANCELLED, error="Stopped on request.")
        return self.get(id)

    def wait(self, id: str, timeout: float | None = None) -> Job:
        """The job once it has ended, or as it is after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: id not in self._runs, timeout)
        return self.get(id)

    def idle(self, timeout: float | None = None) -> bool:
        """Wait until nothing waits or runs; whether that came to be within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._runs, timeout)

    @property
    def draining(self) -> bool:
        """Whether the server is stopping: a job that is asked to stop now runs again at the next start."""
        return self._draining

    def drain(self, timeout: float) -> None:
        """Take nothing new, give running jobs `timeout` seconds, then ask them to stop; a next start takes them up."""
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
            worker.join(max(0.0, deadline + GIVING_UP_SECONDS - time.monotonic()))

    def _enqueue(self, job: Job) -> None:
        self._runs[job.id] = Run(job, self._rows.put)
        self._queue.put(job.id)

    def _work(self) -> None:
        while (id := self._queue.get()) is not None and not self._draining:
            run = self._runs.get(id)
            if run is not None and not run.cancelled():
                self._perform(run)

    def _perform(self, run: Run) -> None:
        run.job = self._rows.put(replace(run.job, state=JobState.RUNNING))
        logger.info("Job {} starts: {}", run.job.id, run.job.title)
        runner, recover = self._runners[run.job.kind]
        try:
            result = runner(run)
        except Cancelled as error:
            if self._draining and recover:
                self._end(run, JobState.WAITING)
            else:
                self._end(run, JobState.CANCELLED, error=error.message)
        except DavproxyError as error:
            logger.warning("Job {} failed: {}", run.job.id, error.message)
            self._end(run, JobState.FAILED, error=error.message)
        except Exception:  # noqa: BLE001 - whatever it was, the worker lives and the person is told
            logger.exception("Job {} broke", run.job.id)
            self._end(run, JobState.FAILED, error="Something unexpected went wrong; the server's log says what.")
        else:
            self._end(run, JobState.DONE, result=dict(result or {}), progress=1.0)

    def _end(self, run: Run, state: JobState, **changes: Any) -> None:
        with self._changed:
            run.job = self._rows.put(replace(run.job, state=state, **changes))
            self._runs.pop(run.job.id, None)
            self._changed.notify_all()
        logger.info("Job {} is {}: {}", run.job.id, run.job.state, run.job.title)

"""Jobs: long pieces of work that are queued, run, watched and cancelled. Knows nothing of songs."""

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from loguru import logger

from davproxy.coordination import Coordination, InProcess
from davproxy.errors import BadInput, Cancelled, DavproxyError, NotFound
from davproxy.index import Index
from davproxy.job_run import Run, Runner
from davproxy.model import Job, JobState
from davproxy.own_jobs import CUT_SHORT, OwnJobs
from davproxy.past_jobs import PastJobs
from davproxy.shared_jobs import SharedJobs

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
        self._own = OwnJobs(index.jobs, self._shared, self._notify)
        self.past = PastJobs(index.jobs, self._shared.records, self._own.store)
        self._shared.subscribe(self._own.note_elsewhere, self._cancel_here)
        self._runners: dict[str, tuple[Runner, bool]] = {}
        self._errors: OrderedDict[str, DavproxyError] = OrderedDict()
        """The errors of the last ERRORS_KEPT jobs that failed; the index has only their messages."""
        self._subscribers: list[Callable[[Job], None]] = []
        self._draining = False
        self._workers = [threading.Thread(target=self._work, name=f"job-{n}", daemon=True) for n in range(workers)]

    def register(self, kind: str, runner: Runner, *, recover: bool = True, anywhere: bool = False) -> None:
        """Set the function that runs jobs of a kind. With `recover`, one cut short runs again at the next start.

        With `anywhere`, a job is the same whichever instance runs it, so another one takes it up from a dead one.
        """
        self._runners[kind] = (runner, recover)
        if anywhere:
            self._own.anywhere.add(kind)

    def subscribe(self, subscriber: Callable[[Job], None]) -> None:
        """Call `subscriber` with a job after each change of it, in the thread that made it."""
        self._subscribers.append(subscriber)

    def _notify(self, job: Job) -> None:
        for subscriber in self._subscribers:
            subscriber(job)

    def start(self) -> None:
        """Queue the jobs that an earlier run left unfinished, and start the threads."""
        self.resume()
        for worker in self._workers:
            worker.start()
        self._own.start()

    def resume(self) -> None:
        """Queue the jobs in the index that an earlier run left unfinished."""
        self._rows.forget_old()
        with self._own.changed:
            for job in self._rows.unfinished():
                if job.id in self._own.runs:
                    continue
                if (other := self._own.state_elsewhere(job)) is not None:
                    self._rows.put(other)
                    continue
                if self._runners.get(job.kind, (None, False))[1]:
                    self._own.add(self._own.store(replace(job, state=JobState.WAITING, step="", progress=0.0)))
                else:
                    self._own.store(replace(job, state=JobState.FAILED, error=CUT_SHORT))

    def submit(self, kind: str, title: str, *, subject: str = "", options: Mapping[str, Any] | None = None) -> Job:
        """Queue a job. If one of the same kind and subject waits or runs, return that one instead."""
        if kind not in self._runners:
            raise BadInput(f"There is no job of the kind “{kind}”.")
        with self._own.changed:
            for run in self._own.runs.values():
                if (run.job.kind, run.job.subject) == (kind, subject) and not run.cancelled():
                    return run.job
            job = Job(uuid.uuid4().hex[:12], kind, title, subject=subject, options=dict(options or {}))
            if kind in self._own.anywhere and (other := self._shared.add(job)).id != job.id:
                return self._rows.put(other)
            job = self._own.store(job)
            self._own.add(job)
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
        with self._own.changed:
            run = self._own.runs.get(id)
            if run is not None:
                run.stop()
        if run is not None and self.get(id).state is JobState.WAITING:
            self._fail(run, Cancelled("Stopped on request."))
        elif run is None and self.is_unfinished(id):
            self._shared.cancel(id)
        return self.get(id)

    def _cancel_here(self, id: str) -> None:
        if id in self._own.runs:
            self.cancel(id)

    def is_unfinished(self, id: str) -> bool:
        """Whether the job waits or runs, here or elsewhere."""
        job = self._rows.get(id)
        return job is not None and not job.final

    def wait(self, id: str, timeout: float | None = None) -> Job:
        """Wait until the job has ended, at most `timeout` seconds. Returns the job as it is then."""
        with self._own.changed:
            self._own.changed.wait_for(lambda: id not in self._own.runs and not self._is_awaited(id), timeout)
        return self.get(id)

    def outcome(self, id: str, timeout: float | None = None) -> Job:
        """Wait as `wait` does. Raises the error of a job that failed or was cancelled."""
        job = self.wait(id, timeout)
        if job.state in (JobState.FAILED, JobState.CANCELLED):
            raise self._errors.get(id) or BadInput(job.error or "The work was stopped.")
        return job

    def wait_until_idle(self, timeout: float | None = None) -> bool:
        """Wait until no job waits or runs. Returns False if that takes more than `timeout` seconds."""
        with self._own.changed:
            return self._own.changed.wait_for(lambda: not self._own.runs, timeout)

    def _is_awaited(self, id: str) -> bool:
        return self._shared.is_shared and self.is_unfinished(id)

    @property
    def draining(self) -> bool:
        """Whether the server is stopping. A job that is asked to stop now runs again at the next start."""
        return self._draining

    def drain(self, timeout: float) -> None:
        """Start no more jobs; give running ones `timeout` seconds, then stop them. The next start runs them again."""
        self._draining = True
        deadline = time.monotonic() + timeout
        started = [worker for worker in self._workers if worker.is_alive()]
        self._own.stop(len(started))
        for worker in started:
            worker.join(max(0.0, deadline - time.monotonic()))
        for run in list(self._own.runs.values()):
            run.stop()
        for worker in started:
            worker.join(max(0.0, deadline + CANCEL_SECONDS - time.monotonic()))

    def _work(self) -> None:
        while (run := self._own.next()) is not None and not self._draining:
            self._perform(run)

    def _perform(self, run: Run) -> None:
        if not self._own.claim(run):
            return
        run.job = self._own.store(replace(run.job, state=JobState.RUNNING))
        logger.info("Job {} starts: {}", run.job.id, run.job.title)
        runner, recover = self._runners[run.job.kind]
        try:
            result = runner(run)
        except Cancelled as error:
            if run.interrupted:
                self._own.leave(run)
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
        with self._own.changed:
            self._errors[run.job.id] = error.with_traceback(None)
            if len(self._errors) > ERRORS_KEPT:
                self._errors.popitem(last=False)
        self._end(run, JobState.CANCELLED if isinstance(error, Cancelled) else JobState.FAILED, error=error.message)

    def _end(self, run: Run, state: JobState, **changes: Any) -> None:
        with self._own.changed:
            run.job = self._own.store(replace(run.job, state=state, **changes))
            self._own.remove(run)
        self._shared.release(run.job.id)
        logger.info("Job {} is {}: {}", run.job.id, run.job.state, run.job.title)

"""One run of a job, as its runner uses it."""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from davproxy.errors import Cancelled
from davproxy.model import Job
from davproxy.shared_records import SharedRecords

REPORT_SECONDS = 0.2
"""Progress is stored no more often than this."""
_COUNT = re.compile(r"[\d,]+")
"""The numbers in the name of a step, as in “1,200 of 3,000”, which change without a new step."""


class Run:
    """Passed to a runner: its job, functions to report progress and to record its changes, and the request to stop."""

    def __init__(
        self,
        job: Job,
        store: Callable[[Job], Job],
        records: SharedRecords,
        holds: Callable[["Run"], bool] = lambda _run: True,
    ) -> None:
        """`holds` returns whether this instance may still run the job."""
        self.job = job
        self._store, self._records, self._holds = store, records, holds
        self._stop = threading.Event()
        self._stored = 0.0
        self.interrupted = False
        """Whether it was stopped because another instance may run the job by now."""

    def report(self, step: str, progress: float) -> None:
        """Store the name of the step and the progress of the whole job, 0 to 1. Raises Cancelled if asked to stop."""
        self.check()
        renamed = _COUNT.sub("", step) != _COUNT.sub("", self.job.step)
        self.job = replace(self.job, step=step, progress=min(1.0, max(0.0, progress)))
        if renamed or time.monotonic() - self._stored >= REPORT_SECONDS:
            self._stored = time.monotonic()
            self._store(self.job)

    def report_step(self, step: str, start: float, end: float) -> Callable[[float], None]:
        """A function that reports one step: its progress 0 to 1 becomes `start` to `end` of the whole job."""
        return lambda progress: self.report(step, start + (end - start) * progress)

    def record(self, subject: str, record: Mapping[str, Any]) -> None:
        """Store the record of a subject, JSON-able, replacing an earlier one. It survives a restart."""
        self._records.record(self.job.id, subject, record)

    def is_recorded(self, subject: str) -> bool:
        """Whether this job has a record of the subject, also from before a restart."""
        return self._records.is_recorded(self.job.id, subject)

    def records(self) -> Mapping[str, Any]:
        """The records of this job by subject, also from before a restart."""
        return self._records.of(self.job.id)

    def keep(self, result: Mapping[str, Any]) -> None:
        """Set the result that the job has from its next report on, and if it is stopped or fails after this."""
        self.job = replace(self.job, result=dict(result))

    def check(self) -> None:
        """Raise Cancelled if asked to stop, or if another instance has taken the job up meanwhile."""
        if self.cancelled() or not self._holds(self):
            raise Cancelled("Stopped on request.")

    def cancelled(self) -> bool:
        """Whether the job is asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the job to stop, which it does at its next report or check."""
        self._stop.set()


Runner = Callable[[Run], Mapping[str, Any] | None]


def subject_of(options: Mapping[str, Any]) -> str:
    """The subject of a job that its options alone identify, so that the same request twice is one job."""
    return hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()[:16]

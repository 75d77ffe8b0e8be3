"""Jobs that are a plan of steps: shown first, then done one by one, and undone.

The job records its whole plan before it does the first step, and each step again once it is done. So it goes on after
a restart, and what it did can be undone whether it ended, was cancelled or was killed.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from davproxy.curation import step_actions, steps
from davproxy.curation.step_actions import PictureOf
from davproxy.curation.steps import Step
from davproxy.errors import Conflict, DavproxyError, Unavailable
from davproxy.job_run import subject_of
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.model import Job

UNDO = "undo steps"
PLANNED = "planned"
"""The record that says that all others are there."""
SHOWN_ERRORS = 20

Planner = Callable[[Mapping[str, Any]], list[Step]]


class StepJobs:
    """Plans, starts and undoes such jobs. All kinds must be registered before the jobs start."""

    def __init__(self, library: Library, jobs: Jobs, picture_of: PictureOf) -> None:
        self._library, self._jobs, self._picture_of = library, jobs, picture_of
        self._planners: dict[str, tuple[Planner, str]] = {}
        jobs.register(UNDO, self._run_undo, anywhere=True)

    def register(self, kind: str, planner: Planner, title: str) -> None:
        """Add a kind of job. `planner` makes its steps of the job's options."""
        self._planners[kind] = planner, title
        self._jobs.register(kind, self._run, anywhere=True)

    def plan(self, kind: str, options: Mapping[str, Any]) -> list[Step]:
        """The steps that a job would do now: the dry run. Raises BadInput, NotFound."""
        return self._planners[kind][0](options)

    def start(self, kind: str, options: Mapping[str, Any], *, title: str = "") -> Job:
        """Start the job, or return the one of its kind and options that waits or runs.

        Raises BadInput, NotFound where there is no plan for these options.
        """
        self.plan(kind, options)  # refuses bad options now; the run plans again, because the library may have changed
        title = title or self._planners[kind][1]
        return self._jobs.submit(kind, title, subject=subject_of(options), options=options)

    def undo(self, job_id: str) -> Job:
        """Start to undo a finished job. Raises NotFound, Conflict."""
        job = self._jobs.get(job_id)
        if not job.final:
            raise Conflict("This job is not over yet. Stop it first.")
        if not self._done_steps(job_id):
            raise Conflict("There is nothing to undo: nothing was changed, or it has been undone.")
        return self._jobs.submit(UNDO, f"Undo: {job.title}", subject=job_id)

    def _run(self, run: Run) -> Mapping[str, Any]:
        planned = self._steps(run.job.id) if run.is_recorded(PLANNED) else self._record_plan(run)
        can_undo = self._library.features.trash or any(step.kind != "delete" for step in planned.values())
        errors: list[tuple[Step, str]] = []
        needed: set[str] = set()  # songs that were not followed or merged
        for number, (key, step) in enumerate(planned.items()):
            if not step.planned:  # it was done before a restart, or is what a merge did
                continue
            try:
                run.report(f"{number:,} of {len(planned):,}", number / len(planned))
                if step.kind == "delete" and step.path in needed:
                    raise Conflict("It is kept, because a step before could not be done.")
                trashed = step_actions.perform(self._library, step, _recorder(run, key), self._picture_of)
                run.record(key, replace(step, key=trashed, planned=False).as_json())
            except Unavailable:
                raise
            except DavproxyError as error:
                run.check()
                errors.append((step, error.message))
                needed.add(step.target if step.kind == "merge" else step.path)
            run.keep(_result(number + 1, errors, "done", can_undo=can_undo))
        return _result(len(planned), errors, "done", can_undo=can_undo)

    def _record_plan(self, run: Run) -> dict[str, Step]:
        run.report("planning", 0.0)
        planner, _ = self._planners[run.job.kind]
        planned = {f"{number:06}": replace(step, planned=True) for number, step in enumerate(planner(run.job.options))}
        for key, step in planned.items():
            run.record(key, step.as_json())
        run.record(PLANNED, {})
        return planned

    def _run_undo(self, run: Run) -> Mapping[str, Any]:
        done = self._done_steps(run.job.subject)
        errors: list[tuple[Step, str]] = []
        for number, (key, step) in enumerate(reversed(done.items())):
            run.report(f"{number:,} of {len(done):,}", number / len(done))
            try:
                step_actions.revert(self._library, step)
                self._jobs.forget_records(run.job.subject, key)
            except Unavailable:
                raise
            except DavproxyError as error:
                errors.append((step, error.message))
        return _result(len(done), errors, "taken back", can_undo=False)

    def _done_steps(self, job_id: str) -> dict[str, Step]:
        return {key: step for key, step in self._steps(job_id).items() if not step.planned}

    def _steps(self, job_id: str) -> dict[str, Step]:
        """The recorded steps of a job in their order, by key."""
        records = self._jobs.records(job_id)
        return {
            key: steps.from_json(records[key])
            for key in sorted(records)
            if key[:1].isdigit() and "kind" in records[key]
        }


def record_steps(run: Run) -> Callable[[Step], None]:
    """A function that records a step that was done, so that an undo reverts it."""
    return lambda step: run.record(f"{time.time_ns():020}", step.as_json())


def _recorder(run: Run, key: str) -> Callable[[Step], None]:
    return lambda step: run.record(f"{key}.{time.time_ns():020}", step.as_json())


def _result(count: int, errors: list[tuple[Step, str]], words: str, *, can_undo: bool) -> dict[str, Any]:
    changed = count - len(errors)
    summary = f"{changed:,} {'change' if changed == 1 else 'changes'} {words}."
    if errors:
        summary += f" {len(errors):,} could not be: {errors[0][1]}"
    return {
        "changed": changed,
        "failed": len(errors),
        "errors": [{"title": step.path, "reason": reason} for step, reason in errors[:SHOWN_ERRORS]],
        "can_undo": can_undo and changed > 0,
        "summary": summary,
    }

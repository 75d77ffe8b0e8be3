"""The JSON of jobs that are plans of steps: the dry run and the result."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from davproxy.curation import list_files
from davproxy.curation.list_files import ENTRIES
from davproxy.curation.steps import Step, Values
from davproxy.model import Job
from webui.api.shapes import JobShape

LISTED = 2000
"""The most steps that are listed in one response."""


class StepShape(BaseModel):
    """One change."""

    kind: Literal["add", "delete", "move", "edit", "merge", "follow", "list", "art", "write", "ini", "shrink"]
    path: str
    target: str = Field(
        description="Where a move or the original of art goes, the other song of a merge or deletion, or a new picture."
    )
    before: dict[str, str | None] = Field(
        description="Fields, encoding or heading of song.ini before the change, or how many `entries` a list has; null"
        " where there is none."
    )
    after: dict[str, str | None]
    reason: str

    @classmethod
    def of(cls, step: Step) -> "StepShape":
        """The shape of `step`."""
        values = {name: getattr(step, name) for name in cls.model_fields}
        if step.kind == "list":  # 77 bytes a song, for thousands of songs
            values |= {"before": _counted(step.before), "after": _counted(step.after)}
        return cls.model_validate(values)


class Plan(BaseModel):
    """What a job would do, or what it did."""

    dry_run: bool
    total: int = Field(description="All steps; the first 2000 are listed in a dry run.")
    steps: list[StepShape]
    job: JobShape | None = Field(description="The job that did it; null in a dry run.")

    @classmethod
    def of(cls, steps: Sequence[Step]) -> "Plan":
        """The dry run of `steps`."""
        return cls(dry_run=True, total=len(steps), steps=[StepShape.of(step) for step in steps[:LISTED]], job=None)

    @classmethod
    def of_job(cls, job: Job) -> "Plan":
        """What a finished job did."""
        return cls(dry_run=False, total=(job.result or {}).get("changed", 0), steps=[], job=JobShape.of(job))


def _counted(values: Values) -> Values:
    line = values[ENTRIES]
    return {ENTRIES: None if line is None else str(len(list_files.from_line(line)))}

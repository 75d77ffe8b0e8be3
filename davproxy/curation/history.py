"""What happened to a song, from the records and results of jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from davproxy.curation import repairs, steps
from davproxy.curation.fill_in import fill_in
from davproxy.curation.steps import Step
from davproxy.jobs import Jobs
from davproxy.model import Job, Song

LOOKS = (fill_in.LOOK, repairs.LOOK)
"""The kinds of jobs whose records say what could be done to a song."""
MOST_PATHS = 20
"""Earlier paths of a song that are looked at."""


@dataclass(slots=True)
class Happened:
    """What one job did to the song: `fields` are (key, before, after) of song.ini, `steps` all else.

    A job without both brought the song.
    """

    job: Job
    fields: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def history(jobs: Jobs, song: Song) -> list[Happened]:
    """What jobs did to the song, newest first, as long as they are kept and were not undone."""
    found: dict[str, Happened] = {}
    paths: set[str] = set()
    waiting = [song.path]
    while waiting and len(paths) < MOST_PATHS:
        path = waiting.pop()
        paths.add(path)
        for job, record in jobs.past.recorded(str(song.id), path):
            if job.kind in LOOKS:
                continue  # it changed nothing
            happened = found.setdefault(job.id, Happened(job))
            step = _add(happened, record)
            if step and step.kind == "move" and step.target == path and step.path not in (*paths, *waiting):
                waiting.append(step.path)
    for job in jobs.past.that_made(song.id):
        found.setdefault(job.id, Happened(job))
    return sorted(found.values(), key=lambda happened: -happened.job.created)


def _add(happened: Happened, record: Mapping[str, Any]) -> Step | None:
    """Add what a record says. Returns its step, if it is one."""
    if "kind" not in record:
        changes = [(key, before, after) for key, before, after in record.get("changes", ())]
        happened.fields += [change for change in changes if change not in happened.fields]
        return None
    step = steps.from_json(record)
    if step.planned:
        return None
    if step.kind == "edit":
        happened.fields += [(key, step.before.get(key), after) for key, after in step.after.items()]
    elif step not in happened.steps:
        happened.steps.append(step)
    return step

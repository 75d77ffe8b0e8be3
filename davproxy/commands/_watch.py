"""Following jobs at a terminal: a progress bar each, then what became of them."""

import sys
import time

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from davproxy.commands import FAILED
from davproxy.commands._client import Workplace
from davproxy.model import Job, JobState

POLL_SECONDS = 0.5


def watch(place: Workplace, jobs: list[Job]) -> list[Job]:
    """The jobs once they have all ended, shown as they go where a person looks on. Interrupted, it stops them."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True) as bars:
        tasks = {job.id: bars.add_task(job.title[:60], total=1.0, step=job.step) for job in jobs}
        latest = {job.id: job for job in jobs}
        try:
            while waiting := [id for id, job in latest.items() if not job.final]:
                for id in waiting:
                    latest[id] = job = place.job(id)
                    bars.update(tasks[id], completed=1.0 if job.final else job.progress, step=job.step or job.state)
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            for id in latest:
                place.cancel(id)
            raise
    return list(latest.values())


def told(jobs: list[Job]) -> int:
    """Say what became of each job; the exit code."""
    failed = False
    for job in jobs:
        if job.state is not JobState.DONE:
            failed = True
            click.echo(f"{job.title}: {job.error or job.state}", err=True)
            continue
        result = job.result or {}
        for song in result.get("songs", []):
            click.echo(f"{song.get('path', song) if isinstance(song, dict) else song}")
        for kind, words in (("duplicates", "is in the library already"), ("failed", ""), ("skipped", "")):
            for item in result.get(kind, []):
                failed = failed or kind == "failed"
                click.echo(_line(item, words), err=True)
    return FAILED if failed else 0


def _line(item: object, words: str) -> str:
    if isinstance(item, dict):
        return f"{item.get('path') or item.get('name')}: {item.get('reason') or words}"
    return f"{item}: {words}"

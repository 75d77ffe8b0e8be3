"""Jobs at a terminal: a progress bar each while they run, then their results."""

import sys
import time

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from davproxy.commands import FAILED
from davproxy.commands._client import Client
from davproxy.model import Job, JobState

POLL_SECONDS = 0.5


def progress_bars() -> Progress:
    """Progress bars on standard error, shown only on a terminal; each task has a text `step`."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)


def watch(client: Client, jobs: list[Job]) -> list[Job]:
    """Wait until all jobs have ended, and return them. Shows progress on a terminal. Ctrl+C cancels them."""
    with progress_bars() as bars:
        tasks = {job.id: bars.add_task(job.title[:60], total=1.0, step=job.step) for job in jobs}
        latest = {job.id: job for job in jobs}
        try:
            while waiting := [id for id, job in latest.items() if not job.final]:
                for id in waiting:
                    latest[id] = job = client.job(id)
                    bars.update(tasks[id], completed=1.0 if job.final else job.progress, step=job.step or job.state)
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            for id in latest:
                client.cancel(id)
            raise
    return list(latest.values())


def print_results(jobs: list[Job]) -> int:
    """Print the result of each job, songs on standard output and the rest on standard error. Returns the exit code."""
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
        for item in result.get("newer", []):
            then = "is in the trash bin now" if item["replaced"] else "is kept"
            click.echo(f"{item['path']}: is a newer version of {item['older']}, which {then}", err=True)
    return FAILED if failed else 0


def _line(item: object, words: str) -> str:
    if isinstance(item, dict):
        if improved := item.get("improved"):
            words = f"improved: {', '.join(improved)}"
        return f"{item.get('path') or item.get('name')}: {item.get('reason') or words}"
    return f"{item}: {words}"

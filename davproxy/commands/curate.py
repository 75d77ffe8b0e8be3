"""`davproxy curate`: the jobs that make the library better."""

from typing import Any

import click

from davproxy.commands import FAILED
from davproxy.commands._client import open_client
from davproxy.commands._watch import watch
from davproxy.curation.duplicates import DUPLICATES
from davproxy.curation.fill_in.fill_in import FILL_IN
from davproxy.curation.organiser import ORGANISE
from davproxy.curation.repairs import REPAIR, REPAIRS
from davproxy.model import Job, JobState
from davproxy.settings import Settings

FILL = "fill-in"
OPENING = tuple(repair.name for repair in REPAIRS if repair.opens)
"""Repairs that a job looks into files for."""
WORK = (ORGANISE, DUPLICATES, FILL, *(repair.name for repair in REPAIRS), "undo")


@click.command()
@click.argument("work", type=click.Choice(WORK), metavar="WORK")
@click.argument("job", required=False, default="")
@click.option("--pattern", default="", help="Of song folders, for organise; that of SONG_FOLDERS if not given.")
@click.option(
    "--least",
    type=click.FloatRange(0, 1),
    default=0.8,
    help="How sure a proposal must be, for fill-in.",
    show_default=True,
)
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
def command(work: str, job: str, pattern: str, least: float, dry_run: bool) -> int:
    """Organise song folders, merge duplicates, fill in or repair songs.

    WORK is organise, which moves songs to the folders that the pattern says; duplicates, which merges songs with the
    same notes into the best of them; fill-in, which looks for what songs lack and fills in what is sure; or a repair:
    names, texts, length, preview, intensities, stray, section, encoding, containers, art. Prints the id of the job:
    “davproxy curate undo JOB” takes back what it did. Exit code 1 if something could not be done.
    """
    with open_client(Settings.read()) as library:
        if work == "undo":
            return _print_result(watch(library, [library.undo(job)])[0])
        known: dict[str, tuple[str, dict[str, Any]]] = {
            ORGANISE: (ORGANISE, {"pattern": pattern}),
            DUPLICATES: (DUPLICATES, {}),
            FILL: (FILL_IN, {"least": least}),
        }
        kind, options = known.get(work, (REPAIR, {"repair": work}))
        if work == FILL:
            looked = watch(library, [library.look()])[0]
            click.echo((looked.result or {}).get("summary") or looked.error, err=True)
            options["job"] = looked.id
        if work in OPENING:
            options["job"] = watch(library, [library.look_into(work)])[0].id
        if dry_run:
            for step in library.plan(kind, options):
                words = [step["kind"], step["path"], step.get("target", ""), step.get("reason", "")]
                click.echo("  ".join(filter(None, words)))
            return 0
        return _print_result(watch(library, [library.curate(kind, options)])[0])


def _print_result(job: Job) -> int:
    """Print what a job did, and its id. Returns the exit code."""
    result = job.result or {}
    click.echo(f"{result.get('summary') or job.error} Job {job.id}", err=True)
    for error in result.get("errors", []):
        click.echo(f"{error['title']}: {error['reason']}", err=True)
    return FAILED if job.state is not JobState.DONE or result.get("failed") else 0

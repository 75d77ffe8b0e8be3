"""`davproxy curate`: the jobs that make the library better."""

import click

from davproxy.commands import FAILED
from davproxy.commands._client import open_client
from davproxy.commands._watch import watch
from davproxy.curation.duplicates import DUPLICATES
from davproxy.curation.organiser import ORGANISE
from davproxy.curation.repairs import REPAIR, REPAIRS
from davproxy.model import Job, JobState
from davproxy.settings import Settings

WORK = (ORGANISE, DUPLICATES, *(repair.name for repair in REPAIRS), "undo")


@click.command()
@click.argument("work", type=click.Choice(WORK), metavar="WORK")
@click.argument("job", required=False, default="")
@click.option("--pattern", default="", help="Of song folders, for organise; that of SONG_FOLDERS if not given.")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
def command(work: str, job: str, pattern: str, dry_run: bool) -> int:
    """Organise song folders, merge duplicates, or repair songs.

    WORK is organise, which moves songs to the folders that the pattern says; duplicates, which merges songs with the
    same notes into the best of them; or a repair: names, texts, length, preview, intensities, stray. Prints the id of
    the job: “davproxy curate undo JOB” takes back what it did. Exit code 1 if something could not be done.
    """
    with open_client(Settings.read()) as library:
        if work == "undo":
            return _print_result(watch(library, [library.undo(job)])[0])
        kind, options = {
            ORGANISE: (ORGANISE, {"pattern": pattern}),
            DUPLICATES: (DUPLICATES, {}),
        }.get(work, (REPAIR, {"repair": work}))
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

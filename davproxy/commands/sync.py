"""`davproxy sync`: read the library from the remote now."""

import click

from davproxy.commands import FAILED
from davproxy.commands._client import workplace
from davproxy.commands._watch import told, watch
from davproxy.model import JobState
from davproxy.settings import Settings


@click.command()
@click.option("--purge", is_flag=True, help="Songs that vanished in such number that they are kept may go.")
def command(purge: bool) -> int:
    """Bring the index up to date with what is on the remote, and say what changed."""
    with workplace(Settings.read()) as place:
        (job,) = watch(place, [place.sync(purge=purge)])
    if job.state is not JobState.DONE or job.result is None:
        return told([job])
    held = job.result.get("held", [])
    click.echo(", ".join(f"{name}: {job.result[name]}" for name in ("synced", "added", "changed", "purged", "refused")))
    if held:
        click.echo(f"{len(held)} songs vanished at once and are kept. If it is meant: davproxy sync --purge", err=True)
    return FAILED if held else 0

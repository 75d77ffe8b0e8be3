"""`davproxy sync`: read the library from the remote."""

import click

from davproxy.commands import FAILED
from davproxy.commands._client import open_client
from davproxy.commands._watch import print_results, watch
from davproxy.model import JobState
from davproxy.settings import Settings


@click.command()
@click.option("--purge", is_flag=True, help="Purge songs even if many vanished at once.")
def command(purge: bool) -> int:
    """Read the library from the remote now.

    Prints how many songs were added, changed and purged. Exit code 1 if many songs vanished at once: they are kept
    until --purge.
    """
    with open_client(Settings.read()) as library:
        (job,) = watch(library, [library.sync(purge=purge)])
    if job.state is not JobState.DONE or job.result is None:
        return print_results([job])
    held = job.result.get("held", [])
    click.echo(", ".join(f"{name}: {job.result[name]}" for name in ("synced", "added", "changed", "purged", "refused")))
    if held:
        click.echo(f"{len(held)} songs vanished at once and are kept. If it is meant: davproxy sync --purge", err=True)
    return FAILED if held else 0

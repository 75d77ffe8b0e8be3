"""`davproxy doctor`: look at everything that can stand in the way, and say what to do about each finding."""

from itertools import chain
from pathlib import Path

import click

from davproxy.commands import FAILED
from davproxy.commands._diagnosis import look_at_access, look_at_tools, look_here, show
from davproxy.connect import remote_of
from davproxy.diagnosis import Grade, look_at_remote
from davproxy.settings import Settings


@click.command()
def command() -> int:
    """Check settings, remote, tools, disk, port and mounts, and say what to do.

    Writes a small file to the remote and reads it back. Exit code 1 when something must be mended.
    """
    settings = Settings.read()
    remote = remote_of(settings)
    worst = 0
    try:
        for finding in chain(
            look_at_access(settings, Path(".env")), look_at_remote(remote), look_at_tools(), look_here(settings)
        ):
            show(finding)
            worst = max(worst, FAILED if finding.grade is Grade.BAD else 0)
    finally:
        remote.close()
    click.echo("\nSomething must be mended." if worst else "\nAll is well.")
    return worst

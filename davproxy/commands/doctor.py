"""`davproxy doctor`: check everything that can go wrong, and say what to do about each problem."""

from itertools import chain
from pathlib import Path

import click

from davproxy.app import coordination_of
from davproxy.commands import FAILED
from davproxy.commands._diagnosis import check_access, check_computer, check_tools, show
from davproxy.connect import remote_of
from davproxy.diagnosis import Grade, check_coordination, check_remote, check_slow_upload
from davproxy.settings import Settings


@click.command()
@click.option("--slow", is_flag=True, help="Find out too whether an upload that takes 70 seconds gets through.")
def command(slow: bool) -> int:
    """Check settings, remote, Redis, tools, disk, port and mounts.

    Says what to do about each problem. Writes a small file to the remote and reads it back. Exit code 1 if something
    must be fixed.
    """
    settings = Settings.read()
    remote = remote_of(settings)
    coordination = coordination_of(settings)
    worst = 0
    try:
        for check in chain(
            check_access(settings, Path(".env")),
            check_remote(remote, settings.nextcloud_url),
            check_slow_upload(remote) if slow else (),
            check_coordination(coordination),
            check_tools(),
            check_computer(settings),
        ):
            show(check)
            worst = max(worst, FAILED if check.grade is Grade.BAD else 0)
    finally:
        remote.close()
        coordination.close()
    click.echo("\nSomething must be fixed." if worst else "\nAll is well.")
    return worst

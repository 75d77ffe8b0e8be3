"""`davproxy health`: ask the running server whether it works. The container's health check runs it."""

import http.client

import click

from davproxy.commands import FAILED
from davproxy.commands._running import RunningServer
from davproxy.errors import Unavailable
from davproxy.settings import Settings


@click.command()
@click.option("--timeout", default=5.0, show_default=True, help="Seconds to wait for an answer.")
def command(timeout: float) -> int:
    """Ask the running server whether it works.

    Exit code 0 if it serves, 1 if it cannot, 3 if none answers.
    """
    settings = Settings.read()
    status, answer = RunningServer(settings, timeout).ask("GET", "/api/health")
    if "status" not in answer:
        raise Unavailable(f"What answers on port {settings.port} is not davproxy. Check APP_HOST and APP_PORT.")
    words = [str(answer["status"])]
    for part in ("index", "remote", "shared"):
        found = answer.get(part)
        if isinstance(found, dict):
            words.append(f"{part}: {found.get('state', '')} {found.get('message', '')}".rstrip())
    click.echo("; ".join(words))
    return 0 if status == http.client.OK else FAILED

"""`davproxy serve`: the server, until it is told to stop."""

import signal
import threading
from types import FrameType

import click

from davproxy import log, memory
from davproxy.app import serving
from davproxy.settings import Settings


@click.command()
def command() -> int:
    """Start the server and run until SIGTERM or Ctrl+C; it then finishes what is under way and saves the index."""
    memory.share_arena()
    settings = Settings.read()
    log.configure(settings.log_level, settings.secrets)
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    with serving(settings) as server:
        click.echo(_welcome(settings, server.address))
        stop.wait()
        click.echo("Stopping …")
    return 0


def _welcome(settings: Settings, address: str) -> str:
    """Where it is and what to do next, for the person at the terminal."""
    place = settings.nextcloud_url or settings.library_dir.resolve()
    return f"""
  davproxy serves the library in {place}

  Web page        {address}/
  Network drive   {address}/dav/    (mount it and point Clone Hero at its folder Songs)
  Next            open the web page, or drop an archive of songs into the folder Drop of the drive
  Stop            Ctrl+C
"""

"""`davproxy serve`: the server."""

import signal
import threading
from types import FrameType

import click
from loguru import logger

from davproxy import log, memory
from davproxy.app import serving
from davproxy.settings import Settings

QUIET_SECONDS = 1.0
"""How long after the last request the garbage collector runs in full."""


@click.command()
def command() -> int:
    """Start the server.

    It runs until SIGTERM or Ctrl+C, then finishes what is under way and saves the index.
    """
    memory.share_arena()
    settings = Settings.read()
    log.configure(settings.log_level, settings.secrets)
    for note in settings.notes:
        logger.warning(note)
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    with serving(settings) as server:
        click.echo(_welcome(settings, server.address))
        memory.spare_what_stays()
        while not stop.wait(1.0):  # on Windows, Ctrl+C does not end a wait without an end
            if QUIET_SECONDS < server.seconds_idle <= QUIET_SECONDS + 1.0:
                memory.collect()
        click.echo("Stopping …")
    return 0


def _welcome(settings: Settings, address: str) -> str:
    """The addresses of the server and what to do next."""
    library = settings.nextcloud_url or settings.library_dir.resolve()
    return f"""
  davproxy serves the library in {library}

  Web page        {address}/
  Network drive   {address}/dav/    (mount it and point Clone Hero at its folder Songs)
  Next            open the web page, or drop an archive of songs into the folder Drop of the drive
  Stop            Ctrl+C
"""

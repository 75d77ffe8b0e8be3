"""`davproxy import`: songs from archives on this disk into the library."""

from pathlib import Path

import click

from davproxy import paths
from davproxy.commands._client import workplace
from davproxy.commands._watch import told, watch
from davproxy.settings import Settings


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def command(files: tuple[Path, ...]) -> int:
    """Take in the songs of archives (zip, rar, 7z, tar …) and .sng files.

    They go to /Drop first and are gone from there once their songs are in /Songs; the files here stay. Prints the path
    of each new song. Exit code 1 when something could not be taken in.
    """
    with workplace(Settings.read()) as place:
        return told(watch(place, [place.put(file, paths.DROP) for file in files]))

"""`davproxy import`: import songs from archives on this disk into the library."""

from pathlib import Path

import click

from davproxy import paths
from davproxy.commands._client import open_client
from davproxy.commands._watch import print_results, watch
from davproxy.settings import Settings


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def command(files: tuple[Path, ...]) -> int:
    """Import songs from archives and .sng files.

    Archives are zip, rar, 7z, tar and compressed tar. They are stored in /Drop, and deleted from there once their songs
    are in /Songs; the files on this disk stay. Prints the path of each new song. Exit code 1 if something could not be
    imported.
    """
    with open_client(Settings.read()) as library:
        return print_results(watch(library, [library.put(file, paths.DROP) for file in files]))

"""`davproxy scores push`: send the scores of the games on this computer to the library."""

import http.client
import os
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import click

from davproxy.commands.mount import server_address, sign_in
from davproxy.curation.scores import DATA, EXTRA, LAST, YARG
from davproxy.errors import BadInput, Unavailable
from davproxy.paths import safe_name
from davproxy.settings import Settings

TIMEOUT = 60.0


@click.command()
@click.argument("action", type=click.Choice(["push"]), metavar="push")
@click.argument("player")
@click.option("--url", help="Address of the server, ending in /dav/; by default the one that runs with these settings.")
@click.option("--user", help="User name to sign in with; by default APP_USERNAME.")
@click.option(
    "--folder",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of a game's scores; by default those of Clone Hero and YARG on this computer.",
)
def command(action: str, player: str, url: str | None, user: str | None, folders: tuple[Path, ...]) -> int:
    """Send the scores of the games on this computer to the library.

    They are stored as those of PLAYER. Run it beside the game, while that is closed. The game's files are only read.
    The password comes from APP_PASSWORD, else from the keyring of the system, else you are asked for it.
    """
    assert action == "push"
    settings = Settings.read()
    files = {file.name: file for file in find_score_files(folders or default_folders())}
    if not files:
        raise BadInput("No game keeps scores here. Name its folder: davproxy scores push PLAYER --folder FOLDER")
    address = url or server_address(settings)
    credentials = sign_in(settings, url, user)
    target = f"{address.rstrip('/')}/Scores/{quote(safe_name(player))}"
    _ask("MKCOL", target, credentials, b"", accepted=(201, 405))
    for name, file in files.items():
        _ask("PUT", f"{target}/{name}", credentials, file.read_bytes(), accepted=(200, 201, 204))
        click.echo(f"{file} → /Scores/{safe_name(player)}/{name}")
    return 0


def default_folders() -> Iterator[Path]:
    """The folders in which the games store their scores on this system."""
    home = Path.home()
    if sys.platform == "win32":
        below = home / "AppData" / "LocalLow"
        yield below / "srylain Inc_" / "Clone Hero"
    elif sys.platform == "darwin":
        below = home / "Library" / "Application Support"
        yield below / "com.srylain.CloneHero"
    else:
        below = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "unity3d"
        yield below / "srylain Inc_" / "Clone Hero"
    yield home / ".clonehero"
    yield home / "Documents" / "Clone Hero"
    yield below / "YARC" / "YARG" / "release" / "scores"


def find_score_files(folders: Iterator[Path] | tuple[Path, ...]) -> Iterator[Path]:
    """The newest files of scores in these folders; files that belong together come from one folder."""
    folders = tuple(folders)
    for names in (DATA, EXTRA), (LAST,), (YARG,):
        there = [folder for folder in folders if (folder / names[0]).is_file()]
        if there:
            newest = max(there, key=lambda folder: (folder / names[0]).stat().st_mtime)
            yield from (newest / name for name in names if (newest / name).is_file())


def _ask(method: str, url: str, credentials: tuple[str, str], body: bytes, accepted: tuple[int, ...]) -> None:
    """Send a request. Raises Unavailable, BadInput with what the server says."""
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=TIMEOUT)
    headers = {}
    if credentials[0]:
        headers["Authorization"] = f"Basic {b64encode(':'.join(credentials).encode()).decode()}"
    try:
        connection.request(method, quote(parts.path, safe="/%"), body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"The server at {parts.hostname} cannot be reached ({error}).") from error
    finally:
        connection.close()
    if answer.status not in accepted:
        hint = " Check user name and password." if answer.status == http.client.UNAUTHORIZED else ""
        raise BadInput(f"The server at {parts.hostname} answered {answer.status} {answer.reason}.{hint}")

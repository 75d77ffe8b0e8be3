"""`davproxy setup`: from a Nextcloud's address to a working `.env`, everything checked on the way."""

import secrets
import time
from pathlib import Path

import click

from davproxy.app import remote_of
from davproxy.commands import FAILED
from davproxy.commands._findings import Grade, look_at_remote, show
from davproxy.errors import Unavailable
from davproxy.remote.login_flow import FRESH, LoginFlow
from davproxy.settings import Settings, store

POLL_SECONDS = 2.0
NOWHERE = Path("/nonexistent")
"""Instead of a file .env: only what was asked for counts."""


@click.command()
@click.option("--url", help="Address of the Nextcloud; asked for when missing.")
@click.option("--username", help="User name there, with an app password; without, you sign in through the browser.")
@click.option("--password", help="App password there; asked for when only the user name is given.")
@click.option("--folder", help="The library's folder there.")
@click.option("--app-username", help="User name that clients of davproxy sign in with; empty for none.")
@click.option("--app-password", help="Their password; asked for when missing.")
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), default=".env", show_default=True)
def command(
    url: str | None,
    username: str | None,
    password: str | None,
    folder: str | None,
    app_username: str | None,
    app_password: str | None,
    file: Path,
) -> int:
    """Connect to a Nextcloud: sign in, make the library's folders, check everything, and write .env."""
    url = url or click.prompt("Address of the Nextcloud, such as https://cloud.example.org").strip()
    if username is None:
        username, password = _ask_for_sign_in(url)
    if app_username is None:
        click.echo("Who may use this server? Without a user name, only programs on this computer.")
        app_username = click.prompt("User name", default="", show_default=False)
    values = {
        "NEXTCLOUD_URL": url,
        "NEXTCLOUD_USERNAME": username,
        "NEXTCLOUD_PASSWORD": password or click.prompt("App password on the Nextcloud", hide_input=True),
        "NEXTCLOUD_REMOTE_PATH": folder or click.prompt("Folder for the library there", default="CloneHero"),
        "APP_USERNAME": app_username,
        "APP_PASSWORD": "",
        "SECRET_KEY": secrets.token_hex(32),
    }
    if app_username:
        values["APP_PASSWORD"] = app_password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not _check(Settings.read(values, NOWHERE)):
        click.echo(f"Nothing was written to {file}. Mend that and run davproxy setup again.", err=True)
        return FAILED
    store(file, {name: value for name, value in values.items() if value})
    click.echo(f"\nWritten to {file}, which only you can read. Next: davproxy serve")
    return 0


def _ask_for_sign_in(url: str) -> tuple[str, str]:
    """User name and app password: granted in the browser, or typed."""
    Settings.read({"NEXTCLOUD_URL": url, "NEXTCLOUD_USERNAME": "-", "NEXTCLOUD_PASSWORD": "-"}, NOWHERE)
    if not click.confirm("Sign in through the browser? (No: type a user name and an app password)", default=True):
        return click.prompt("User name on the Nextcloud"), click.prompt("App password", hide_input=True)
    with LoginFlow(url) as flow:
        click.echo(f"Open this page and grant access:\n\n  {flow.address}\n")
        click.echo("Waiting …  (Ctrl+C stops)")
        deadline = time.monotonic() + FRESH
        while time.monotonic() < deadline:
            if (granted := flow.poll()) is not None:
                click.echo(f"Signed in as {granted.username}.")
                return granted.username, granted.app_password
            time.sleep(POLL_SECONDS)
    raise Unavailable("Nobody granted access in time. Run davproxy setup again.")


def _check(settings: Settings) -> bool:
    """Make the library's folders and show what is found; whether the library can live there."""
    remote = remote_of(settings)
    try:
        findings = list(look_at_remote(remote))
    finally:
        remote.close()
    for finding in findings:
        show(finding)
    return all(finding.grade is not Grade.BAD for finding in findings)

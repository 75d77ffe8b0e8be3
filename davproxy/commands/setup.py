"""`davproxy setup`: make a working `.env` from the address of a Nextcloud, and check everything."""

import secrets
import time
from pathlib import Path

import click

from davproxy.commands import FAILED
from davproxy.commands._diagnosis import show
from davproxy.connect import FLOW_SECONDS, NOBODY_CAME, Account, LoginFlow, address_of, check_connection, variables
from davproxy.diagnosis import Grade
from davproxy.errors import Unavailable
from davproxy.settings import store

POLL_SECONDS = 2.0


@click.command()
@click.option("--url", help="Address of the Nextcloud; asked for if missing.")
@click.option("--username", help="User name there, with an app password; if missing, you sign in through the browser.")
@click.option("--password", help="App password there; asked for if only the user name is given.")
@click.option("--folder", help="Folder of the library there; asked for if missing.")
@click.option("--app-username", help="User name that clients of davproxy sign in with; empty for none.")
@click.option("--app-password", help="Their password; asked for if missing.")
@click.option(
    "--file", type=click.Path(path_type=Path, dir_okay=False), default=".env", show_default=True, help="File to write."
)
def command(
    url: str | None,
    username: str | None,
    password: str | None,
    folder: str | None,
    app_username: str | None,
    app_password: str | None,
    file: Path,
) -> int:
    """Connect to a Nextcloud and write .env.

    Signs in, makes the folders of the library, and checks everything first. Writes nothing if a check fails.
    """
    url = address_of(url or click.prompt("Address of the Nextcloud, such as https://cloud.example.org"))
    if username is None:
        account, url = _ask_for_account(url)
    else:
        account = Account(username, password or click.prompt("App password on the Nextcloud", hide_input=True))
    if app_username is None:
        click.echo("Who may use this server? Without a user name, only programs on this computer.")
        app_username = click.prompt("User name", default="", show_default=False)
    values = {
        **variables(url, account, folder or click.prompt("Folder for the library there", default="CloneHero")),
        "APP_USERNAME": app_username,
        "APP_PASSWORD": "",
        "SECRET_KEY": secrets.token_hex(32),
    }
    if app_username:
        values["APP_PASSWORD"] = app_password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    checks = check_connection(values)
    for check in checks:
        show(check)
    if any(check.grade is Grade.BAD for check in checks):
        click.echo(f"Nothing was written to {file}. Fix that and run davproxy setup again.", err=True)
        return FAILED
    store(file, {name: value for name, value in values.items() if value})
    click.echo(f"\nWritten to {file}, which only you can read. Next: davproxy serve")
    return 0


def _ask_for_account(url: str) -> tuple[Account, str]:
    """The account that a person grants in the browser, or types, and the address that `url` was understood as."""
    if not click.confirm("Sign in through the browser? (No: type a user name and an app password)", default=True):
        return Account(click.prompt("User name on the Nextcloud"), click.prompt("App password", hide_input=True)), url
    flow = LoginFlow(url)
    if flow.server != url:
        click.echo(f"The address is understood as {flow.server}.")
    click.echo(f"Open this page and grant access:\n\n  {flow.address}\n")
    click.echo("Waiting …  (Ctrl+C stops)")
    deadline = time.monotonic() + FLOW_SECONDS
    while time.monotonic() < deadline:
        if (granted := flow.poll()) is not None:
            click.echo(f"Signed in as {granted.username}.")
            return granted, flow.server
        time.sleep(POLL_SECONDS)
    raise Unavailable(NOBODY_CAME)

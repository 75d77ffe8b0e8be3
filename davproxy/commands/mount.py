"""`davproxy mount`: show the library as a drive of this computer."""

import os
import shlex
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import click

from davproxy.access import local_host
from davproxy.commands._mount_service import install
from davproxy.errors import BadInput
from davproxy.mounting import davfs2, rclone
from davproxy.mounting.mount import Mount, Start
from davproxy.mounting.running import check_folder, check_system, mount_folder
from davproxy.settings import Settings


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--url", help="Address of the server, ending in /dav/; by default the one that runs with these settings.")
@click.option("--user", help="User name to sign in with; by default APP_USERNAME.")
@click.option("--davfs2", "with_davfs2", is_flag=True, help="Mount with davfs2 instead of rclone (Linux, as root).")
@click.option("--print", "print_only", is_flag=True, help="Show the command and mount nothing.")
@click.option("--service", is_flag=True, help="Mount at each sign-in: write a service of this user's session.")
def command(
    folder: Path | None, url: str | None, user: str | None, with_davfs2: bool, print_only: bool, service: bool
) -> int:
    """Show the library as a drive of this computer.

    FOLDER is a new or empty folder, or on Windows a drive letter such as S:. Ctrl+C unmounts. The password comes from
    APP_PASSWORD, else from the keyring of the system, else you are asked for it.
    """
    settings = Settings.read()
    folder = (folder or default_folder()).expanduser()
    mount = Mount(
        url or server_address(settings), folder if folder.drive else folder.absolute(), *sign_in(settings, url, user)
    )
    if service:
        click.echo(install(mount, [sys.executable, "-m", "davproxy", "mount", str(mount.folder), "--url", mount.url]))
        return 0
    if not print_only:
        check_system()
    start, unmount = davfs2_start(mount) if with_davfs2 else (rclone_start(mount), [])
    if print_only:
        click.echo(command_line(start))
        return 0
    check_folder(mount.folder)
    interrupt_by_signals()
    with suppress(KeyboardInterrupt), mount_folder(start, mount, unmount) as exit_code:
        click.echo(f"The library is at {mount.folder}. In Clone Hero add the song folder {mount.songs}")
        click.echo("Ctrl+C unmounts it.")
        try:
            while with_davfs2 or exit_code() is None:
                time.sleep(1.0)  # until a signal comes, or rclone has ended by itself
        except KeyboardInterrupt:
            click.echo("Unmounting …")
    return 0


def interrupt_by_signals() -> None:
    """Let every signal that ends a program raise KeyboardInterrupt, so that nothing stays mounted.

    SIGINT too: shells start what runs in the background with it ignored. Only what nohup ignores stays ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def default_folder() -> Path:
    """The default mount point: a folder of the user, or on Windows a free drive letter."""
    if sys.platform == "win32":
        letters = [f"{letter}:" for letter in "STUVWXYZGHIJKLMNOPQR" if not Path(f"{letter}:\\").exists()]
        if not letters:
            raise BadInput("No drive letter is free.")
        return Path(letters[0])
    return Path.home() / "CloneHero"


def server_address(settings: Settings) -> str:
    """The WebDAV address of the server that runs with these settings."""
    scheme = "http" if settings.tls_certificate == Path() else "https"
    return f"{scheme}://{local_host(settings.host)}:{settings.port}/dav/"


def sign_in(settings: Settings, url: str | None, user: str | None) -> tuple[str, str]:
    """The user name and password of the mount; both empty where the server requires none."""
    username = user or settings.username
    if not username:
        return "", ""
    if settings.password and (user is None or user == settings.username):
        return username, settings.password
    if stored := stored_password(url or server_address(settings), username):
        return username, stored
    return username, click.prompt(f"Password of {username}", hide_input=True)


def stored_password(address: str, username: str) -> str:
    """The password in the keyring of the system, where the package keyring is there and has one."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return keyring.get_password(address, username) or ""
    except KeyringError:
        return ""


def rclone_start(mount: Mount) -> Start:
    """The start of rclone; a version that is slow gets a warning."""
    program = rclone.find()
    if rclone.version(program) < rclone.PACED:
        click.echo(
            "This rclone asks for at most 100 things a second, so a first scan takes long. "
            "A newer one: pip install 'davproxy[mount]'",
            err=True,
        )
    return rclone.start(program, mount)


def davfs2_start(mount: Mount) -> tuple[Start, list[str]]:
    """The start of davfs2, with its files written, and the command that unmounts it."""
    if sys.platform == "win32":
        raise BadInput("There is no davfs2 for Windows. Leave out --davfs2: rclone mounts the library there.")
    home = Path.home() / ".cache" / "davproxy-mount"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets, configuration = home / "secrets", home / "davfs2.conf"
    for file, text in ((secrets, davfs2.secret(mount)), (configuration, davfs2.configuration(secrets))):
        file.touch(mode=0o600)
        file.write_text(text)
    user, group = int(os.environ.get("SUDO_UID") or os.getuid()), int(os.environ.get("SUDO_GID") or os.getgid())
    return davfs2.start(mount, configuration, user, group), ["umount", str(mount.folder)]


def command_line(start: Start) -> str:
    """The command as a person can type it, without the password."""
    shown = [f"{name}={shlex.quote(value)}" for name, value in start.environment.items() if not name.endswith("_PASS")]
    hidden = [f"{name}=…" for name in start.environment if name.endswith("_PASS")]
    return " ".join([*shown, *hidden, shlex.join(start.arguments)])

"""Writes the service that mounts the library at each sign-in."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from davproxy.errors import BadInput
from davproxy.mounting import services
from davproxy.mounting.mount import Mount


def install(mount: Mount, arguments: list[str], system: str = sys.platform, home: Path | None = None) -> str:
    """Write the service for `arguments`. Returns what it wrote and what to type next."""
    home = home or Path.home()
    if mount.username:
        arguments = [*arguments, "--user", mount.username]
    if system == "win32":
        return _scheduled_task(mount, arguments)
    environment = {"APP_USERNAME": mount.username, "APP_PASSWORD": mount.password} if mount.username else {}
    if system == "darwin":
        file = home / "Library/LaunchAgents" / f"{services.LABEL}.plist"
        _write_private(file, services.launchd_plist(tuple(arguments), environment))
        return f"Wrote {file}. Start it now: launchctl load -w {file}"
    secret = home / ".config/davproxy/mount.env"
    _write_private(secret, "".join(f"{name}={_quote_env(value)}\n" for name, value in environment.items()).encode())
    file = home / ".config/systemd/user" / f"{services.LABEL}.service"
    _write_private(file, services.systemd_unit(tuple(arguments), secret).encode())
    return f"Wrote {file}. Start it now, and at each sign-in: systemctl --user enable --now {services.LABEL}"


def _scheduled_task(mount: Mount, arguments: list[str]) -> str:
    if mount.password:
        try:
            import keyring
        except ImportError:
            raise BadInput("The password is kept in the system's keyring: pip install 'davproxy[mount]'") from None
        keyring.set_password(mount.url, mount.username, mount.password)
    with tempfile.NamedTemporaryFile("w", encoding="utf-16", suffix=".xml", delete=False) as file:
        file.write(services.scheduled_task(tuple(arguments)))
    try:
        subprocess.run(
            ["schtasks", "/create", "/f", "/tn", services.LABEL, "/xml", file.name],  # noqa: S607 - Windows' own program
            check=True,
            capture_output=True,
            text=True,
        )
    except subprocess.CalledProcessError as error:
        raise BadInput(f"The scheduled task was not made: {error.stderr.strip()}") from error
    finally:
        Path(file.name).unlink()
    return f"Made the scheduled task {services.LABEL}. Start it now: schtasks /run /tn {services.LABEL}"


def _write_private(file: Path, content: bytes) -> None:
    """Write a file that only the user may read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)


def _quote_env(value: str) -> str:
    """A value of an environment file of systemd (systemd.exec(5))."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`").replace("$", "\\$")
    return f'"{escaped}"'

"""The checks of `doctor` that concern this computer, one function a subject, and how a result is printed."""

import os
import shutil
import socket
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path

import click

from davproxy.access import is_loopback
from davproxy.commands._running import RunningServer
from davproxy.diagnosis import Check, bad, good, hint, size_text
from davproxy.errors import DavproxyError, Unavailable
from davproxy.settings import Settings


def show(check: Check) -> None:
    """Print the result of a check."""
    mark, colour = check.grade.value
    click.echo(f"{click.style(mark, fg=colour)} {check.text}")
    if check.advice:
        click.echo(f"    {check.advice}")


def check_access(settings: Settings, dotenv: Path) -> Iterator[Check]:
    """Check who can sign in, and who can read the passwords."""
    loopback = is_loopback(settings.host)
    if settings.username:
        yield good(f"Clients sign in as {settings.username}.")
    elif loopback:
        yield hint("Nobody has to sign in; only programs on this computer can connect.")
    else:
        yield bad(
            f"APP_HOST {settings.host} is reachable by others, but no password is set: the server will not start.",
            "Set APP_USERNAME and APP_PASSWORD, or APP_HOST=127.0.0.1.",
        )
    if not loopback and settings.tls_certificate == Path() and not settings.trusted_proxies:
        yield hint(
            "Others reach it without encryption.",
            "Put a reverse proxy with TLS before it, or set TLS_CERTIFICATE and TLS_KEY; Windows needs it for Basic.",
        )
    if dotenv.exists() and os.name == "posix" and dotenv.stat().st_mode & 0o077:
        yield bad(f"{dotenv} can be read by other users of this computer.", f"chmod 600 {dotenv}")


def check_tools() -> Iterator[Check]:
    """Check the tools that unpack RAR archives, and that audio can be decoded."""
    for tool, package, reads in (("unar", "unar", "RAR"), ("bsdtar", "libarchive-tools", "RAR 5")):
        if found := shutil.which(tool):
            yield good(f"{reads} archives: {found}.")
        else:
            yield bad(f"{tool} is missing, so some RAR archives cannot be read.", f"sudo apt-get install {package}")
    from davproxy.charter.signal.audio import load  # loads librosa, which takes a second

    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "silence.wav"
        with wave.open(str(sound), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(44100)
            file.writeframes(bytes(2 * 6 * 44100))
        try:
            load(sound)
            yield good("Audio can be decoded.")
        except (DavproxyError, OSError, ImportError) as error:
            yield bad(f"Audio cannot be decoded: {error}", "Set up again: rm -r .venv && make setup")


def check_computer(settings: Settings) -> Iterator[Check]:
    """Check the disk, the port and the mounts of this computer."""
    settings.temp_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.temp_dir).free
    where = f"{size_text(free)} free in TEMP_DIR {settings.temp_dir}"
    if free < min(settings.cache_size, settings.unpacked_limit):
        yield bad(
            f"Only {where}.", "Set TEMP_DIR to a larger disk, or lower CACHE_SIZE and UNPACKED_LIMIT to what is there."
        )
    else:
        yield good(f"{where}.")
    yield from _port(settings)
    mounts = _mounts(settings)
    if mounts:
        yield good(f"The library is mounted at {', '.join(mounts)}.")
    else:
        yield hint("No mount of the library was found on this computer.", "The README says how to mount it.")


def _port(settings: Settings) -> Iterator[Check]:
    try:
        status, answer = RunningServer(settings, 3.0).ask("GET", "/api/health")
    except Unavailable:
        status, answer = 0, {}
    if "status" in answer:
        yield good(f"The server runs on port {settings.port}: {answer['status']}.")
        return
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
    except OSError as error:
        advice = "Stop what uses it, or set APP_PORT to another one." if status else "Set APP_HOST or APP_PORT."
        yield bad(f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}.", advice)
    else:
        yield good(f"Port {settings.port} is free for the server.")


def _mounts(settings: Settings) -> list[str]:
    """The folders where a WebDAV drive of our port is mounted, as far as /proc/mounts shows it."""
    table = Path("/proc/mounts")
    if not table.exists():
        return []
    found = []
    for line in table.read_text().splitlines():
        source, target, kind = line.split()[:3]
        if f":{settings.port}/" in source or kind == "fuse.rclone":
            found.append(target.replace("\\040", " "))
    return found

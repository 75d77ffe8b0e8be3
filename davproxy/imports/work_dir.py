"""A job's own folder on the transient disk: gone with the job, and a full disk becomes an error people understand."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from davproxy.errors import Conflict, NoSpace
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_SPACE = "The server's disk for temporary files is full. Free some space there; then put the file here again."


@contextlib.contextmanager
def workshop(settings: Settings, job: str) -> Iterator[Path]:
    """An empty folder for one job. Raises NoSpace when the disk fills up while it is used."""
    folder = settings.temp_dir / "imports" / f"{os.getpid()}-{job}"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpace(_NO_SPACE) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(settings: Settings) -> None:
    """Remove what killed processes left, while no job of this one runs yet. Another process may be at work here too."""
    for folder in (settings.temp_dir / "imports").glob("*-*"):
        process = folder.name.partition("-")[0]
        if process == str(os.getpid()) or not _lives(process):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def fetch(library: Library, entry: Entry, target: Path, report: Callable[[float], None]) -> Path:
    """Copy the file `entry` from the remote to `target`, and return that. Raises NoSpace, Conflict, NotFound."""
    if shutil.disk_usage(target.parent).free < entry.size:
        raise NoSpace(_NO_SPACE)
    got = 0
    with library.tree.download(entry.path) as blocks, target.open("wb") as file:
        for block in blocks:
            file.write(block)
            got += len(block)
            report(got / max(entry.size, 1))
    if got != entry.size:
        raise Conflict("The file changed while it was read. It is looked at again.")
    return target

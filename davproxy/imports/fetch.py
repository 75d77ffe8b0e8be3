"""Step: the source is copied from the remote into the work dir, and unpacked there if it is an archive."""

import shutil
from collections.abc import Callable
from pathlib import Path

from davproxy.errors import NoSpace
from davproxy.imports.archives.unpack import unpack
from davproxy.imports.claim import Changed
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings
from davproxy.work_dir import NO_SPACE


def fetch(library: Library, entry: Entry, target: Path, report: Callable[[float], None]) -> Path:
    """Copy the file `entry` from the remote to `target`, and return `target`. Raises NoSpace, Changed, NotFound."""
    if shutil.disk_usage(target.parent).free < entry.size:
        raise NoSpace(NO_SPACE)
    size = 0
    with library.tree.download(entry.path) as blocks, target.open("wb") as file:
        for block in blocks:
            file.write(block)
            size += len(block)
            report(size / max(entry.size, 1))
    if size != entry.size:
        raise Changed
    return target


def unpack_fetched(
    run: Run, archive: Path, name: str, work_dir: Path, settings: Settings
) -> tuple[Path, list[tuple[str, str]]]:
    """Unpack `archive`, called `name`, into a new folder of `work_dir`, and delete it.

    Returns the folder, and (path, reason) of what in it could not be unpacked.
    """
    folder = work_dir / "unpacked"
    folder.mkdir()
    failed = unpack(archive, folder, settings, run.report_step("unpacking", 0.25, 0.5), run.cancelled, name=name)
    archive.unlink()
    return folder, failed

"""The job for an archive of backgrounds, colours or highways: its files go into the folder that it was put into."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from davproxy import paths
from davproxy.errors import BadArchive, Conflict, NotFound
from davproxy.imports.import_archive import files_in, finish, part, unpacked
from davproxy.imports.outcome import Outcome
from davproxy.imports.staging import Placed, Staging
from davproxy.imports.work_dir import fetch, workshop
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings

FOLDERS = (paths.BACKGROUNDS, paths.COLORS, paths.HIGHWAYS)


def import_content(run: Run, source: Entry, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Unpack the archive at `source` beside itself, without the folders that all its files share."""
    outcome = Outcome()
    with workshop(settings, run.job.id) as room, Staging(library, run.job.id) as staging:
        archive = fetch(library, source, room / "archive", part(run, "fetching", 0.0, 0.25))
        folder = unpacked(run, archive, room, settings)
        items = []
        for path in (files := files_in(folder)):
            if not _is_content(path, settings):
                outcome.others.append((path, "The game has no use for such a file here."))
                continue
            target = paths.join(paths.parent_of(source.path), _below_shared(path, files))
            free = _free(target, folder / path, library)
            if free:
                items.append(Placed(free, {"": folder / path}))
            else:
                outcome.others.append((path, "The very same file is there already."))
        if not items and not any(_is_content(path, settings) for path in files):
            raise BadArchive(f"It holds nothing for this folder. Give {', '.join(settings.content_extensions)} files.")
        staging.send(items, part(run, "staging", 0.5, 0.9))
        for number, item in enumerate(items):
            run.report("publishing", 0.9 + 0.1 * number / len(items))
            if staging.publish([item]):
                raise Conflict(f"“{paths.name_of(item.target)}” came there meanwhile. Put the archive there again.")
            outcome.files.append(item.target)
    finish(library, source)
    return outcome.as_json(library)


def _is_content(path: str, settings: Settings) -> bool:
    return path.rpartition(".")[2].lower() in settings.content_extensions


def _below_shared(path: str, files: Sequence[str]) -> str:
    """`path` without the folders that all files are in."""
    shared = os.path.commonpath([file.rpartition("/")[0] for file in files])
    return path.removeprefix(shared).lstrip("/")


def _free(target: str, file: Path, library: Library) -> str | None:
    """`target`, with a number where another file has that name; None where this very file is there."""
    stem, dot, suffix = target.rpartition(".")
    path, number = target, 1
    while True:
        try:
            there = library.tree.stat(path)
        except NotFound:
            return path
        if not there.is_folder and there.size == file.stat().st_size and library.tree.read(path) == file.read_bytes():
            return None
        number += 1
        path = f"{stem} ({number}){dot}{suffix}"

"""The job for an archive of game content, in /Backgrounds, /Colors or /Highways: its files go into the same folder."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from davproxy import paths
from davproxy.errors import BadArchive, Conflict, NotFound
from davproxy.imports.claim import Claim
from davproxy.imports.fetch import fetch, unpack_fetched
from davproxy.imports.finish import finish
from davproxy.imports.outcome import Outcome
from davproxy.imports.staging import StagedItem, Staging
from davproxy.jobs import Run
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.settings import Settings
from davproxy.work_dir import files_in, work_dir

FOLDERS = (paths.BACKGROUNDS, paths.COLORS, paths.HIGHWAYS)


def import_content(run: Run, source: Entry, settings: Settings, library: Library) -> Mapping[str, Any]:
    """Unpack the archive at `source` beside itself, without the folders that all its files share."""
    outcome = Outcome()
    with (
        Claim(run, library, source) as claim,
        work_dir(settings.temp_dir, run.job.id) as folder,
        Staging(library, run.job.id) as staging,
    ):
        archive = fetch(library, source, folder / "archive", run.report_step("fetching", 0.0, 0.25))
        unpacked, outcome.failed = unpack_fetched(run, archive, paths.name_of(source.path), folder, settings)
        items = []
        for path in (files := files_in(unpacked)):
            if not _is_content(path, settings):
                outcome.skipped.append((path, "The game has no use for such a file here."))
                continue
            target = paths.join(paths.parent_of(source.path), _without_shared_folders(path, files))
            free = _free_path(target, unpacked / path, library)
            if free:
                items.append(StagedItem(free, {"": unpacked / path}))
            else:
                outcome.skipped.append((path, "The very same file is there already."))
        if not items and not any(_is_content(path, settings) for path in files):
            raise BadArchive(f"It holds nothing for this folder. Give {', '.join(settings.content_extensions)} files.")
        staging.send(items, run.report_step("staging", 0.5, 0.9))
        claim.take()
        for number, item in enumerate(items):
            claim.keep()
            run.report("moving", 0.9 + 0.1 * number / len(items))
            if staging.move([item]):
                raise Conflict(f"“{paths.name_of(item.target)}” came there meanwhile. Put the archive there again.")
            outcome.files.append(item.target)
        finish(library, source, outcome)
    return outcome.as_json(library)


def _is_content(path: str, settings: Settings) -> bool:
    return path.rpartition(".")[2].lower() in settings.content_extensions


def _without_shared_folders(path: str, files: Sequence[str]) -> str:
    """`path` without the folders that all files are in."""
    shared = os.path.commonpath([file.rpartition("/")[0] for file in files])
    return path.removeprefix(shared).lstrip("/")


def _free_path(target: str, file: Path, library: Library) -> str | None:
    """`target`, with a number if another file has that name; None if the same bytes are there already."""
    stem, dot, suffix = target.rpartition(".")
    path, number = target, 1
    while True:
        try:
            there = library.tree.stat(path)
        except NotFound:
            return path
        if not there.is_folder and there.size == file.stat().st_size and _has_bytes_of(file, path, library):
            return None
        number += 1
        path = f"{stem} ({number}){dot}{suffix}"


def _has_bytes_of(file: Path, path: str, library: Library) -> bool:
    """Whether the file at `path`, of the same size, has the bytes of `file`: compared in blocks, for films are long."""
    try:
        return _is_equal(file, path, library)
    except Conflict:  # the index did not know the newest version, and does now
        return _is_equal(file, path, library)


def _is_equal(file: Path, path: str, library: Library) -> bool:
    with library.tree.stream(path) as blocks, file.open("rb") as local:
        return all(block == local.read(len(block)) for block in blocks)

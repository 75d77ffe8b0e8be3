"""A library on a local folder, with its jobs running, and songs in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.app import Core, open_core
from davproxy.model import Job, JobState, Song
from davproxy.settings import Settings


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    given = {"TEMP_DIR": str(tmp_path / "temp"), "LIBRARY_DIR": str(tmp_path / "stored")}
    with open_core(Settings.read(given, Path("/nonexistent"))) as core:
        core.sync.run()
        core.jobs.start()
        yield core


def add_files(core: Core, folder: str, files: dict[str, bytes]) -> Song:
    """The song that these files make in `/Songs/FOLDER`, with its notes read."""
    path = f"/Songs/{folder}"
    core.library.tree.make_folder(path)
    for name, content in files.items():
        core.library.tree.write(f"{path}/{name}", content)
    list(core.library.notes.read())
    song = core.library.songs.at(path)
    assert song is not None
    return song


def cut_short(core: Core, job: Job, *, done: int) -> None:
    """Make the records of a job those of one that was killed after so many of its steps."""
    for key, record in sorted(core.jobs.records(job.id).items())[done:]:
        if "kind" in record:
            core.index.jobs.record(job.id, key, record | {"planned": True})
    core.index.jobs.put(Job(job.id, job.kind, job.title, JobState.RUNNING, job.subject, job.options))

"""A library with its jobs running, and songs in it: on a local folder, or on the Nextcloud of NEXTCLOUD_TEST_URL."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from davproxy.app import Core, open_core
from davproxy.model import Job, JobState, Song
from davproxy.settings import Settings
from tests.storm import nextclouds


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    given = {"TEMP_DIR": str(tmp_path / "temp")}
    with ExitStack() as opened:
        if "NEXTCLOUD_TEST_URL" in os.environ:
            given |= opened.enter_context(nextclouds.real()).account
        else:
            given["LIBRARY_DIR"] = str(tmp_path / "stored")
        core = opened.enter_context(open_core(Settings.read(given, Path("/nonexistent"))))
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

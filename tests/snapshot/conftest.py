"""A library in a local folder, whose index is saved beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.remote.local.folder import Folder

TOPS = {"/Songs": "Songs", "/Database": "Database", "/Temp": "Temp"}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Folder]:
    subject = Folder(tmp_path / "library", TOPS)
    subject.connect()
    yield subject
    subject.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()

"""Every remote that the contract suite runs against."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.remote.folder import Folder
from davproxy.remote.protocol import Remote

FOLDERS = {
    "/Songs": "Songs",
    "/Drop": "Drop",
    "/Generate": "Generator",
    "/Backgrounds": "Backgrounds",
    "/Colors": "Colors",
    "/Highways": "Highways",
    "/Database": "Database",
    "/Temp": "Temp",
}


@pytest.fixture(params=["folder"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    """A connected remote with nothing in it but the top folders."""
    subject = Folder(tmp_path / "library", FOLDERS)
    subject.connect()
    yield subject
    subject.close()

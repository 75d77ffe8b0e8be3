"""Every remote that the contract suite runs against."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from davproxy.remote.folder import Folder
from davproxy.remote.nextcloud import Nextcloud
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


@pytest.fixture
def folder(tmp_path: Path) -> Remote:
    return Folder(tmp_path / "library", FOLDERS)


@pytest.fixture
def real_nextcloud() -> Iterator[Remote]:
    """A folder of its own on the Nextcloud that the environment names."""
    url = os.environ.get("NEXTCLOUD_TEST_URL", "")
    if not url:
        pytest.skip("NEXTCLOUD_TEST_URL, NEXTCLOUD_TEST_USERNAME and NEXTCLOUD_TEST_PASSWORD name no Nextcloud")
    account = os.environ["NEXTCLOUD_TEST_USERNAME"], os.environ["NEXTCLOUD_TEST_PASSWORD"]
    name = f"davproxy-test-{uuid4().hex}"
    yield Nextcloud(url, *account, f"{name}/Clone & Hero", FOLDERS)
    with closing(Nextcloud(url, *account, "", {})) as around:
        around.delete(f"/{name}")


@pytest.fixture(params=["folder", "real_nextcloud"])
def remote(request: pytest.FixtureRequest) -> Iterator[Remote]:
    """A connected remote with nothing in it but the top folders."""
    subject: Remote = request.getfixturevalue(request.param)
    with closing(subject):
        subject.connect()
        yield subject

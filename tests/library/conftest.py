"""A library over a real local folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.index import Index
from davproxy.library import Cache, Library
from davproxy.remote.local.folder import Folder
from davproxy.settings import Settings


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Folder]:
    settings = Settings.read({}, Path("/nonexistent"))
    remote = Folder(tmp_path / "remote", settings.folders)
    remote.connect()
    yield remote
    remote.close()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 1 << 30)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(tmp_path / "index.db")
    yield index
    index.close()


@pytest.fixture
def library(remote: Folder, index: Index, cache: Cache) -> Library:
    library = Library(remote, index, cache, upload_limit=4 << 20)
    library.updates.mark_complete()
    return library

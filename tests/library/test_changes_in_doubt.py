"""A file whose change failed: read as it was while the remote is away, and as it is once the remote can be asked."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from davproxy.contents.contents import SMALL
from davproxy.errors import Conflict, Unavailable
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.library.unlisted_etags import as_listed, in_doubt, is_unlisted
from davproxy.model import Entry
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from davproxy.sync import Sync
from tests.fakes.nextcloud import FakeNextcloud

FILES = {
    "/Songs/A/song.ini": b"[song]\nname = Before\n",
    "/Songs/A/album.png": b"art",
    "/Songs/A/song.ogg": bytes(SMALL + 1),
}


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as fake:
        yield fake


@pytest.fixture
def library(fake: FakeNextcloud, tmp_path: Path) -> Iterator[Library]:
    """A library that has read the files once."""
    tops = Settings.read({}, Path("/nonexistent")).folders
    remote = Nextcloud(fake.url, fake.user, fake.password, "CloneHero", tops, patience=0.1)
    with closing(remote), closing(Index(tmp_path / "index.db")) as index:
        remote.connect()
        library = Library(remote, index, Cache(tmp_path / "cache", 1 << 30), upload_limit=1 << 30)
        for path, content in FILES.items():
            fake.put(f"/CloneHero{path}", content)
        Sync(remote, index, library, Jobs(index), interval=60).run()
        assert all(library.tree.read(path) == content for path, content in FILES.items())
        yield library


@pytest.mark.parametrize("path", FILES)
def test_it_is_read_as_it_was_while_the_remote_is_away(library: Library, fake: FakeNextcloud, path: str) -> None:
    fake.fail(status=503, times=10_000)
    for _ in range(2):
        with pytest.raises(Unavailable):
            library.tree.write(path, b"new")
    is_as_before = library.tree.read(path) == FILES[path]
    assert is_as_before
    with library.tree.stream(path, 1, 2) as blocks:
        assert b"".join(blocks) == FILES[path][1:3]


@pytest.mark.parametrize("path", FILES)
def test_it_is_read_as_it_is_once_the_remote_can_be_asked(library: Library, fake: FakeNextcloud, path: str) -> None:
    away = fake.fail(status=503, times=10_000)
    with pytest.raises(Unavailable):
        library.tree.write(path, b"ours")
    fake.put(f"/CloneHero{path}", b"theirs")
    fake.faults.remove(away)
    with pytest.raises(Conflict):
        library.tree.content(library.tree.stat(path))
    assert library.tree.read(path) == b"theirs"
    assert not is_unlisted(library.tree.stat(path).etag)


def test_the_last_etag_is_kept_through_several_doubts() -> None:
    entry = Entry("/Songs/a", is_folder=False, etag="a~b", checksums="SHA1:0")
    doubted = in_doubt(in_doubt(entry))
    assert is_unlisted(doubted.etag)
    assert as_listed(doubted).etag == "a~b"
    assert doubted.checksums == ""
    assert as_listed(entry) == entry

"""A change of a song's files stands although its song.ini cannot be read at that moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.errors import NotFound
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import SongQuery
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from davproxy.sync import Sync
from tests.fakes.nextcloud import FakeNextcloud


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as fake:
        yield fake


def test_a_deleted_file_is_gone_although_the_song_cannot_be_read(fake: FakeNextcloud, tmp_path: Path) -> None:
    tops = Settings.read({}, Path("/nonexistent")).folders
    remote = Nextcloud(fake.url, fake.user, fake.password, "CloneHero", tops, patience=0.1)
    index = Index(tmp_path / "index.db")
    library = Library(remote, index, Cache(tmp_path / "cache", 1 << 20), upload_limit=1 << 20)
    sync = Sync(remote, index, library, Jobs(index), interval=60)
    for name, content in (("song.ini", b"[song]\nname = Before\n"), ("notes.chart", b"x"), ("album.png", b"y")):
        remote.make_folder("/Songs/A")
        remote.write(f"/Songs/A/{name}", content)
    sync.run()
    remote.write("/Songs/A/song.ini", b"[song]\nname = Behind\n")  # the index does not know it yet
    index.entries.set_etag(["/Songs/A/song.ini"], "dropped")  # nor has it the old bytes any more
    fake.fail("GET", "song.ini", status=500, times=99)
    library.tree.delete("/Songs/A/album.png")
    fake.faults.clear()
    with pytest.raises(NotFound):
        library.tree.stat("/Songs/A/album.png")
    assert [song.title for song in library.songs.find(SongQuery())[1]] == ["Before"]
    sync.run()
    assert [song.title for song in library.songs.find(SongQuery())[1]] == ["Behind"]
    index.close()
    remote.close()

"""The library on WebDAV servers that are no Nextcloud: what each can do is found out, and what it cannot, we do.

The contract suite runs against all of them too.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from davproxy.contents.contents import SMALL
from davproxy.errors import Conflict
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import ABSENT, ANYTHING, SongQuery
from davproxy.remote.protocol import Remote
from davproxy.sync import Sync
from tests.remote.conftest import OTHERS

pytestmark = pytest.mark.parametrize("remote", OTHERS, indirect=True)

INI = b"[song]\nname = %s\n"
ABILITIES = {
    "plain_webdav": (True, False),
    "rclone": (True, False),  # it takes an If header on a MOVE for a lock that it does not know
    "apache": (True, True),
    "nginx": (False, False),
    "copyparty": (False, False),
}
"""Whether each has etags, and whether it obeys the guard of a MOVE."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(Index(tmp_path / "index.db")) as index:
        yield index


@pytest.fixture
def library(remote: Remote, index: Index, tmp_path: Path) -> Library:
    library = Library(remote, index, Cache(tmp_path / "cache", 1 << 30), 1 << 30)
    library.updates.mark_complete()
    return library


def test_what_it_can_do_is_found_out(remote: Remote, kind: str) -> None:
    features = remote.features
    assert (features.etags, features.guards) == ABILITIES[kind]
    assert (features.label, features.recursive_etags, features.trash) == ("WebDAV server", False, False)
    assert remote.children("/Temp") == [], "the files that it was tried with are gone"


def _is(library: Library, content: bytes) -> bool:
    """Whether the file reads as `content`; a difference of a megabyte is not shown."""
    return library.tree.read("/Songs/a.ogg") == content


def test_a_large_file_overwritten_by_one_of_its_size_is_read_as_it_is_now(library: Library) -> None:
    for number in range(4):
        content = bytes([number]) * (SMALL + 1)
        library.tree.write("/Songs/a.ogg", content, modified=1_500_000_000)
        assert _is(library, content)
        assert _is(library, content)
    for number in (8, 9):
        content = bytes([number]) * (SMALL + 1)
        library.tree.write("/Songs/b.ogg", content, modified=1_500_000_000)
        library.tree.move("/Songs/b.ogg", "/Songs/a.ogg", guard=ANYTHING)
        assert _is(library, content)


def test_a_file_is_read_the_moment_after_it_was_written(remote: Remote) -> None:
    """Apache calls the etag of a file weak for a second, and no weak etag matches an If-Match."""
    content = b"0123456789" * 200_000
    entry = remote.write("/Songs/a.ogg", content)
    with remote.stream("/Songs/a.ogg", 10, 20, etag=entry.etag) as blocks:
        assert b"".join(blocks) == content[10:30]
    entry = remote.write("/Songs/a.ogg", content[:-1])
    with remote.stream("/Songs/a.ogg", etag=entry.etag) as blocks:
        assert b"".join(blocks) == content[:-1]


def test_a_song_folder_is_copied_and_replaced(library: Library) -> None:
    for name in ("One", "Two"):
        library.tree.make_folder(f"/Songs/Ann/{name}")
        library.tree.write(f"/Songs/Ann/{name}/song.ini", INI % name.encode())
    library.tree.copy("/Songs/Ann/One", "/Songs/Ann/Three")
    assert [song.path for song in library.songs.find(SongQuery())[1]].count("/Songs/Ann/Three") == 1
    library.tree.copy("/Songs/Ann/One", "/Songs/Ann/Two", guard=ANYTHING)
    assert library.tree.read("/Songs/Ann/Two/song.ini") == INI % b"One"
    with pytest.raises(Conflict):
        library.tree.move("/Songs/Ann/One", "/Songs/Ann/Two", guard=ABSENT)
    assert library.tree.read("/Songs/Ann/One/song.ini") == INI % b"One"


def test_changes_made_elsewhere_are_found(remote: Remote, index: Index, library: Library) -> None:
    sync = Sync(remote, index, library, Jobs(index), interval=10)
    remote.make_folder("/Songs/Ann/One")
    remote.write("/Songs/Ann/One/song.ini", INI % b"One")
    assert sync.run().added == 1
    remote.write("/Songs/Ann/One/song.ini", INI % b"Other")
    assert sync.run().changed == 1
    assert [song.title for song in library.songs.find(SongQuery())[1]] == ["Other"]
    remote.delete("/Songs/Ann/One")
    assert sync.run().purged == 1
    assert sync.run().is_empty

"""The tree: a write is on the remote and in the index when it returns."""

from pathlib import Path

import pytest

from davproxy.contents.cache import key_of
from davproxy.errors import AlreadyExists, BadInput, BadPath, Conflict, Forbidden, NotFound, TooLarge, WrongKind
from davproxy.index import Index
from davproxy.library import Cache, Library
from davproxy.model import ABSENT, Change, Guard
from davproxy.paths import MOST_NAMES
from davproxy.remote.local.folder import Folder


def record_changes(library: Library) -> list[Change]:
    changes: list[Change] = []
    library.subscribe(changes.append)
    return changes


def same_as_remote(library: Library, remote: Folder) -> bool:
    return {(e.path, e.size, e.is_folder) for e in library.tree.below("/Songs")} == {
        (e.path, e.size, e.is_folder) for e in remote.walk("/Songs")
    }


def test_a_write_is_on_the_remote_and_in_the_index(library: Library, remote: Folder) -> None:
    changes = record_changes(library)
    library.tree.make_folder("/Songs/A/B")
    entry = library.tree.write("/Songs/A/B/x.txt", b"hello", modified=1_000_000_000.0)
    assert entry == library.tree.stat("/Songs/A/B/x.txt") == remote.stat("/Songs/A/B/x.txt")
    assert entry.modified == 1_000_000_000.0
    assert library.tree.read("/Songs/A/B/x.txt") == b"hello"
    assert [child.path for child in library.tree.children("/Songs/A")] == ["/Songs/A/B"]
    assert changes == [
        Change("folder", "/Songs/A"),
        Change("folder", "/Songs/A/B"),
        Change("written", "/Songs/A/B/x.txt"),
    ]


def test_ranges_and_large_files(library: Library, remote: Folder) -> None:
    content = bytes(range(256)) * 8192
    upload = library.tree.upload("/Songs/big.ogg", size=len(content))
    for start in range(0, len(content), 300_000):
        upload.write(content[start : start + 300_000])
    upload.commit()
    for _ in range(2):  # from the remote, then from the cache
        with library.tree.stream("/Songs/big.ogg") as blocks:
            assert b"".join(blocks) == content
        with library.tree.stream("/Songs/big.ogg", 1_000_001, 70_000) as blocks:
            assert b"".join(blocks) == content[1_000_001:1_070_001]
    with library.tree.stream("/Songs/big.ogg", len(content) + 5) as blocks:
        assert b"".join(blocks) == b""


def test_an_upload_that_ends_early_leaves_nothing(library: Library, remote: Folder) -> None:
    upload = library.tree.upload("/Songs/x.txt", size=10)
    upload.write(b"hello")
    with pytest.raises(BadInput):
        upload.commit()
    upload.abort()
    with pytest.raises(NotFound):
        library.tree.stat("/Songs/x.txt")
    assert same_as_remote(library, remote)


def test_limits(library: Library, remote: Folder) -> None:
    with pytest.raises(TooLarge, match="UPLOAD_LIMIT"):
        library.tree.upload("/Songs/x", size=5 << 20)
    upload = library.tree.upload("/Songs/x")
    with pytest.raises(TooLarge):
        upload.write(bytes(5 << 20))
    assert same_as_remote(library, remote)


def test_move_copy_delete_restore(library: Library, remote: Folder) -> None:
    library.tree.make_folder("/Songs/A")
    library.tree.write("/Songs/A/x", b"1")
    library.tree.copy("/Songs/A", "/Songs/B")
    library.tree.move("/Songs/A", "/Songs/C")
    assert [entry.path for entry in library.tree.children("/Songs")] == ["/Songs/B", "/Songs/C"]
    assert same_as_remote(library, remote)
    with pytest.raises((Conflict, AlreadyExists)):
        library.tree.move("/Songs/B", "/Songs/C")
    key = library.tree.delete("/Songs/C")
    with pytest.raises(NotFound):
        library.tree.stat("/Songs/C/x")
    assert key is not None
    assert library.trash.restore(key).path == "/Songs/C"
    assert library.tree.read("/Songs/C/x") == b"1"
    assert same_as_remote(library, remote)


def test_guards(library: Library) -> None:
    entry = library.tree.write("/Songs/x", b"1", guard=ABSENT)
    with pytest.raises(Conflict):
        library.tree.write("/Songs/x", b"2", guard=ABSENT)
    library.tree.write("/Songs/x", b"22", guard=Guard(etag=entry.etag))
    with pytest.raises(Conflict):
        library.tree.write("/Songs/x", b"333", guard=Guard(etag=entry.etag))
    assert library.tree.read("/Songs/x") == b"22"


def test_a_change_made_elsewhere_is_not_overwritten(library: Library, remote: Folder) -> None:
    library.tree.write("/Songs/x", b"ours")
    remote.write("/Songs/x", b"theirs")
    remote.write("/Songs/y", b"theirs")
    for path in ("/Songs/x", "/Songs/y"):
        with pytest.raises(Conflict):
            library.tree.write(path, b"ours again")
        assert remote.read(path) == library.tree.read(path) == b"theirs"
        library.tree.write(path, b"ours at last")
        assert remote.read(path) == b"ours at last"


def test_where_nothing_may_be_written(library: Library) -> None:
    for path in ("/x", "/Temp/x", "/Database/x", "/Status/x", "/temp/x", "/Songs"):
        with pytest.raises(Forbidden):
            library.tree.write(path, b"")
    for path in ("/Temp", "/Database", "/nothing"):
        with pytest.raises(NotFound):
            library.tree.stat(path)
    library.tree.write("/Songs/x", b"")
    with pytest.raises(WrongKind):
        library.tree.write("/Songs/x/y", b"")
    with pytest.raises(WrongKind):
        library.tree.children("/Songs/x")
    with pytest.raises(NotFound):
        library.tree.write("/Songs/no/y", b"")
    library.tree.make_folder("/Songs/f")
    with pytest.raises(Forbidden):
        library.tree.move("/Songs/f", "/Songs/f/g")


def test_people_may_make_other_folders_at_the_top(library: Library) -> None:
    library.tree.make_folder("/Others")
    library.tree.write("/Others/x.setlist", b"1")
    library.tree.write("/Songs/y", b"2")
    with pytest.raises(Forbidden):
        library.tree.move("/Songs/y", "/y")
    assert "/Others" in [entry.path for entry in library.tree.children("/")]
    library.tree.move("/Others", "/Lists")
    assert library.tree.read("/Lists/x.setlist") == b"1"
    library.tree.delete("/Lists")
    assert "/Lists" not in [entry.path for entry in library.tree.children("/")]


def test_a_file_gone_from_the_remote_leaves_the_index(library: Library, remote: Folder) -> None:
    changes = record_changes(library)
    library.tree.write("/Songs/x.bin", bytes(2 << 20))
    remote.delete("/Songs/x.bin")
    with pytest.raises(NotFound), library.tree.stream("/Songs/x.bin") as blocks:
        list(blocks)
    assert library.tree.find("/Songs/x.bin") is None
    assert changes[-1] == Change("removed", "/Songs/x.bin")


def test_before_the_first_listing_the_remote_answers(remote: Folder, tmp_path: Path) -> None:
    remote.make_folder("/Songs/A")
    remote.write("/Songs/A/x", b"1")
    index = Index(tmp_path / "new.db")
    library = Library(remote, index, Cache(tmp_path / "new", 1 << 20), upload_limit=1 << 20)
    assert [entry.path for entry in library.tree.children("/Songs")] == ["/Songs/A"]
    assert library.tree.read("/Songs/A/x") == b"1"
    index.close()


def test_a_file_changed_elsewhere_is_never_read_as_a_mix(library: Library, remote: Folder, cache: Cache) -> None:
    old, new = bytes(2 << 20), b"\1" * (2 << 20)
    library.tree.write("/Songs/x.bin", old)
    library.tree.write("/Songs/y.txt", b"old")
    remote.write("/Songs/x.bin", new)
    remote.write("/Songs/y.txt", b"new")
    with pytest.raises(Conflict), library.tree.stream("/Songs/x.bin", 0, 100) as blocks:
        list(blocks)
    with library.tree.stream("/Songs/x.bin", 0, 100) as blocks:
        assert b"".join(blocks) == new[:100]
    cache.drop(key_of(library.tree.stat("/Songs/y.txt")))
    assert library.tree.read("/Songs/y.txt") == b"new"


def test_a_download_is_what_the_remote_has_now(library: Library, remote: Folder) -> None:
    library.tree.write("/Songs/x.txt", b"ours")
    remote.write("/Songs/x.txt", b"theirs")
    with library.tree.download("/Songs/x.txt") as blocks:
        assert b"".join(blocks) == b"theirs"


def test_temp_holds_no_other_folder(library: Library, remote: Folder) -> None:
    library.temp.make_folder("/Temp/job/1")
    assert [entry.path for entry in library.temp.children()] == ["/Temp/job"]
    library.temp.delete("/Temp/job")
    assert library.temp.children() == []
    for path in ("/Songs", "/Temp", "/Temporary/x"):
        with pytest.raises(AssertionError):
            library.temp.delete(path)
    assert remote.stat("/Songs").is_folder


def test_nothing_is_written_deeper_than_the_longest_path(library: Library) -> None:
    deep = "/Songs" + "/a" * (MOST_NAMES - 2)
    library.tree.make_folder(deep)
    library.tree.make_folder("/Songs/b/c")
    library.tree.write("/Songs/b/c/d", b"d")
    for change in (library.tree.move, library.tree.copy):
        with pytest.raises(BadPath, match="deep"):
            change("/Songs/b", deep + "/b")
    assert library.tree.move("/Songs/b/c/d", deep + "/d").path == deep + "/d"
    assert library.tree.move("/Songs/a/a", "/Songs/e").path == "/Songs/e"


def test_a_staged_file_has_the_etag_that_it_gets_by_the_move(library: Library, remote: Folder) -> None:
    library.temp.make_folder("/Temp/job")
    upload = library.temp.upload("/Temp/job/0")
    upload.write(b"hello")
    library.tree.move_staged([upload.commit()], "/Drop/x.zip", {})
    assert library.tree.stat("/Drop/x.zip").etag == remote.stat("/Drop/x.zip").etag

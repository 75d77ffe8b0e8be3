"""What every remote promises: reads and writes of contents."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from davproxy.errors import (
    BadInput,
    Conflict,
    DavproxyError,
    NotFound,
    WrongKind,
)
from davproxy.model import ABSENT, Guard
from davproxy.remote.protocol import Remote
from tests.remote.contract import paths, send, song


class TestReading:
    CONTENT = bytes(range(256)) * 20_000

    @pytest.mark.parametrize(
        ("start", "length"),
        [
            (0, None),
            (0, 1),
            (0, 0),
            (1, 1),
            (100, 5),
            (5_119_999, None),
            (5_119_999, 1),
            (5_119_000, 5000),
            (5_120_000, None),
            (6_000_000, 10),
        ],
    )
    def test_ranges(self, remote: Remote, start: int, length: int | None) -> None:
        remote.write("/Songs/a.bin", self.CONTENT)
        with remote.stream("/Songs/a.bin", start, length) as blocks:
            content = b"".join(blocks)
        assert content == (self.CONTENT[start:] if length is None else self.CONTENT[start : start + length])

    def test_a_reader_may_stop_early(self, remote: Remote) -> None:
        remote.write("/Songs/a.bin", self.CONTENT)
        for _ in range(20):
            with remote.stream("/Songs/a.bin") as blocks:
                assert self.CONTENT.startswith(next(blocks))
        assert remote.read("/Songs/a.bin") == self.CONTENT

    def test_a_file_of_no_bytes(self, remote: Remote) -> None:
        remote.write("/Songs/empty", b"")
        assert remote.stat("/Songs/empty").size == 0
        assert remote.read("/Songs/empty") == b""

    def test_a_stream_of_another_etag_is_refused(self, remote: Remote) -> None:
        entry = remote.write("/Songs/a.txt", b"one")
        with remote.stream("/Songs/a.txt", etag=entry.etag) as blocks:
            assert b"".join(blocks) == b"one"
        remote.write("/Songs/a.txt", b"another")
        with pytest.raises(Conflict), remote.stream("/Songs/a.txt", etag=entry.etag) as blocks:
            next(blocks)

    def test_many_files_at_once(self, remote: Remote) -> None:
        contents = {}
        for number in range(30):
            path = f"/Songs/Artist {number % 3} é/Title + {number}"
            remote.make_folder(path)
            contents[f"{path}/song.ini"] = f"[song]\nname = {number}\n".encode()
        for path, content in contents.items():
            remote.write(path, content)
        missing = ["/Songs/Artist 0 é/Title + 0/album.png", "/Songs/nothing/song.ini"]
        assert dict(remote.read_many([*contents, *missing])) == contents
        assert dict(remote.read_many([])) == {}
        assert dict(remote.read_many(missing)) == {}


class TestWriting:
    def test_a_new_file(self, remote: Remote) -> None:
        entry = remote.write("/Songs/a.txt", b"hello", modified=1_500_000_000, guard=ABSENT)
        assert entry == remote.stat("/Songs/a.txt")
        assert entry.size == 5
        assert remote.read("/Songs/a.txt") == b"hello"

    def test_the_modification_time_is_kept(self, remote: Remote) -> None:
        entry = remote.write("/Songs/a.txt", b"hello", modified=1_500_000_000)
        if not remote.features.file_ids:
            assert remote.set_modified("/Songs/a.txt", 1_300_000_000).path == "/Songs/a.txt"
            pytest.skip("a plain WebDAV server keeps its own times")
        assert entry.modified == 1_500_000_000
        assert remote.write("/Songs/a.txt", b"again", modified=1_400_000_000).modified == 1_400_000_000
        assert remote.set_modified("/Songs/a.txt", 1_300_000_000).modified == 1_300_000_000
        assert remote.stat("/Songs/a.txt").modified == 1_300_000_000
        assert remote.read("/Songs/a.txt") == b"again"

    def test_over_an_existing_file(self, remote: Remote) -> None:
        first = remote.write("/Songs/a.txt", b"old content")
        second = remote.write("/Songs/a.txt", b"new")
        assert remote.read("/Songs/a.txt") == b"new"
        assert second.etag != first.etag
        assert paths(remote.children("/Songs")) == ["/Songs/a.txt"]
        third = remote.write("/Songs/a.txt", b"third", guard=Guard(etag=second.etag))
        assert remote.stat("/Songs/a.txt") == third

    def test_a_guard_that_fails_leaves_the_old_content(self, remote: Remote) -> None:
        first = remote.write("/Songs/a.txt", b"old")
        remote.write("/Songs/a.txt", b"someone else's")
        for guard in (ABSENT, Guard(etag=first.etag), Guard(etag="no such etag")):
            with pytest.raises(Conflict):
                remote.write("/Songs/a.txt", b"mine", guard=guard)
        with pytest.raises(Conflict):
            remote.write("/Songs/b.txt", b"mine", guard=Guard(etag=first.etag))
        assert remote.read("/Songs/a.txt") == b"someone else's"
        assert paths(remote.children("/Songs")) == ["/Songs/a.txt"]

    def test_a_change_during_an_upload_is_not_overwritten(self, remote: Remote) -> None:
        remote.write("/Songs/a.txt", b"old")
        upload = remote.upload("/Songs/a.txt", size=4)
        upload.write(b"mine")
        remote.write("/Songs/a.txt", b"someone else's")
        with pytest.raises(Conflict):
            upload.commit()
        assert remote.read("/Songs/a.txt") == b"someone else's"

    def test_a_file_that_appears_during_an_upload_is_not_overwritten(self, remote: Remote) -> None:
        upload = remote.upload("/Songs/a.txt", size=4)
        upload.write(b"mine")
        remote.write("/Songs/a.txt", b"someone else's")
        with pytest.raises(Conflict):
            upload.commit()
        assert remote.read("/Songs/a.txt") == b"someone else's"

    @pytest.mark.parametrize("declared", [True, False])
    @pytest.mark.parametrize("existing", [True, False])
    @pytest.mark.parametrize("size", [0, 1, 3_000_000, 25_000_000])
    def test_an_upload_in_blocks(self, remote: Remote, size: int, existing: bool, declared: bool) -> None:
        if existing:
            remote.write("/Songs/a.bin", b"old")
        upload = remote.upload("/Songs/a.bin", size=size if declared else None)
        content = bytes(range(251)) * (size // 251 + 1)
        content = content[:size]
        for start in range(0, size, 700_001):
            upload.write(content[start : start + 700_001])
        if existing:
            assert remote.read("/Songs/a.bin") == b"old"
        else:
            with pytest.raises(NotFound):
                remote.stat("/Songs/a.bin")
        entry = upload.commit()
        upload.abort()
        assert entry.size == size
        assert entry == remote.stat("/Songs/a.bin")
        assert remote.read("/Songs/a.bin") == content
        assert paths(remote.children("/Songs")) == ["/Songs/a.bin"]

    @pytest.mark.parametrize("existing", [True, False])
    @pytest.mark.parametrize(("size", "declared"), [(0, True), (1000, True), (12_000_000, True), (12_000_000, False)])
    def test_an_upload_gives_its_checksums(self, remote: Remote, size: int, declared: bool, existing: bool) -> None:
        content = (bytes(range(251)) * (size // 251 + 1))[:size]
        sha1 = f"SHA1:{hashlib.sha1(content).hexdigest()}"
        if existing:
            remote.write("/Songs/a.bin", b"old")
        upload = remote.upload("/Songs/a.bin", size=size if declared else None)
        for start in range(0, size, 700_001):
            upload.write(content[start : start + 700_001])
        assert upload.commit().checksums == f"{sha1} MD5:{hashlib.md5(content).hexdigest()}"
        if not remote.features.checksums:
            return
        remote.make_folder("/Songs/A")
        remote.move("/Songs/a.bin", "/Songs/A/b.bin")
        for entry in (remote.stat("/Songs/A/b.bin"), *remote.children("/Songs/A"), *remote.walk("/Songs/A")):
            assert sha1 in entry.checksums.split()
        remote.write("/Songs/A/b.bin", b"other")
        assert sha1 not in remote.stat("/Songs/A/b.bin").checksums

    @pytest.mark.parametrize("size", [10, 12_000_000])
    @pytest.mark.parametrize("off", [-1, 1])
    def test_another_size_than_declared_is_refused(self, remote: Remote, size: int, off: int) -> None:
        remote.write("/Songs/a.bin", b"old")
        for path in ("/Songs/a.bin", "/Songs/new.bin"):
            upload = remote.upload(path, size=size)
            with pytest.raises(BadInput):
                send(upload, b"x" * (size + off))
            upload.abort()
        assert remote.read("/Songs/a.bin") == b"old"
        assert paths(remote.children("/Songs")) == ["/Songs/a.bin"]

    @pytest.mark.parametrize("size", [10, 12_000_000])
    def test_an_aborted_upload_leaves_nothing(self, remote: Remote, size: int) -> None:
        remote.write("/Songs/a.bin", b"old")
        for path in ("/Songs/a.bin", "/Songs/new.bin"):
            upload = remote.upload(path)
            upload.write(b"x" * size)
            upload.abort()
            upload.abort()
        assert remote.read("/Songs/a.bin") == b"old"
        assert paths(remote.children("/Songs")) == ["/Songs/a.bin"]

    def test_a_folder_is_not_overwritten(self, remote: Remote) -> None:
        path = song(remote)
        with pytest.raises((WrongKind, Conflict)):
            remote.write(path, b"file")
        with pytest.raises((WrongKind, Conflict)):
            remote.write(path, b"file", guard=ABSENT)
        assert remote.stat(path).is_folder

    def test_a_missing_parent(self, remote: Remote) -> None:
        with pytest.raises(NotFound):
            remote.write("/Songs/nothing/a.txt", b"1")
        remote.write("/Songs/file", b"1")
        with pytest.raises((NotFound, WrongKind)):
            remote.write("/Songs/file/a.txt", b"1")

    def test_many_files_are_stored_with_their_folders(self, remote: Remote, tmp_path: Path) -> None:
        files = {}
        for number in range(12):
            for name, size in (("song.ini", 40), ("notes.chart", 40_000), ("song é.ogg", 1_500_000)):
                path = f"/Temp/job/Song + {number}/{name}"
                files[path] = tmp_path / f"{number} {name}"
                files[path].write_bytes(f"{number} {name} ".encode() * (size // 12))
        files["/Temp/job/Big/song.ogg"] = tmp_path / "big"
        files["/Temp/job/Big/song.ogg"].write_bytes(b"0123456789" * 1_100_000)
        files["/Temp/job/Big/empty.txt"] = tmp_path / "empty"
        files["/Temp/job/Big/empty.txt"].write_bytes(b"")
        remote.write_many(files.items())
        stored = {entry.path: entry.size for entry in remote.walk("/Temp/job") if not entry.is_folder}
        assert stored == {path: file.stat().st_size for path, file in files.items()}
        for path, file in files.items():
            assert remote.read(path) == file.read_bytes()

    def test_two_writers_with_one_etag(self, remote: Remote) -> None:
        """The writer with the stale guard gets an error, and the file has one whole content."""
        entry = remote.write("/Songs/a.txt", b"old")
        contents = [f"writer {number} ".encode() * 1000 for number in range(2)]

        def write(content: bytes) -> bytes | None:
            with suppress(DavproxyError):
                remote.write("/Songs/a.txt", content, guard=Guard(etag=entry.etag))
                return content
            return None

        with ThreadPoolExecutor(2) as pool:
            written = [content for content in pool.map(write, contents) if content]
        assert remote.read("/Songs/a.txt") in (written or [b"old"])

"""What every remote promises: one suite for the local folder, a plain WebDAV server, and a Nextcloud."""

import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from davproxy.errors import (
    AlreadyExists,
    BadInput,
    BadPath,
    Conflict,
    DavproxyError,
    Forbidden,
    NotFound,
    WrongKind,
)
from davproxy.model import ABSENT, Entry, Guard
from davproxy.paths import join, name_of, parent_of
from davproxy.remote.protocol import Remote, Upload
from tests.remote.conftest import FOLDERS

NAMES = [
    "What?.txt",
    "AC;DC.txt",
    "#1 hit.txt",
    "100%.txt",
    "50%25 off.txt",
    "a+b & c.txt",
    "it's `quoted`.txt",
    'say "hi".txt',
    "[brackets] {braces} (round).txt",
    "<angle> = ~tilde^.txt",
    "comma, semicolon; colon: at@.txt",
    " leading space.txt",
    "Björk – Jóga.txt",
    "日本語の曲.txt",
    "emoji 🎸.txt",
    "é" * 98 + ".txt",
]


def paths(entries: list[Entry]) -> list[str]:
    return sorted(entry.path for entry in entries)


def song(remote: Remote, path: str = "/Songs/Artist/Title") -> str:
    remote.make_folder(path)
    remote.write(join(path, "song.ini"), b"[song]\nname = Title\n")
    remote.write(join(path, "notes.chart"), b"[Song]\n{\n}\n")
    return path


def send(upload: Upload, content: bytes) -> Entry:
    upload.write(content)
    return upload.commit()


def skip_where_a_move_cuts_names(remote: Remote, name: str) -> None:
    if remote.features.label == "WebDAV server" and set("?;") & set(name):
        pytest.skip("WsgiDAV itself cuts a Destination at a quoted ? or ;")


class TestLooking:
    def test_the_top_folders_are_there_after_connect(self, remote: Remote) -> None:
        assert paths(remote.children("/")) == sorted(FOLDERS)
        assert all(entry.is_folder for entry in remote.children("/"))

    def test_an_entry_says_what_it_is(self, remote: Remote) -> None:
        remote.write("/Songs/a.txt", b"12345", modified=1_500_000_000)
        entry = remote.stat("/Songs/a.txt")
        assert (entry.path, entry.is_folder, entry.size) == ("/Songs/a.txt", False, 5)
        assert entry.etag
        assert '"' not in entry.etag
        assert remote.children("/Songs") == [entry]
        folder = remote.stat("/Songs")
        assert (folder.path, folder.is_folder, folder.size) == ("/Songs", True, 0)

    def test_what_is_missing_is_not_found(self, remote: Remote) -> None:
        for look in (remote.stat, remote.children, remote.read, remote.delete, lambda path: list(remote.walk(path))):
            with pytest.raises(NotFound):
                look("/Songs/nothing")

    def test_below_a_file_nothing_is_found(self, remote: Remote) -> None:
        remote.write("/Songs/a.txt", b"1")
        with pytest.raises(NotFound):
            remote.stat("/Songs/a.txt/b.txt")

    def test_kinds_are_not_mixed_up(self, remote: Remote) -> None:
        remote.write("/Songs/a.txt", b"1")
        with pytest.raises(WrongKind):
            remote.children("/Songs/a.txt")
        with pytest.raises(WrongKind):
            remote.read("/Songs")

    def test_walk_gives_everything_parents_first(self, remote: Remote) -> None:
        song(remote)
        remote.make_folder("/Songs/Empty")
        walked = list(remote.walk("/Songs"))
        assert paths(walked) == [
            "/Songs/Artist",
            "/Songs/Artist/Title",
            "/Songs/Artist/Title/notes.chart",
            "/Songs/Artist/Title/song.ini",
            "/Songs/Empty",
        ]
        seen = {"/Songs"}
        for entry in walked:
            assert parent_of(entry.path) in seen
            seen.add(entry.path)
        assert {entry.path: entry for entry in walked}["/Songs/Artist"] == remote.stat("/Songs/Artist")

    def test_walk_from_the_root(self, remote: Remote) -> None:
        song(remote)
        walked = paths(list(remote.walk("/")))
        assert set(FOLDERS) < set(walked)
        assert "/Songs/Artist/Title/song.ini" in walked

    def test_find_by_name_at_any_depth(self, remote: Remote) -> None:
        song(remote, "/Songs/A")
        song(remote, "/Songs/B/C & D/#1 100% + é")
        song(remote, "/Drop/E")
        remote.write("/Songs/A/my song.ini", b"")
        remote.make_folder("/Songs/F/song.ini")
        found = remote.find("song.ini", "/Songs")
        assert paths(found) == ["/Songs/A/song.ini", "/Songs/B/C & D/#1 100% + é/song.ini"]
        assert sorted(found, key=name_of_entry) == sorted(
            (remote.stat(entry.path) for entry in found), key=name_of_entry
        )

    def test_find_below_a_folder_of_awkward_name(self, remote: Remote) -> None:
        skip_where_a_move_cuts_names(remote, "?")
        song(remote, "/Songs/B/C & D?/#1 100% + é")
        assert paths(remote.find("song.ini", "/Songs/B/C & D?")) == ["/Songs/B/C & D?/#1 100% + é/song.ini"]

    def test_etags_of_folders_follow_what_is_below(self, remote: Remote) -> None:
        if not remote.features.recursive_etags:
            pytest.skip("this remote has no recursive etags")
        path = song(remote)
        song(remote, "/Songs/Other")
        before = {entry.path: entry.etag for entry in remote.walk("/")}
        remote.write(join(path, "song.ini"), b"[song]\nname = Another\n")
        after = {entry.path: entry.etag for entry in remote.walk("/")}
        changed = {path for path in before if before[path] != after[path]}
        assert changed == {"/Songs", "/Songs/Artist", path, join(path, "song.ini")}

    def test_quota(self, remote: Remote) -> None:
        quota = remote.quota()
        assert quota.used >= 0
        assert quota.free is None or quota.free > 0


def name_of_entry(entry: Entry) -> str:
    return entry.path


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
    def test_an_upload_dropped_leaves_nothing(self, remote: Remote, size: int) -> None:
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
        """However two writers meet, the one whose guard is stale is told, and one content is whole."""
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


class TestFolders:
    def test_missing_parents_are_made(self, remote: Remote) -> None:
        remote.make_folder("/Songs/A/B/C")
        remote.make_folder("/Songs/A/B/C")
        assert remote.stat("/Songs/A/B/C").is_folder
        assert remote.children("/Songs/A/B/C") == []

    def test_a_file_in_the_way(self, remote: Remote) -> None:
        remote.write("/Songs/a", b"1")
        for path in ("/Songs/a", "/Songs/a/b", "/Songs/a/b/c"):
            with pytest.raises(WrongKind):
                remote.make_folder(path)
        assert remote.read("/Songs/a") == b"1"

    def test_top_folders_stay(self, remote: Remote) -> None:
        for path in ("/", "/Songs"):
            with pytest.raises(Forbidden):
                remote.delete(path)
        for target in ("/Other", "/Songs/Drop"):
            with pytest.raises(Forbidden):
                remote.move("/Drop", target)
        assert paths(remote.children("/")) == sorted(FOLDERS)

    def test_a_folder_of_another_name_at_the_top(self, remote: Remote) -> None:
        remote.make_folder("/litmus")
        remote.write("/litmus/a.txt", b"1")
        assert "/litmus" in paths(remote.children("/"))
        remote.delete("/litmus")
        assert paths(remote.children("/")) == sorted(FOLDERS)


@pytest.mark.parametrize("verb", ["move", "copy"])
class TestMovingAndCopying:
    @pytest.fixture
    def act(self, remote: Remote, verb: str) -> Callable[..., None]:
        return remote.move if verb == "move" else remote.copy

    def gone(self, remote: Remote, path: str, verb: str) -> None:
        if verb == "move":
            with pytest.raises(NotFound):
                remote.stat(path)
        else:
            remote.stat(path)

    def test_a_file(self, remote: Remote, verb: str, act: Callable[..., None]) -> None:
        before = remote.write("/Songs/a.txt", b"1")
        act("/Songs/a.txt", "/Drop/b.txt")
        assert remote.read("/Drop/b.txt") == b"1"
        self.gone(remote, "/Songs/a.txt", verb)
        after = remote.stat("/Drop/b.txt")
        if remote.features.file_ids:
            assert (after.file_id == before.file_id) == (verb == "move")

    def test_a_whole_folder(self, remote: Remote, verb: str, act: Callable[..., None]) -> None:
        path = song(remote)
        remote.make_folder(join(path, "empty"))
        before = remote.stat(path)
        remote.make_folder("/Songs/Other")
        act(path, "/Songs/Other/New", guard=ABSENT)
        assert paths(list(remote.walk("/Songs/Other"))) == [
            "/Songs/Other/New",
            "/Songs/Other/New/empty",
            "/Songs/Other/New/notes.chart",
            "/Songs/Other/New/song.ini",
        ]
        assert remote.read("/Songs/Other/New/song.ini") == b"[song]\nname = Title\n"
        self.gone(remote, path, verb)
        if remote.features.file_ids:
            assert (remote.stat("/Songs/Other/New").file_id == before.file_id) == (verb == "move")

    @pytest.mark.parametrize("guard", [ABSENT, Guard(etag="no such etag")])
    def test_nothing_is_replaced_unasked(
        self, remote: Remote, verb: str, act: Callable[..., None], guard: Guard
    ) -> None:
        remote.write("/Songs/a.txt", b"a")
        remote.write("/Songs/b.txt", b"b")
        path = song(remote)
        with pytest.raises(Conflict):
            act("/Songs/a.txt", "/Songs/b.txt", guard=guard)
        with pytest.raises(Conflict):
            act("/Songs/a.txt", path, guard=guard)
        assert remote.read("/Songs/a.txt") == b"a"
        assert remote.read("/Songs/b.txt") == b"b"
        assert len(remote.children(path)) == 2

    def test_what_is_there_is_replaced_when_asked(self, remote: Remote, verb: str, act: Callable[..., None]) -> None:
        remote.write("/Songs/a.txt", b"a")
        old = remote.write("/Songs/b.txt", b"b")
        act("/Songs/a.txt", "/Songs/b.txt", guard=Guard(etag=old.etag))
        assert remote.read("/Songs/b.txt") == b"a"
        self.gone(remote, "/Songs/a.txt", verb)
        song(remote, "/Songs/Old")
        remote.write("/Songs/Old/extra", b"")
        song(remote, "/Songs/New")
        act("/Songs/New", "/Songs/Old")
        assert paths(remote.children("/Songs/Old")) == ["/Songs/Old/notes.chart", "/Songs/Old/song.ini"]

    def test_a_missing_source_or_parent(self, remote: Remote, verb: str, act: Callable[..., None]) -> None:
        remote.write("/Songs/a.txt", b"a")
        with pytest.raises(NotFound):
            act("/Songs/nothing", "/Songs/b.txt")
        with pytest.raises(NotFound):
            act("/Songs/a.txt", "/Songs/nothing/b.txt")
        assert paths(remote.children("/Songs")) == ["/Songs/a.txt"]

    def test_into_itself_is_refused(self, remote: Remote, verb: str, act: Callable[..., None]) -> None:
        path = song(remote)
        for target in (join(path, "inside"), parent_of(path)):
            with pytest.raises(Forbidden):
                act(path, target)
        assert len(remote.children(path)) == 2

    @pytest.mark.parametrize("name", NAMES)
    def test_names_survive(self, remote: Remote, verb: str, act: Callable[..., None], name: str) -> None:
        skip_where_a_move_cuts_names(remote, name)
        path = join("/Songs", name)
        remote.write(path, b"content")
        assert paths(remote.children("/Songs")) == [path]
        assert remote.read(path) == b"content"
        remote.make_folder(join("/Songs/to", name))
        act(path, join("/Songs/to", name, name), guard=ABSENT)
        assert paths(remote.children(join("/Songs/to", name))) == [join("/Songs/to", name, name)]
        assert dict(remote.read_many([join("/Songs/to", name, name)])) == {join("/Songs/to", name, name): b"content"}
        entry = remote.write(
            join("/Songs/to", name, name), b"new", guard=Guard(remote.stat(join("/Songs/to", name, name)).etag)
        )
        assert remote.read(entry.path) == b"new"
        remote.delete(join("/Songs/to", name))
        assert remote.children("/Songs/to") == []


class TestNames:
    def test_decomposed_and_composed_are_one_name(self, remote: Remote) -> None:
        composed = "/Songs/Beyoncé – Déjà Vu.txt"
        decomposed = unicodedata.normalize("NFD", composed)
        assert remote.write(decomposed, b"1").path == composed
        assert remote.read(composed) == remote.read(decomposed) == b"1"
        remote.write(composed, b"2")
        assert paths(remote.children("/Songs")) == [composed]

    @pytest.mark.parametrize("name", ["..", "a\\b", "line\nbreak", "x" * 251, "é" * 126, "nul\0", "\ud800"])
    def test_names_that_no_path_can_hold(self, remote: Remote, name: str) -> None:
        for call in (
            lambda path: remote.write(path, b"1"),
            remote.make_folder,
            remote.stat,
            remote.read,
            lambda path: remote.move("/Songs/a.txt", path),
        ):
            with pytest.raises(BadPath):
                call(f"/Songs/{name}")
        assert remote.children("/Songs") == []

    def test_a_folder_whose_name_is_another_on_the_remote(self, remote: Remote) -> None:
        remote.write("/Generate/a.txt", b"1")
        assert paths(remote.children("/Generate")) == ["/Generate/a.txt"]
        with pytest.raises(NotFound):
            remote.stat("/Generator/a.txt")


class TestDeleting:
    def test_a_file_and_a_folder(self, remote: Remote) -> None:
        remote.write("/Songs/a.txt", b"1")
        path = song(remote)
        remote.delete("/Songs/a.txt")
        remote.delete(path)
        assert paths(list(remote.walk("/Songs"))) == [parent_of(path)]

    def test_undo(self, remote: Remote) -> None:
        if not remote.features.trash:
            assert remote.delete(song(remote)) is None
            assert remote.trash() == []
            return
        path = song(remote)
        before = remote.stat(path)
        key = remote.delete(path)
        assert key is not None
        found = {trashed.key: trashed for trashed in remote.trash()}[key]
        assert (found.path, found.is_folder, found.size) == (path, True, 31)
        assert remote.restore(key) == path
        assert remote.read(join(path, "song.ini")) == b"[song]\nname = Title\n"
        assert remote.stat(path).file_id == before.file_id
        with pytest.raises(NotFound):
            remote.restore(key)

    def test_undo_into_a_folder_that_is_gone_too(self, remote: Remote) -> None:
        if not remote.features.trash:
            pytest.skip("this remote has no trash bin")
        path = song(remote)
        key = remote.delete(join(path, "song.ini"))
        remote.delete(parent_of(path))
        assert key is not None
        assert remote.restore(key) == join(path, "song.ini")
        assert remote.read(join(path, "song.ini")) == b"[song]\nname = Title\n"

    def test_undo_does_not_replace(self, remote: Remote) -> None:
        if not remote.features.trash:
            pytest.skip("this remote has no trash bin")
        remote.write("/Songs/a.txt", b"old")
        key = remote.delete("/Songs/a.txt")
        remote.write("/Songs/a.txt", b"new")
        assert key is not None
        with pytest.raises(AlreadyExists):
            remote.restore(key)
        assert remote.read("/Songs/a.txt") == b"new"
        assert remote.trash()[0].path == "/Songs/a.txt"

    def test_what_clients_never_see_goes_for_good(self, remote: Remote) -> None:
        remote.make_folder("/Temp/job")
        remote.write("/Temp/job/a.txt", b"1")
        assert remote.delete("/Temp/job") is None
        assert remote.children("/Temp") == []
        assert not [trashed for trashed in remote.trash() if trashed.path.startswith("/Temp")]

    @pytest.mark.parametrize("key", ["", "0", "nothing", "../../Songs", "f" * 300])
    def test_a_key_of_nothing(self, remote: Remote, key: str) -> None:
        with pytest.raises(NotFound):
            remote.restore(key)


def test_many_threads_at_once(remote: Remote) -> None:
    def work(number: int) -> bytes:
        path = f"/Songs/Artist {number % 3}/Title {number}"
        remote.make_folder(path)
        remote.write(join(path, "song.ini"), str(number).encode())
        remote.move(path, f"{path} moved", guard=ABSENT)
        return remote.read(join(f"{path} moved", "song.ini"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(24))) == [str(number).encode() for number in range(24)]
    assert len(remote.find("song.ini", "/Songs")) == 24
    assert {name_of(parent_of(entry.path)) for entry in remote.find("song.ini", "/Songs")} == {
        f"Title {number} moved" for number in range(24)
    }

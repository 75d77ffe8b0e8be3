"""What every remote promises: folders, moves, copies, deletions and their undoing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from davproxy.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    NotFound,
    WrongKind,
)
from davproxy.model import ABSENT, Guard
from davproxy.paths import join, name_of, parent_of
from davproxy.remote.protocol import Remote
from tests.remote.conftest import FOLDERS
from tests.remote.contract import NAMES, paths, skip_where_a_move_cuts_names, song


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


def test_a_favourite_stays_one_when_it_is_moved_and_changes_no_etag(remote: Remote) -> None:
    remote.make_folder("/Songs/A/B")
    before = remote.stat("/Songs").etag
    remote.set_favourite("/Songs/A/B", starred=True)
    assert remote.is_favourite("/Songs/A/B") == bool(remote.features.favourites_of)
    with pytest.raises(NotFound):
        remote.is_favourite("/Songs/D")
    if not remote.features.favourites_of:
        assert remote.favourites() == []
        return
    assert remote.favourites() == ["/Songs/A/B"]
    assert not remote.is_favourite("/Songs/A")
    assert remote.stat("/Songs").etag == before
    remote.move("/Songs/A/B", "/Songs/C")
    assert remote.favourites() == ["/Songs/C"]
    remote.set_favourite("/Songs/C", starred=False)
    assert remote.favourites() == []
    with pytest.raises(NotFound):
        remote.set_favourite("/Songs/D", starred=True)


@pytest.mark.parametrize("verb", ["move", "copy"])
class TestMovingAndCopying:
    @pytest.fixture
    def act(self, remote: Remote, verb: str) -> Callable[..., None]:
        return remote.move if verb == "move" else remote.copy

    def check_source(self, remote: Remote, path: str, verb: str) -> None:
        if verb == "move":
            with pytest.raises(NotFound):
                remote.stat(path)
        else:
            remote.stat(path)

    def test_a_file(self, remote: Remote, verb: str, act: Callable[..., None]) -> None:
        before = remote.write("/Songs/a.txt", b"1")
        act("/Songs/a.txt", "/Drop/b.txt")
        assert remote.read("/Drop/b.txt") == b"1"
        self.check_source(remote, "/Songs/a.txt", verb)
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
        self.check_source(remote, path, verb)
        if remote.features.file_ids:
            assert (remote.stat("/Songs/Other/New").file_id == before.file_id) == (verb == "move")

    @pytest.mark.parametrize("guard", [ABSENT, Guard(etag="no such etag")])
    def test_a_guard_prevents_a_replacement(
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

    def test_a_target_is_replaced_where_the_guard_allows_it(
        self, remote: Remote, verb: str, act: Callable[..., None]
    ) -> None:
        remote.write("/Songs/a.txt", b"a")
        old = remote.write("/Songs/b.txt", b"b")
        act("/Songs/a.txt", "/Songs/b.txt", guard=Guard(etag=old.etag))
        assert remote.read("/Songs/b.txt") == b"a"
        self.check_source(remote, "/Songs/a.txt", verb)
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
    def test_names_survive(self, remote: Remote, kind: str, verb: str, act: Callable[..., None], name: str) -> None:
        skip_where_a_move_cuts_names(kind, name)
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

    def test_a_file_changed_elsewhere_is_not_deleted(self, remote: Remote) -> None:
        entry = remote.write("/Songs/a.txt", b"one")
        remote.write("/Songs/a.txt", b"someone else's")
        with pytest.raises(Conflict):
            remote.delete("/Songs/a.txt", guard=Guard(etag=entry.etag))
        assert remote.read("/Songs/a.txt") == b"someone else's"
        remote.delete("/Songs/a.txt", guard=Guard(etag=remote.stat("/Songs/a.txt").etag))
        with pytest.raises(NotFound):
            remote.delete("/Songs/a.txt", guard=Guard(etag=entry.etag))

    def test_hidden_folders_are_deleted_for_good(self, remote: Remote) -> None:
        remote.make_folder("/Temp/job")
        remote.write("/Temp/job/a.txt", b"1")
        assert remote.delete("/Temp/job") is None
        assert remote.children("/Temp") == []
        assert not [trashed for trashed in remote.trash() if trashed.path.startswith("/Temp")]

    @pytest.mark.parametrize("key", ["", "0", "nothing", "../../Songs", "f" * 300])
    def test_an_unknown_key(self, remote: Remote, key: str) -> None:
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

"""What every remote promises, the local folder, a plain WebDAV server and a Nextcloud: listings and names."""

import unicodedata
from dataclasses import replace

import pytest

from davproxy.errors import (
    BadPath,
    NotFound,
    WrongKind,
)
from davproxy.paths import join, parent_of
from davproxy.remote.protocol import Remote
from tests.remote.conftest import FOLDERS
from tests.remote.contract import paths, skip_where_a_move_cuts_names, song


class TestListing:
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

    def test_a_file_is_no_folder_and_a_folder_no_file(self, remote: Remote) -> None:
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

    def test_walk_of_a_listed_folder_gives_the_same(self, remote: Remote) -> None:
        song(remote)
        song(remote, "/Songs/B/C & D/#1 100% + é")
        remote.make_folder("/Songs/Empty/Deep")
        walked = list(remote.walk("/Songs"))
        listed = list(remote.walk_listed(remote.stat("/Songs")))
        assert {entry.path: entry for entry in listed} == {entry.path: entry for entry in walked}
        assert len(listed) == len(walked)
        seen = {"/Songs"}
        for entry in listed:
            assert parent_of(entry.path) in seen
            seen.add(entry.path)
        with pytest.raises(NotFound):
            list(remote.walk_listed(replace(listed[0], path="/Songs/nothing")))

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
        assert {entry.path: entry for entry in found} == {path: remote.stat(path) for path in paths(found)}

    def test_find_below_a_folder_with_special_characters(self, remote: Remote, kind: str) -> None:
        skip_where_a_move_cuts_names(kind, "?")
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

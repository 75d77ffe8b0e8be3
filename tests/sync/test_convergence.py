"""Index and remote become equal again with one sync, whatever was lost or changed at the same moment."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from davproxy import paths
from davproxy.errors import DavproxyError, NotFound
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import ANYTHING, SongQuery
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from davproxy.sync import Sync
from tests.fakes.nextcloud import FakeNextcloud

FOLDERS = ("/Songs/A", "/Songs/B", "/Songs/A/C")
FILES = ("song.ini", "notes.chart", "x.txt")
folders = st.sampled_from(FOLDERS)
paths_of_files = st.builds("{}/{}".format, st.sampled_from(FOLDERS), st.sampled_from(FILES))
anything = st.one_of(folders, paths_of_files)
EXAMPLES = 12
LOST = st.sampled_from(
    [{}, {}, {"drop_answer": True}, {"fail_after": 502}, {"fail_after": 504}, {"status": 503}, {"cut_answer": 0}]
)
"""How an answer is lost; the empty one is not."""
MEANWHILE = st.sampled_from(["", "", "sync", "other", "other, sync"])
"""What happens between the change on the remote and its answer."""


class Two(RuleBasedStateMachine):
    """Our library, somebody else with the same Nextcloud, and a Nextcloud whose answers get lost."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.open = contextlib.ExitStack()
        self.open.callback(shutil.rmtree, self.folder)
        self.fake = self.open.enter_context(FakeNextcloud())
        tops = Settings.read({}, Path("/nonexistent")).folders

        def connected() -> Nextcloud:
            remote = Nextcloud(self.fake.url, self.fake.user, self.fake.password, "CloneHero", tops, patience=0.05)
            self.open.callback(remote.close)
            remote.connect()
            return remote

        self.ours, self.theirs = connected(), connected()
        self.index = Index(self.folder / "index.db")
        self.open.callback(self.index.close)
        self.library = Library(self.ours, self.index, Cache(self.folder / "cache", 1 << 24), upload_limit=1 << 20)
        self.sync = Sync(self.ours, self.index, self.library, Jobs(self.index), interval=60)
        self.count = 0
        self.theirs.make_folder("/Songs/A")
        self.sync.run()

    def content(self, path: str) -> bytes:
        """New content of always the same length, so that only an etag tells it from the old one."""
        self.count += 1
        return b"[song]\nname = %06d\n" % self.count if path.endswith(".ini") else b"%06d" % self.count

    def change(self, method: str, make: Callable[[], object], lost: Mapping[str, Any], meanwhile: str) -> bool:
        """Change something through our library; its answer may be lost, and something may happen before it is given.

        Returns whether the change was acknowledged and nobody else changed anything meanwhile.
        """

        def between() -> None:
            with contextlib.suppress(DavproxyError):
                if "other" in meanwhile:
                    self.theirs.write("/Songs/A/x.txt", self.content("x.txt"))
                if "sync" in meanwhile:
                    self.sync.run()

        if lost or meanwhile:
            self.fake.fail(method, "/Songs", then=between if meanwhile else None, **lost)
        acknowledged = False
        with contextlib.suppress(DavproxyError):
            make()
            acknowledged = "other" not in meanwhile
        self.fake.faults.clear()
        return acknowledged

    @rule(path=paths_of_files, lost=LOST, meanwhile=MEANWHILE)
    def write(self, path: str, lost: Mapping[str, Any], meanwhile: str) -> None:
        content = self.content(path)
        if self.change("PUT", lambda: self.library.tree.write(path, content), lost, meanwhile):
            assert self.theirs.read(path) == content

    @rule(path=anything, lost=LOST, meanwhile=MEANWHILE)
    def delete(self, path: str, lost: Mapping[str, Any], meanwhile: str) -> None:
        if self.change("DELETE", lambda: self.library.tree.delete(path), lost, meanwhile):
            with pytest.raises(NotFound):
                self.theirs.stat(path)

    @rule(path=folders, lost=LOST, meanwhile=MEANWHILE)
    def make_folder(self, path: str, lost: Mapping[str, Any], meanwhile: str) -> None:
        if self.change("MKCOL", lambda: self.library.tree.make_folder(path), lost, meanwhile):
            assert self.theirs.stat(path).is_folder

    @rule(path=paths_of_files, times=st.integers(1, 3))
    def reads_fail(self, path: str, times: int) -> None:
        """What becomes of a song's files does not depend on whether its song.ini can be read at that moment."""
        self.fake.fail("GET", "/Songs", status=500, times=times)
        with contextlib.suppress(DavproxyError):
            self.library.tree.delete(path)
            with pytest.raises(NotFound):
                self.theirs.stat(path)
        self.fake.faults.clear()

    @rule(source=paths_of_files, into=paths_of_files, copy=st.booleans(), lost=LOST, meanwhile=MEANWHILE)
    def move_file(self, source: str, into: str, copy: bool, lost: Mapping[str, Any], meanwhile: str) -> None:
        self.move(source, into, copy, lost, meanwhile)

    @rule(
        source=st.sampled_from(FOLDERS),
        into=st.sampled_from(FOLDERS),
        copy=st.booleans(),
        lost=LOST,
        meanwhile=MEANWHILE,
    )
    def move_folder(self, source: str, into: str, copy: bool, lost: Mapping[str, Any], meanwhile: str) -> None:
        self.move(source, into, copy, lost, meanwhile)

    def move(self, source: str, into: str, copy: bool, lost: Mapping[str, Any], meanwhile: str) -> None:
        tree = self.library.tree
        verb = tree.copy if copy else tree.move
        if self.change("COPY" if copy else "MOVE", lambda: verb(source, into, guard=ANYTHING), lost, meanwhile):
            assert self.theirs.stat(into)

    @rule(path=paths_of_files)
    def other_writes(self, path: str) -> None:
        with contextlib.suppress(DavproxyError):
            self.theirs.write(path, self.content(path))

    @rule(source=anything, into=anything)
    def other_moves(self, source: str, into: str) -> None:
        with contextlib.suppress(DavproxyError):
            self.theirs.move(source, into)

    @rule(path=anything)
    def other_deletes(self, path: str) -> None:
        with contextlib.suppress(DavproxyError):
            self.theirs.delete(path)

    @rule(path=folders)
    def other_makes_a_folder(self, path: str) -> None:
        with contextlib.suppress(DavproxyError):
            self.theirs.make_folder(path)

    @rule(path=paths_of_files)
    def read(self, path: str) -> None:
        """A read finds out that the index is outdated, at once."""
        with contextlib.suppress(DavproxyError):
            self.library.tree.read(path)

    @rule()
    def synced(self) -> None:
        """One sync later the index is what the remote is: entries, contents, songs."""
        self.sync.run()
        there = {(entry.path, entry.is_folder, entry.size) for entry in self.theirs.walk("/Songs")}
        assert {(entry.path, entry.is_folder, entry.size) for entry in self.index.entries.below("/Songs")} == there
        files = [path for path, is_folder, _ in there if not is_folder]
        contents = {path: self.theirs.read(path) for path in files}
        assert {path: self.library.tree.read(path) for path in files} == contents
        titles = {
            path.removesuffix("/song.ini"): content[14:-1].decode() or paths.name_of(paths.parent_of(path))
            for path, content in contents.items()
            if path.endswith("/song.ini")
        }
        songs = {song.path: song.title for song in self.library.songs.find(SongQuery())[1]}
        assert songs.items() <= titles.items(), "a song in a song is none"
        assert all(any(paths.is_below(path, song) for song in songs) for path in titles.keys() - songs.keys())

    def teardown(self) -> None:
        try:
            self.synced()
        finally:
            self.open.close()


@pytest.mark.slow
def test_one_sync_makes_index_and_remote_equal() -> None:
    run_state_machine_as_test(
        Two,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

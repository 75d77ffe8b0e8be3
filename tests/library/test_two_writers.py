"""Two writers of the same files, the library and Nextcloud's web page: neither overwrites a change it has not seen."""

import itertools
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from davproxy.errors import Conflict, NotFound
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import ANYTHING
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from davproxy.sync import Sync
from tests.fakes.nextcloud import FakeNextcloud

PATHS = st.sampled_from([f"/Songs/{name}" for name in ("song.ini", "b.txt", "c.txt")])


class TwoWriters(RuleBasedStateMachine):
    """`stored` is what must be on the Nextcloud, `seen` what the library must know of it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.fake = self.stack.enter_context(FakeNextcloud())
        tops = Settings.read({}, folder / "none").folders
        remote = Nextcloud(self.fake.url, self.fake.user, self.fake.password, "CloneHero", tops)
        self.stack.enter_context(closing(remote)).connect()
        index = self.stack.enter_context(closing(Index(folder / "index.db")))
        self.library = Library(remote, index, Cache(folder / "cache", 1 << 20), 1 << 20)
        self.sync = Sync(remote, index, self.library, Jobs(index), 10)
        self.sync.run()
        self.stored: dict[str, bytes] = {}
        self.seen: dict[str, bytes] = {}
        self.numbers = itertools.count()

    def teardown(self) -> None:
        self.stack.close()

    def content(self) -> bytes:
        """Different at each call."""
        return b"[song]\nname = %06d\n" % next(self.numbers)

    @rule(path=PATHS)
    def they_write(self, path: str) -> None:
        self.stored[path] = self.content()
        self.fake.put(f"CloneHero{path}", self.stored[path])

    @rule(path=PATHS)
    def we_write(self, path: str) -> None:
        content = self.content()
        if self.seen.get(path) == self.stored.get(path):
            self.library.tree.write(path, content)
            self.stored[path] = self.seen[path] = content
        else:
            with pytest.raises(Conflict):
                self.library.tree.write(path, content)
            self.they_are_seen(path)

    @rule(path=PATHS)
    def we_delete(self, path: str) -> None:
        if path not in self.seen:
            with pytest.raises(NotFound):
                self.library.tree.delete(path)
            return
        if self.seen[path] != self.stored[path]:
            with pytest.raises(Conflict):
                self.library.tree.delete(path)
            self.they_are_seen(path)
            return
        key = self.library.tree.delete(path)
        assert key is not None
        self.seen.pop(path)
        content = self.stored.pop(path)
        if next(self.numbers) % 2:
            self.library.trash.restore(key)
            self.stored[path] = self.seen[path] = content

    @rule(old=PATHS, new=PATHS)
    def we_move(self, old: str, new: str) -> None:
        if old == new or old not in self.seen:
            return
        if new in self.stored:
            with pytest.raises(Conflict):
                self.library.tree.move(old, new)
            self.they_are_seen(old)
            self.they_are_seen(new)
        else:
            self.library.tree.move(old, new)
            self.seen.pop(old)
            self.stored[new] = self.seen[new] = self.stored.pop(old)

    @rule(old=PATHS, new=PATHS, copies=st.booleans())
    def we_replace(self, old: str, new: str, copies: bool) -> None:
        """A MOVE or COPY over whatever is there."""
        if old == new or old not in self.seen:
            return
        act = self.library.tree.copy if copies else self.library.tree.move
        if self.seen.get(new) == self.stored.get(new):
            act(old, new, guard=ANYTHING)
            self.stored[new] = self.seen[new] = self.stored[old]
            if not copies:
                self.seen.pop(old)
                self.stored.pop(old)
        else:
            with pytest.raises(Conflict):
                act(old, new, guard=ANYTHING)
            self.they_are_seen(old)
            self.they_are_seen(new)

    @rule()
    def we_sync(self) -> None:
        self.sync.run(purge=True)
        self.seen = dict(self.stored)

    def they_are_seen(self, path: str) -> None:
        if path in self.stored:
            self.seen[path] = self.stored[path]
        else:
            self.seen.pop(path, None)

    @invariant()
    def nothing_is_lost(self) -> None:
        for path, content in self.stored.items():
            assert self.fake.content(f"CloneHero{path}") == content
            if self.seen.get(path) == content:
                assert self.library.tree.read(path) == content


TwoWriters.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
test_nobody_s_work_is_overwritten = pytest.mark.slow(TwoWriters.TestCase)

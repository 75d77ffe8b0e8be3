"""A remote that does not answer at the start or at the end: its snapshot is kept, and the end comes in time."""

import threading
from pathlib import Path

import pytest

from davproxy.errors import Unavailable
from davproxy.model import ANYTHING, Entry, Guard
from davproxy.remote.local.folder import Folder
from davproxy.remote.local.upload import FolderUpload
from davproxy.snapshot.snapshot import CURRENT, PREVIOUS
from tests.snapshot.conftest import TOPS
from tests.snapshot.instance import Instance, good_snapshot


class Moody(Folder):
    """A folder that can be unreachable, or refuse the next writes."""

    down = False
    refusals = 0

    def stat(self, path: str) -> Entry:
        if self.down:
            raise Unavailable("Nobody answers.")
        return super().stat(path)

    def children(self, path: str) -> list[Entry]:
        if self.down:
            raise Unavailable("Nobody answers.")
        return super().children(path)

    def upload(
        self, path: str, *, size: int | None = None, modified: float | None = None, guard: Guard = ANYTHING
    ) -> FolderUpload:
        if self.refusals and path == CURRENT:
            self.refusals -= 1
            raise Unavailable("Too many requests.")
        return super().upload(path, size=size, modified=modified, guard=guard)


@pytest.fixture
def moody(tmp_path: Path) -> Moody:
    subject = Moody(tmp_path / "moody", TOPS)
    subject.connect()
    return subject


def test_a_remote_that_is_down_at_start_keeps_its_snapshot(moody: Moody, tmp_path: Path) -> None:
    before = good_snapshot(tmp_path)
    moody.write(CURRENT, before)
    moody.down = True
    one = Instance(moody, tmp_path / "run" / "index.db")
    assert one.titles == set()
    moody.down = False
    one.add("Found since")
    assert one.save()
    assert moody.read(PREVIOUS) == before, "what was there is kept as the older generation"
    one.stop()


def test_a_start_while_the_remote_is_down_uses_the_index_here(moody: Moody, tmp_path: Path) -> None:
    one = Instance(moody, tmp_path / "index.db")
    one.add("A")
    one.save()
    one.kill()
    for down in (True, False):
        moody.down = down
        again = Instance(moody, tmp_path / "index.db")
        again.add("B")
        assert again.titles == {"A", "B"}
        again.kill()


def test_the_save_at_the_end_is_repeated(moody: Moody, tmp_path: Path) -> None:
    one = Instance(moody, tmp_path / "one" / "index.db")
    one.add("A")
    moody.refusals = 3
    one.stop()
    two = Instance(moody, tmp_path / "two" / "index.db")
    assert two.titles == {"A"}
    two.kill()


def test_a_remote_that_never_answers_does_not_delay_the_end(tmp_path: Path) -> None:
    answer = threading.Event()

    class Silent(Folder):
        def children(self, path: str) -> list[Entry]:
            answer.wait(60)
            raise Unavailable("Nobody answers.")

    silent = Silent(tmp_path / "silent", TOPS)
    silent.connect()
    one = Instance(silent, tmp_path / "index.db")
    one.add("A")
    one.snapshot.stop(timeout=0.1)
    assert one.titles == {"A"}
    answer.set()
    one.index.close()

"""Whatever the server or the network does, a change is done completely or not at all, and nothing is lost."""

import random
import threading
from contextlib import closing
from typing import Any

import pytest

from davproxy.errors import Conflict, DavproxyError, NoSpace, NotFound
from davproxy.model import ABSENT, Guard
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import FOLDERS, OLD
from tests.remote.faults import ACTS, CHANGES, ERRORS, LONG, NEW, outcome, state

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("patience", [0.15])  # one more attempt; the wait for an assembly is a multiple of it
@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("name", ACTS)
def test_a_lasting_status_is_an_error(nextcloud: Nextcloud, fake: FakeNextcloud, name: str, status: int) -> None:
    method, act = ACTS[name]
    before = state(fake)
    fake.fail(method, times=10_000, status=status)
    with pytest.raises(ERRORS[status]) as raised:
        act(nextcloud)
    assert str(raised.value).endswith(".")
    assert state(fake) == before
    if status in (429, 503):
        assert fake.count(method) > 1, "it is tried again"


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("name", ACTS)
def test_a_passing_status_is_retried(nextcloud: Nextcloud, fake: FakeNextcloud, name: str, status: int) -> None:
    method, act = ACTS[name]
    before = state(fake)
    fake.fail(method, status=status)
    if status in (403, 507):
        with pytest.raises(ERRORS[status]):
            act(nextcloud)
        assert state(fake) == before
    else:
        act(nextcloud)
        assert state(fake) == outcome(name)


@pytest.mark.parametrize("how", [{"drop_answer": True}, {"fail_after": 504}, {"fail_after": 500}], ids=str)
@pytest.mark.parametrize("name", CHANGES)
def test_an_answer_lost_after_success(
    nextcloud: Nextcloud, fake: FakeNextcloud, name: str, how: dict[str, Any]
) -> None:
    method, act = ACTS[name]
    fake.fail(method, **how)
    act(nextcloud)
    assert state(fake) == outcome(name)
    moves = fake.count("MOVE")
    assert moves == (1 if "MOVE" in name or name == "PUT part" else 0), "what was done is not done again"


@pytest.mark.slow
def test_a_hundred_moves_whose_answers_are_lost(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    source = "/Songs/Song"
    for number in range(100):
        fake.fail("MOVE", drop_answer=True)
        target = f"/Songs/Song {number}"
        nextcloud.move(source, target, guard=ABSENT)
        source = target
    assert fake.count("MOVE") == 100
    assert fake.content("CloneHero/Songs/Song 99/a.txt") == OLD
    assert len(nextcloud.children("/Songs")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("existing", [False, True])
def test_a_hundred_cut_writes(fake: FakeNextcloud, existing: bool, lasting: bool) -> None:
    """A write that is cut off anywhere leaves the old content or the new, though the server keeps truncated bodies."""
    dice = random.Random(7)
    patience = 0.05 if lasting else 5.0
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=patience)) as remote:
        for number in range(100):
            path = f"/Songs/{number}.txt"
            if existing:
                remote.write(path, OLD)
            fake.faults.clear()
            fake.fail("PUT", times=1000 if lasting else 1, cut_request=dice.randrange(len(NEW)))
            try:
                remote.write(path, NEW)
                done = True
            except DavproxyError:
                done = False
            content = fake.content(f"CloneHero{path}")
            assert content == (NEW if done else OLD if existing else None)
            assert done != lasting
            fake.faults.clear()


def test_a_plain_put_leaves_a_truncated_file(fake: FakeNextcloud) -> None:
    """The fake has the defect that the tests above are about."""
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.05)) as remote:
        remote.write("/Songs/a.txt", OLD)
        fake.fail("PUT", cut_request=500)
        with pytest.raises(DavproxyError):
            remote._connection.send(
                "PUT",
                f"{fake.url}/remote.php/dav/files/player/CloneHero/Songs/a.txt",
                expect={204},
                about="",
                content=NEW,
            )
        assert fake.content("CloneHero/Songs/a.txt") == NEW[:500]


@pytest.mark.parametrize("how", [{"status": 500}, {"cut_request": 5_000_000}, {"drop_answer": True}], ids=str)
def test_a_part_that_fails_once_is_sent_again(nextcloud: Nextcloud, fake: FakeNextcloud, how: dict[str, Any]) -> None:
    fake.fail("PUT", **how)
    assert nextcloud.write("/Songs/Song/a.txt", LONG).size == len(LONG)
    assert fake.content("CloneHero/Songs/Song/a.txt") == LONG


def test_a_slow_part_that_fails_at_its_end_is_sent_again(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    """Patience counts from the first failure, because on a slow line one attempt takes longer than it."""
    fake.fail("PUT", latency=0.6, drop_answer=True)
    assert nextcloud.write("/Songs/Song/a.txt", LONG).size == len(LONG)
    assert fake.content("CloneHero/Songs/Song/a.txt") == LONG


def test_a_chunked_write_that_fails_leaves_no_parts(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    fake.fail("MOVE", times=100, status=507)
    with pytest.raises(NoSpace):
        nextcloud.write("/Songs/Song/a.txt", LONG)
    assert fake.content("CloneHero/Songs/Song/a.txt") == OLD
    assert fake.dav.uploads.parts == {}


def test_a_full_account(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    fake.quota = 100_000
    assert nextcloud.quota().free == 100_000 - len(OLD)
    for content in (b"x" * 200_000, LONG):
        for path in ("/Songs/Song/a.txt", "/Songs/new.txt"):
            with pytest.raises(NoSpace):
                nextcloud.write(path, content)
    assert fake.content("CloneHero/Songs/Song/a.txt") == OLD
    assert nextcloud.children("/Songs/Song") == [nextcloud.stat("/Songs/Song/a.txt")]


def test_two_writers_and_their_readers(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    """Each reader sees one whole content, and a stale write never replaces an acknowledged one."""
    contents = [bytes([number]) * 30_000 for number in range(1, 9)]
    written: list[bytes] = []
    mixed: list[bytes] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            content = nextcloud.read("/Songs/Song/a.txt")
            if content != OLD and content not in contents:
                mixed.append(content)

    def write(content: bytes) -> None:
        entry = nextcloud.stat("/Songs/Song/a.txt")
        try:
            nextcloud.write("/Songs/Song/a.txt", content, guard=Guard(etag=entry.etag))
            written.append(content)
        except (Conflict, NotFound):
            pass

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert mixed == []
    assert fake.content("CloneHero/Songs/Song/a.txt") == written[-1]

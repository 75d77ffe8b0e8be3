"""notify_push: changes made elsewhere are seen when the Nextcloud reports them, and asked for rarely."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from davproxy.diagnosis import check_remote
from davproxy.errors import SignInRefused, Unavailable
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Remote
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.remote.webdav.notify_push import endpoint
from davproxy.settings import Settings
from davproxy.sync import State, Sync
from davproxy.sync.push import Push as Listening
from davproxy.sync.sync import PUSHED_PAUSE
from tests.fakes.nextcloud import FakeNextcloud, Push
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

FOLDERS = Settings.read({}, Path("/nonexistent")).folders
INTERVAL = 30.0
"""Longer than any test: what is seen here was reported."""


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as fake, Push(fake) as push:
        fake.push = push
        yield fake


@pytest.fixture
def push(fake: FakeNextcloud) -> Push:
    assert fake.push is not None
    return fake.push


def nextcloud(fake: FakeNextcloud) -> Nextcloud:
    return Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.35)


class House:
    """A library on the fake, and its sync."""

    def __init__(self, remote: Remote, folder: Path) -> None:
        self.remote = remote
        self.index = Index(folder / "index.db")
        self.library = Library(remote, self.index, Cache(folder / "cache", 1 << 30), upload_limit=1 << 30)
        self.jobs = Jobs(self.index)
        self.sync = Sync(remote, self.index, self.library, self.jobs, INTERVAL)

    def has(self, path: str) -> bool:
        return self.library.tree.find(path) is not None

    def close(self) -> None:
        self.sync.stop()
        self.library.notes.stop()
        self.jobs.drain(1)
        self.remote.close()
        self.index.close()


@pytest.fixture
def house(fake: FakeNextcloud, push: Push, tmp_path: Path) -> Iterator[House]:
    house = House(nextcloud(fake), tmp_path)
    with closing(house):
        house.sync.start()
        wait_until(lambda: push.listeners == 1 and house.sync.pause == PUSHED_PAUSE)
        await_rest(fake)
        yield house


def add(fake: FakeNextcloud, number: int) -> str:
    """Another client adds a song."""
    fake.put(f"/CloneHero/Songs/Song {number}/song.ini", b"[song]\nname = %d" % number)
    return f"/Songs/Song {number}/song.ini"


def settled(fake: FakeNextcloud) -> int:
    """The listings of the library's folder so far: one a sync."""
    return fake.count("PROPFIND", "/CloneHero/$")


def await_rest(fake: FakeNextcloud) -> None:
    """Wait until nothing was asked for as long as a sync waits for the end of a burst."""
    seen: deque[int] = deque(maxlen=60)

    def rests() -> bool:
        seen.append(len(fake.requests))
        return len(seen) == seen.maxlen and seen[0] == seen[-1]

    wait_until(rests)


def test_a_reported_change_is_seen_and_nothing_is_asked_otherwise(
    fake: FakeNextcloud, push: Push, house: House
) -> None:
    assert house.remote.features.push
    assert house.sync.state is State.CURRENT
    before = settled(fake)
    for number, message in enumerate(("notify_file", "notify_file_id [7,8]")):
        path = add(fake, number)
        assert not house.has(path)
        push.report(message)
        wait_until(partial(house.has, path))
        await_rest(fake)
    assert settled(fake) - before <= 2, "a sync for each report, at most"
    fake.forget()
    house.sync.run()
    assert fake.count() == 1, "what a sync costs that finds nothing"
    assert house.sync.pause == PUSHED_PAUSE == 60.0, "so it is one request a minute"


def test_a_burst_of_changes_is_one_sync(fake: FakeNextcloud, push: Push, house: House) -> None:
    before = settled(fake)
    for number in range(20):
        path = add(fake, number)
        push.report()
    wait_until(lambda: house.has(path))
    assert settled(fake) - before <= 2, "one, and one for a report that comes while it runs"


def test_what_is_not_about_files_is_passed_over(fake: FakeNextcloud, push: Push, house: House) -> None:
    before = settled(fake)
    for message in ("notify_activity", "notify_notification", "notify_files_of_others", ""):
        push.report(message)
    path = add(fake, 1)
    push.report()
    wait_until(lambda: house.has(path))
    assert settled(fake) - before <= 1


def test_a_connection_that_breaks_is_made_again_and_misses_nothing(
    fake: FakeNextcloud, push: Push, house: House
) -> None:
    push.drop()
    wait_until(lambda: push.listeners == 0)
    path = add(fake, 1)
    wait_until(lambda: house.has(path))
    wait_until(lambda: push.listeners == 1)
    assert push.connections == 2
    wait_until(lambda: house.sync.pause == PUSHED_PAUSE)


def test_without_it_the_timer_goes_on(tmp_path: Path) -> None:
    with FakeNextcloud() as fake, closing(House(nextcloud(fake), tmp_path)) as house:
        assert house.remote.changes() is None
        house.sync.start()
        wait_until(lambda: house.sync.pause == INTERVAL)
        assert not house.remote.features.push
    local: Remote = Folder(tmp_path / "folder", FOLDERS)
    assert local.changes() is None


def test_a_refused_sign_in_and_a_dead_endpoint_are_asked_again_ever_more_rarely(
    fake: FakeNextcloud, push: Push
) -> None:
    with closing(nextcloud(fake)) as remote:
        remote.connect()
        right, fake.password = fake.password, "another"
        with pytest.raises(SignInRefused, match="notify_push"):
            remote.changes()
        listening = Listening(remote, lambda: None, first_pause=0.01)
        listening.start()
        wait_until(lambda: push.connections >= 4)
        assert not listening.connected
        fake.password = right
        wait_until(lambda: listening.connected)
        listening.stop(1)
        push.__exit__()
        with pytest.raises(Unavailable, match="notify_push"):
            remote.changes()


def test_doctor_says_whether_changes_are_reported(fake: FakeNextcloud) -> None:
    def said(remote: Nextcloud) -> str:
        with closing(remote):
            return "\n".join(f"{check.text} {check.advice}" for check in check_remote(remote, fake.url))

    assert "It reports changes at once (notify_push)." in said(nextcloud(fake))
    installed, fake.push = fake.push, None
    assert "Client Push" in said(nextcloud(fake))
    with Push(fake) as fake.push:
        pass
    assert "looked for instead" in said(nextcloud(fake)), "its service is down"
    fake.push = installed


CAPABILITIES = [
    ("https://a.org", "wss://a.org/push/ws", "wss://a.org/push/ws"),
    ("https://a.org/cloud", "wss://a.org:7867/ws", "wss://a.org:7867/ws"),
    ("http://10.0.0.2:8080", "wss://cloud.org/push/ws", "ws://10.0.0.2:8080/push/ws"),
    ("https://a.org", "ws://a.org/push/ws", "wss://a.org/push/ws"),
    ("https://a.org", "wss://evil.org/push/ws", "wss://a.org/push/ws"),
    ("https://a.org", "https://a.org/push", ""),
    ("https://a.org", "wss://[broken/", ""),
    ("https://a.org", 7, ""),
]


@pytest.mark.parametrize(("base", "named", "expected"), CAPABILITIES)
def test_the_password_goes_to_the_server_that_we_know_and_never_in_clear(
    base: str, named: object, expected: str
) -> None:
    assert endpoint({"notify_push": {"endpoints": {"websocket": named}}}, base) == expected
    odd: list[dict[str, object]] = [{}, {"notify_push": []}, {"notify_push": {"endpoints": []}}, {"notify_push": None}]
    assert [endpoint(capabilities, base) for capabilities in odd] == [""] * len(odd)

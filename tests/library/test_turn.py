"""The turn to add songs: one of several instances has it, and it outlives none of them for long."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from davproxy.errors import Cancelled, Unavailable
from davproxy.library.turn import FREE, Turn
from davproxy.paths import DATABASE, name_of
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Remote
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud

FOLDERS = Settings.read({}, Path("/nonexistent")).folders


@pytest.fixture(params=["folder", "nextcloud"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    if request.param == "folder":
        folder = Folder(tmp_path / "remote", FOLDERS)
        folder.connect()
        yield folder
    else:
        with FakeNextcloud() as fake:
            nextcloud = Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)
            nextcloud.connect()
            yield nextcloud
            nextcloud.close()


def turn(remote: Remote, clock: Callable[[], float] = lambda: 0.0) -> Turn:
    return Turn(remote, stale_seconds=30, look_seconds=0.01, clock=clock)


def patient() -> None:
    """Never gives up."""


def names(remote: Remote) -> list[str]:
    return [name_of(entry.path) for entry in remote.children(DATABASE)]


def test_of_many_instances_one_has_it(remote: Remote) -> None:
    inside, most = [0], [0]
    mutex = threading.Lock()

    def work(mine: Turn) -> None:
        for _ in range(5):
            with mine.hold(patient):
                with mutex:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                mine.keep()
                with mutex:
                    inside[0] -= 1

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work, turn(remote)) for _ in range(3)]:
            done.result(60)
    assert most == [1]
    assert names(remote) == [FREE]


def test_who_waits_can_give_up(remote: Remote) -> None:
    def give_up() -> None:
        raise Cancelled("Stopped.")

    one = turn(remote)
    with one.hold(patient):
        for other in (one, turn(remote)):
            with pytest.raises(Cancelled), other.hold(give_up):
                pytest.fail("both have it")
    with turn(remote).hold(give_up):
        assert names(remote) != [FREE]


def test_the_turn_of_a_dead_instance_is_taken(remote: Remote) -> None:
    now = [0.0]
    dead, other = turn(remote, lambda: now[0]), turn(remote, lambda: now[0])

    def wait() -> None:
        now[0] += 6

    with dead.hold(patient), other.hold(wait):
        assert now[0] >= 30
        with pytest.raises(Unavailable, match="Another instance"):
            dead.keep()
    assert names(remote) == [FREE]


def test_an_instance_that_works_for_long_keeps_it(remote: Remote) -> None:
    now = [0.0]
    one, other = turn(remote, lambda: now[0]), turn(remote, lambda: now[0])

    def wait() -> None:
        now[0] += 12
        if now[0] > 120:
            raise Cancelled("Stopped.")
        one.keep()

    with one.hold(patient), pytest.raises(Cancelled), other.hold(wait):
        pytest.fail("both have it")
    assert names(remote) == [FREE]


def test_two_that_were_made_at_the_same_time_become_one(remote: Remote) -> None:
    with turn(remote).hold(patient):
        remote.write(f"{DATABASE}/{FREE}", b"")
    assert names(remote) == [FREE]
    with turn(remote).hold(patient):
        assert len(names(remote)) == 1

"""The lease: one holder, found out by the others, taken over within a minute, given back at the end."""

from pathlib import Path

import pytest

from davproxy.errors import Unavailable
from davproxy.model import ANYTHING, Guard
from davproxy.paths import DATABASE, name_of
from davproxy.remote.local.folder import Folder
from davproxy.snapshot.lease import ASKED, FREE, LOOK_SECONDS, Lease
from tests.snapshot.conftest import TOPS, Clock


def names(remote: Folder) -> list[str]:
    return [name_of(entry.path) for entry in remote.children(DATABASE)]


def test_the_first_holds_it_and_the_second_says_who_does(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.look()
    second.look()
    assert first.held
    assert first.confirm()
    assert not second.held
    assert second.holder == first.instance
    assert not second.confirm()


def passes(clock: Clock, seconds: int, *alive: Lease) -> None:
    """Time, in which those who live look when it is due."""
    for _ in range(seconds):
        clock.now += 1
        for lease in alive:
            if clock.now >= lease.due:
                lease.look()


def test_a_holder_that_answers_keeps_it(remote: Folder, clock: Clock) -> None:
    first, second, third = (Lease(remote, clock=clock) for _ in range(3))
    passes(clock, 600, first, second, third)
    assert first.held
    assert first.confirm()
    assert second.holder == third.holder == first.instance
    assert not second.held
    assert not third.held
    assert len(names(remote)) == 1


@pytest.mark.parametrize("lived", range(0, 50, 7))
def test_a_dead_holder_is_followed_within_a_minute(lived: int, remote: Folder, clock: Clock) -> None:
    first, second, third = (Lease(remote, clock=clock) for _ in range(3))
    passes(clock, 20 + lived, first, second, third)
    passes(clock, 50, second, third)
    assert [second.held, third.held].count(True) == 1
    first.look()
    assert not first.held
    assert first.holder in (second.instance, third.instance)
    assert len(names(remote)) == 1


def test_a_knock_is_no_loss_before_it_was_too_long_without_an_answer(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.look()
    second.look()
    assert [name.endswith(ASKED) for name in names(remote)] == [True]
    assert first.confirm()
    first.look()
    assert [name.endswith(ASKED) for name in names(remote)] == [False]
    second.look()
    first.release()
    assert names(remote) == [FREE]


def test_the_answer_of_a_server_that_broke_off_is_found_at_the_next_look(tmp_path: Path, clock: Clock) -> None:
    class Breaking(Folder):
        broken = False

        def move(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
            super().move(source, target, guard=guard)
            if self.broken:
                raise Unavailable("The answer did not come.")

    remote = Breaking(tmp_path / "breaking", TOPS)
    remote.connect()
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.look()
    second.look()
    remote.broken = True
    with pytest.raises(Unavailable):
        first.look()
    remote.broken = False
    assert first.confirm()
    first.release()
    assert names(remote) == [FREE]


def test_who_is_told_of_the_folder_need_not_look(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    etag = remote.stat(DATABASE).etag
    first.told(etag)
    first.look()
    first.told(etag := remote.stat(DATABASE).etag)
    assert clock.now >= first.due, "our own lease was made since"
    first.look()
    for _ in range(30):
        clock.now += 10
        first.told(etag)
        assert clock.now < first.due
    second.look()
    first.told(remote.stat(DATABASE).etag)
    assert clock.now >= first.due, "somebody knocked"
    first.look()
    clock.now += LOOK_SECONDS
    assert clock.now >= first.due, "nobody tells any more"


def test_released_it_is_free_at_once(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.look()
    second.look()
    first.release()
    assert not first.held
    second.look()
    assert second.held


def test_two_that_both_made_one_settle_on_one(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.look()
    remote.move(f"{DATABASE}/{names(remote)[0]}", "/Temp/hidden")
    second.look()
    remote.move("/Temp/hidden", f"{DATABASE}/lease-{first.instance}-1")
    assert first.held
    assert second.held
    assert [first.confirm(), second.confirm()].count(True) == 1
    assert len(names(remote)) == 1


def test_other_files_in_the_folder_are_no_lease(remote: Folder, clock: Clock) -> None:
    remote.write(f"{DATABASE}/lease notes.txt", b"mine")
    remote.write(f"{DATABASE}/clonehero.db", b"")
    lease = Lease(remote, clock=clock)
    lease.look()
    assert lease.held
    assert "lease notes.txt" in names(remote)

"""The lease: one holder, found out by the others, taken over within a minute, given back at the end."""

from pathlib import Path
from typing import ClassVar

from davproxy.model import ANYTHING, Entry, Guard
from davproxy.paths import DATABASE, name_of
from davproxy.remote.folder import Folder
from davproxy.snapshot.lease import LOOK_SECONDS, RENEW_SECONDS, Lease
from tests.snapshot.conftest import TOPS, Clock


def names(remote: Folder) -> list[str]:
    return [name_of(entry.path) for entry in remote.children(DATABASE)]


def test_the_first_holds_it_and_the_second_says_who_does(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.turn()
    second.turn()
    assert first.held
    assert first.confirm()
    assert not second.held
    assert second.holder == first.instance
    assert not second.confirm()


def test_what_is_renewed_is_not_taken_over(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.turn()
    for second_passed in range(1, 600):
        clock.now += 1
        if second_passed % RENEW_SECONDS == 0:
            first.turn()
        if second_passed % LOOK_SECONDS == 0:
            second.turn()
    assert first.held
    assert not second.held


def test_a_dead_holder_is_followed_within_a_minute_after_its_missed_renewal(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.turn()
    died = clock.now
    clock.now += LOOK_SECONDS - 1  # the worst moment: the second looks long after
    while not second.held:
        second.turn()
        clock.now += LOOK_SECONDS
    assert clock.now - LOOK_SECONDS - died <= RENEW_SECONDS + 60
    first.turn()
    assert not first.held
    assert first.holder == second.instance
    assert len(names(remote)) == 1


def test_released_it_is_free_at_once(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.turn()
    second.turn()
    first.release()
    assert not first.held
    second.turn()
    assert second.held


def test_two_that_both_made_one_settle_on_one(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.turn()
    remote.move(f"{DATABASE}/{names(remote)[0]}", "/Temp/hidden")
    second.turn()
    remote.move("/Temp/hidden", f"{DATABASE}/lease-{first.instance}-1")
    assert first.held
    assert second.held
    assert [first.confirm(), second.confirm()].count(True) == 1
    assert len(names(remote)) == 1


class Counted(Folder):
    """A folder that writes down what is asked of it."""

    calls: ClassVar[list[str]] = []

    def move(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        self.calls.append("move")
        super().move(source, target, guard=guard)

    def children(self, path: str) -> list[Entry]:
        self.calls.append("children")
        return super().children(path)


def test_renewing_costs_one_call_on_the_remote(tmp_path: Path, clock: Clock) -> None:
    remote = Counted(tmp_path / "counted", TOPS)
    remote.connect()
    lease = Lease(remote, clock=clock)
    lease.turn()
    remote.calls.clear()
    lease.turn()
    assert lease.held
    assert remote.calls == ["move"]


def test_other_files_in_the_folder_are_no_lease(remote: Folder, clock: Clock) -> None:
    remote.write(f"{DATABASE}/lease notes.txt", b"mine")
    remote.write(f"{DATABASE}/clonehero.db", b"")
    lease = Lease(remote, clock=clock)
    lease.turn()
    assert lease.held
    assert "lease notes.txt" in names(remote)

"""The lease: one holder that the others know, replaced within a minute when it dies, released at the end."""

from pathlib import Path

import pytest

from davproxy.errors import Unavailable
from davproxy.model import ANYTHING, Guard
from davproxy.paths import DATABASE, name_of
from davproxy.remote.local.folder import Folder
from davproxy.snapshot.lease import CHECK_SECONDS, FREE, REQUESTED, Lease
from tests.snapshot.conftest import TOPS, Clock


def names(remote: Folder) -> list[str]:
    return [name_of(entry.path) for entry in remote.children(DATABASE)]


def test_the_first_holds_it_and_the_second_knows_who_does(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.check()
    second.check()
    assert first.is_ours
    assert first.confirm()
    assert not second.is_ours
    assert second.holder == first.instance
    assert not second.confirm()


def pass_time(clock: Clock, seconds: int, *alive: Lease) -> None:
    """Let time pass in which the instances alive check when it is due."""
    for _ in range(seconds):
        clock.now += 1
        for lease in alive:
            if clock.now >= lease.due:
                lease.check()


def test_a_holder_that_answers_keeps_it(remote: Folder, clock: Clock) -> None:
    first, second, third = (Lease(remote, clock=clock) for _ in range(3))
    pass_time(clock, 600, first, second, third)
    assert first.is_ours
    assert first.confirm()
    assert second.holder == third.holder == first.instance
    assert not second.is_ours
    assert not third.is_ours
    assert len(names(remote)) == 1


@pytest.mark.parametrize("lifetime", range(0, 50, 7))
def test_a_dead_holder_is_replaced_within_a_minute(lifetime: int, remote: Folder, clock: Clock) -> None:
    first, second, third = (Lease(remote, clock=clock) for _ in range(3))
    pass_time(clock, 20 + lifetime, first, second, third)
    pass_time(clock, 50, second, third)
    assert [second.is_ours, third.is_ours].count(True) == 1
    first.check()
    assert not first.is_ours
    assert first.holder in (second.instance, third.instance)
    assert len(names(remote)) == 1


def test_a_request_takes_nothing_before_it_has_timed_out(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.check()
    second.check()
    assert [name.endswith(REQUESTED) for name in names(remote)] == [True]
    assert first.confirm()
    first.check()
    assert [name.endswith(REQUESTED) for name in names(remote)] == [False]
    second.check()
    first.release()
    assert names(remote) == [FREE]


def test_a_rename_whose_answer_was_lost_is_found_at_the_next_check(tmp_path: Path, clock: Clock) -> None:
    class Breaking(Folder):
        broken = False

        def move(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
            super().move(source, target, guard=guard)
            if self.broken:
                raise Unavailable("The answer did not come.")

    remote = Breaking(tmp_path / "breaking", TOPS)
    remote.connect()
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.check()
    second.check()
    remote.broken = True
    with pytest.raises(Unavailable):
        first.check()
    remote.broken = False
    assert first.confirm()
    first.release()
    assert names(remote) == [FREE]


def test_while_the_folder_s_etag_is_known_no_check_is_due(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    etag = remote.stat(DATABASE).etag
    first.note_etag(etag)
    first.check()
    first.note_etag(etag := remote.stat(DATABASE).etag)
    assert clock.now >= first.due, "our own lease was made since"
    first.check()
    for _ in range(30):
        clock.now += 10
        first.note_etag(etag)
        assert clock.now < first.due
    second.check()
    first.note_etag(remote.stat(DATABASE).etag)
    assert clock.now >= first.due, "another instance requested it"
    first.check()
    clock.now += CHECK_SECONDS
    assert clock.now >= first.due, "no etag came since"


def test_a_released_lease_is_free_at_once(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.check()
    second.check()
    first.release()
    assert not first.is_ours
    second.check()
    assert second.is_ours


def test_two_leases_made_at_once_leave_one(remote: Folder, clock: Clock) -> None:
    first, second = Lease(remote, clock=clock), Lease(remote, clock=clock)
    first.check()
    remote.move(f"{DATABASE}/{names(remote)[0]}", "/Temp/hidden")
    second.check()
    remote.move("/Temp/hidden", f"{DATABASE}/lease-{first.instance}-1")
    assert first.is_ours
    assert second.is_ours
    assert [first.confirm(), second.confirm()].count(True) == 1
    assert len(names(remote)) == 1


def test_other_files_in_the_folder_are_no_lease(remote: Folder, clock: Clock) -> None:
    remote.write(f"{DATABASE}/lease notes.txt", b"mine")
    remote.write(f"{DATABASE}/clonehero.db", b"")
    lease = Lease(remote, clock=clock)
    lease.check()
    assert lease.is_ours
    assert "lease notes.txt" in names(remote)

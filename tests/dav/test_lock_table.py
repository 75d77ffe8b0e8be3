"""The table of locks and the dead properties beside it: what excludes what, what ends when, and threads."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import pytest

from davproxy.coordination import InProcess, Shared
from davproxy.dav.dead_properties import MOST_CHARACTERS, DeadProperties
from davproxy.dav.locks import MOST, Lock, Locks
from davproxy.model import Change
from tests.coordination.in_this_process import at_two_instances


def lock(token: str, path: str, *, exclusive: bool = True, deep: bool = False, ends: float = 100.0) -> Lock:
    return Lock(token, path, exclusive, deep, "", 0.0, ends)


def ignored(_path: str) -> None:
    """Whoever waits for a lock to end."""


def by_clock(clock: Callable[[], float]) -> InProcess:
    return InProcess(Shared(clock, ahead=0.0))


def table(*locks: Lock) -> Locks:
    found = Locks(ignored, by_clock(lambda: 0.0))
    for each in locks:
        assert found.add(each) == []
    return found


@pytest.mark.parametrize(
    ("first", "second", "excluded"),
    [
        (lock("a", "/A"), lock("b", "/A"), True),
        (lock("a", "/A"), lock("b", "/B"), False),
        (lock("a", "/A"), lock("b", "/AB"), False),
        (lock("a", "/A", exclusive=False), lock("b", "/A", exclusive=False), False),
        (lock("a", "/A", exclusive=False), lock("b", "/A"), True),
        (lock("a", "/A"), lock("b", "/A", exclusive=False), True),
        (lock("a", "/A"), lock("b", "/A/x"), False),
        (lock("a", "/A", deep=True), lock("b", "/A/x/y"), True),
        (lock("a", "/A/x/y"), lock("b", "/A", deep=True), True),
        (lock("a", "/A/x/y", exclusive=False), lock("b", "/A", deep=True, exclusive=False), False),
    ],
)
def test_which_locks_exclude_each_other(first: Lock, second: Lock, excluded: bool) -> None:
    locks = table(first)
    assert locks.add(second) == ([first.path] if excluded else [])
    assert (locks.get("b") is None) == excluded


def test_what_a_lock_protects() -> None:
    locks = table(lock("a", "/A", deep=True), lock("b", "/B"), lock("c", "/B/x"))
    assert [each.token for each in locks.protecting("/A/x/y")] == ["a"]
    assert [each.token for each in locks.protecting("/B/x")] == ["c"]
    assert [each.token for each in locks.below("/B")] == ["c"]
    assert [each.token for each in locks.directly_in("/")] == ["a", "b"]
    assert [each.token for each in locks.at("/B")] == ["b"]
    assert [locks.any_at(path) for path in ("/", "/A", "/A/x", "/B", "/B/y", "/C")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_lock_ends_with_its_time_unless_it_is_renewed() -> None:
    now = 0.0
    released: list[str] = []
    locks = Locks(released.append, by_clock(lambda: now))
    for token in "ab":
        locks.add(lock(token, f"/{token}", ends=10.0))
    renewed = locks.renew("b", 20.0)
    assert renewed is not None
    assert renewed.ends == 20.0
    now = 15.0
    assert locks.get("a") is None
    assert locks.renew("a", 30.0) is None
    assert not locks.end("a")
    assert locks.add(lock("c", "/a")) == []
    assert locks.get("b") == renewed
    assert released == []
    assert locks.end("b")
    assert locks.get("b") is None
    assert released == ["/b"]


def test_locks_follow_the_tree() -> None:
    locks = table(lock("a", "/A"), lock("b", "/A/x/y"), lock("c", "/AB"), lock("d", "/C"))
    locks.follow(Change("written", "/A"))
    locks.follow(Change("removed", "/A"))
    assert [locks.get(token) is not None for token in "abcd"] == [False, False, True, True]
    locks.follow(Change("moved", "/AB", "/C"))
    assert [locks.get(token) is not None for token in "cd"] == [False, True]


def test_the_lock_that_ends_next_makes_room() -> None:
    locks = table(*(lock(str(number), f"/{number}", ends=1000.0 - number) for number in range(MOST)))
    assert locks.add(lock("new", "/new")) == []
    assert locks.get(str(MOST - 1)) is None
    assert locks.get("0") is not None


def test_a_lock_is_json() -> None:
    one = lock("a", "/A")
    assert Lock(**json.loads(json.dumps(asdict(one)))) == one


def test_one_of_many_gets_the_lock() -> None:
    locks = Locks(ignored, by_clock(lambda: 0.0))
    with ThreadPoolExecutor(8) as pool:
        for turn in range(50):
            added = pool.map(lambda number, turn=turn: locks.add(lock(f"{turn}-{number}", f"/{turn}/x")), range(8))
            assert list(added).count([]) == 1


def test_dead_properties_go_where_their_entry_goes() -> None:
    kept = DeadProperties()
    kept.set("/A", "{t}a", "<a/>")
    kept.set("/A/x", "{t}b", "<b/>")
    kept.set("/B/old", "{t}c", "<c/>")
    kept.copy("/A", "/B", deep=True)
    assert (kept.of("/B"), kept.of("/B/x"), kept.of("/B/old")) == ({"{t}a": "<a/>"}, {"{t}b": "<b/>"}, {})
    kept.copy("/A", "/C", deep=False)
    assert (kept.of("/C"), kept.of("/C/x")) == ({"{t}a": "<a/>"}, {})
    kept.follow(Change("moved", "/A", "/D"))
    assert (kept.of("/A"), kept.of("/D/x")) == ({}, {"{t}b": "<b/>"})
    kept.follow(Change("removed", "/D"))
    assert kept.of("/D/x") == {}
    assert kept.any_at_or_in("/")
    assert not kept.any_at_or_in("/D")
    kept.remove("/B", "{t}a")
    kept.remove("/B", "{t}a")
    assert kept.of("/B") == {}


def test_dead_properties_are_at_every_instance() -> None:
    one, other = at_two_instances(DeadProperties)
    one.set("/A/x", "{t}a", "<a/>")
    assert other.of("/A/x") == {"{t}a": "<a/>"}
    other.copy("/A/x", "/B", deep=True)
    assert one.of("/B") == {"{t}a": "<a/>"}
    one.follow(Change("moved", "/A", "/C"))
    other.follow(Change("removed", "/A"))  # how it may hear of the move
    other.follow(Change("folder", "/C"))
    assert [kept.of("/C/x") for kept in (one, other)] == [{"{t}a": "<a/>"}] * 2
    assert other.of("/A/x") == {}
    other.remove("/C/x", "{t}a")
    assert one.of("/C/x") == {}
    one.follow(Change("moved", "/new", "/B"))  # as editors save: what was there is gone
    assert other.of("/B") == {}
    assert [kept._characters for kept in (one, other)] == [0, 0]


def test_dead_properties_are_bounded() -> None:
    kept = DeadProperties()
    for number in range(40):
        kept.set(f"/{number}", "{t}a", "x" * (MOST_CHARACTERS // 20))
    assert kept.of("/0") == {}
    assert kept.of("/39")
    for _ in range(40):
        kept.set("/same", "{t}a", "x" * (MOST_CHARACTERS // 20))
    assert kept.of("/39")
    for number in range(40):
        kept.remove(f"/{number}", "{t}a")
    kept.forget("/same")
    assert kept._characters == 0


def test_dead_properties_under_threads() -> None:
    kept = DeadProperties()

    def work(worker: int) -> None:
        for turn in range(300):
            kept.set(f"/{worker}/{turn % 7}", "{t}a", "<a/>")
            kept.move(f"/{worker}", f"/{(worker + 1) % 8}")
            kept.any_at_or_in("/0")
            kept.forget(f"/{worker}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    kept.forget("/")
    assert kept._characters == 0

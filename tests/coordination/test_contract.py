"""What every coordination promises, tried between instances that share one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.coordination.conftest import Make
from tests.waiting import wait_until


def test_a_table_is_the_same_for_all(make: Make) -> None:
    one, other = make(), make()
    assert one.table("songs") == {}
    one.put("songs", "ä/b", {"n": [1, None, "é"]})
    one.put("songs", "c", 2.5)
    assert other.table("songs") == {"ä/b": {"n": [1, None, "é"]}, "c": 2.5}
    other.put("songs", "c", None)
    assert one.table("songs") == {"ä/b": {"n": [1, None, "é"]}}
    assert one.table("others") == {}


def test_a_copy_of_a_table_is_only_a_copy(make: Make) -> None:
    one = make()
    one.put("songs", "a", [1])
    one.table("songs").clear()
    assert one.table("songs") == {"a": [1]}


def test_a_change_returns_what_its_function_returns_and_stores_what_it_changed(make: Make) -> None:
    one, other = make(), make()
    one.put("songs", "a", 1)
    one.put("songs", "b", 2)

    def change(table: dict[str, Any]) -> int:
        table["c"] = table.pop("a") + table["b"]
        return len(table)

    assert one.change("songs", change) == 2
    assert other.table("songs") == {"b": 2, "c": 3}
    assert other.change("songs", dict) == {"b": 2, "c": 3}
    other.change("songs", lambda table: table.clear())
    assert one.table("songs") == {}


def test_changes_of_one_table_happen_one_after_the_other(make: Make) -> None:
    instances = [make() for _ in range(4)]

    def add(table: dict[str, Any]) -> None:
        table["n"] = table.get("n", 0) + 1

    with ThreadPoolExecutor(4) as pool:
        for instance in instances:
            for _ in range(25):
                pool.submit(instance.change, "count", add)
    assert instances[0].table("count") == {"n": 100}


def test_a_change_that_raises_changes_nothing(make: Make) -> None:
    one = make()

    def change(table: dict[str, Any]) -> None:
        table["a"] = 1
        raise KeyError("a")

    try:
        one.change("songs", change)
    except KeyError:
        assert one.table("songs") == {}
    else:
        raise AssertionError


def test_a_claim_is_of_one_instance_until_that_releases_it(make: Make) -> None:
    one, other = make(), make()
    assert one.instance != other.instance
    assert one.holder("job") == ""
    assert one.claim("job", 60)
    assert one.claim("job", 60)
    assert not other.claim("job", 60)
    assert other.holder("job") == one.instance
    other.release("job")
    assert other.holder("job") == one.instance
    one.release("job")
    assert other.claim("job", 60)
    assert one.claim("another", 60)


def test_a_claim_ends_unless_it_is_prolonged(make: Make) -> None:
    one, other = make(), make()
    assert one.claim("short", 0.2)
    assert one.claim("long", 0.2)
    assert one.claim("long", 60)
    wait_until(lambda: other.claim("short", 60))
    assert not one.claim("short", 60)
    assert not other.claim("long", 60)


def test_only_one_of_many_gets_a_claim(make: Make) -> None:
    instances = [make() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(lambda instance: instance.claim("job", 60), instances))
    assert sorted(claimed) == [False, False, False, True]


def test_the_end_of_an_instance_ends_its_claims(make: Make) -> None:
    one, other = make(), make()
    assert one.claim("job", 60)
    one.close()
    assert other.claim("job", 60)


def test_notices_come_to_all_others_in_their_order(make: Make) -> None:
    one, other, third = make(), make(), make()
    received: dict[str, list[Any]] = {"one": [], "other": [], "third": []}
    one.receive("news", received["one"].append)
    other.receive("news", received["other"].append)
    third.receive("news", received["third"].append)
    third.receive("else", received["third"].append)
    for number in range(20):
        one.send("news", {"n": number})
    one.send("else", "x")
    wait_until(lambda: len(received["other"]) == 20 and len(received["third"]) == 21)
    assert received["other"] == [{"n": number} for number in range(20)]
    assert received["third"] == [*received["other"], "x"]
    assert received["one"] == []


def test_a_receiver_that_fails_keeps_none_from_the_others(make: Make) -> None:
    one, other = make(), make()
    arrived = threading.Event()

    def fail(_message: Any) -> None:
        raise ValueError

    other.receive("news", fail)
    other.receive("news", lambda _message: arrived.set())
    one.send("news", 1)
    assert arrived.wait(60)


def test_the_clock_is_the_same_for_all(make: Make) -> None:
    one, other = make(), make()
    first, second, third = one.now(), other.now(), one.now()
    assert first - 0.5 < second < third + 0.5
    assert one.problem == other.problem == ""

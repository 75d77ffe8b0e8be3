"""The judgement of a storm, and a short storm."""

from pathlib import Path

import pytest

from tests.storm import nextclouds
from tests.storm.history import History, Operation
from tests.storm.storm import storm

SECONDS, SEED = 60, 20
"""With this seed the first instance is killed after 3.4 seconds."""


def history(*operations: Operation) -> History:
    made = History()
    for operation in operations:
        made.add(operation)
    return made


def test_what_can_be_there_after_two_writes() -> None:
    one_after_the_other = history(Operation("/a", 1, 2, True, b"1"), Operation("/a", 3, 4, True, b"2"))
    assert [one_after_the_other.explains("/a", value) for value in (b"1", b"2", b"3", None)] == [
        False,
        True,
        False,
        False,
    ]
    at_once = history(Operation("/a", 1, 3, True, b"1"), Operation("/a", 2, 4, True, b"2"))
    assert [at_once.explains("/a", value) for value in (b"1", b"2", None)] == [True, True, False]


def test_a_change_in_doubt_may_happen_later_or_never() -> None:
    doubtful = history(Operation("/a", 1, 2, None, b"1"), Operation("/a", 3, 4, True, b"2"))
    assert [doubtful.explains("/a", value) for value in (b"1", b"2", None)] == [True, True, False]
    assert history(Operation("/a", 1, 2, None, b"1")).explains("/a", None)


def test_values_follow_moves_and_refused_changes_do_not_count() -> None:
    moved = history(
        Operation("/a", 1, 2, True, b"1"),
        Operation("/b", 3, 4, True, source="/a"),
        Operation("/a", 3, 4, True),
        Operation("/b", 5, 6, False, b"2"),
    )
    assert (moved.explains("/b", b"1"), moved.explains("/b", b"2"), moved.explains("/a", b"1")) == (True, False, False)
    assert moved.explains("/a", None)
    assert [line.split()[2] for line in moved.relevant_part("/b")] == ["/b", "/a", "/a"]


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_brought_back(tmp_path: Path) -> None:
    with (
        nextclouds.fake() as truth,
        storm(tmp_path, truth, seed=SEED, count=2, seconds=SECONDS, kills=True) as done,
    ):
        assert done.problems == [], "\n".join([*done.happened, *done.problems])
        assert sum(done.clients.answers.values()) > 0
        assert any("is killed" in each for each in done.happened)

"""The garbage collector of the server: what stays is not walked again and again."""

import gc
from collections.abc import Iterator

import pytest

from davproxy import memory


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_what_stays_is_not_walked_again() -> None:
    staying: list[object] = [[] for _ in range(1000)]
    memory.spare_what_stays()
    walked = {id(each) for each in gc.get_objects()}
    assert not walked & {id(each) for each in staying}
    assert gc.get_freeze_count() > 1000
    young, middle, old = gc.get_threshold()
    assert young * middle * old >= 10_000_000, "new objects before a collection of everything"


def test_what_only_refers_to_itself_is_freed_when_nobody_waits() -> None:
    memory.spare_what_stays()
    circle: list[object] = []
    circle.append(circle)
    del circle
    before = len(gc.get_objects())
    memory.collect()
    assert len(gc.get_objects()) < before

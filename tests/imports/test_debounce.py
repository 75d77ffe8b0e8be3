"""The debounce: when its action is called."""

import threading
from collections.abc import Iterator

import pytest

from davproxy.imports.debounce import Debounce
from tests.waiting import wait_until

LATER = 3600.0


class Recorder:
    """A debounce whose action records its paths; for the path `fail` it raises."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.debounce = Debounce(self._act)

    def _act(self, path: str) -> None:
        self.paths.append(path)
        if path == "fail":
            raise ValueError(path)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.debounce.close()


def test_paths_are_called_in_the_order_in_which_they_are_due(recorder: Recorder) -> None:
    recorder.debounce.schedule("never", LATER)
    recorder.debounce.schedule("second", 0.2)
    recorder.debounce.schedule("first", 0.0)
    wait_until(lambda: len(recorder.paths) == 2)
    assert recorder.paths == ["first", "second"]


def test_a_new_schedule_replaces_the_earlier_one(recorder: Recorder) -> None:
    recorder.debounce.schedule("postponed", 0.2)
    recorder.debounce.schedule("postponed", LATER)
    recorder.debounce.schedule("other", 0.3)
    wait_until(lambda: recorder.paths)
    assert recorder.paths == ["other"]


def test_an_action_that_fails_does_not_end_the_thread(recorder: Recorder) -> None:
    recorder.debounce.schedule("fail", 0.0)
    wait_until(lambda: recorder.paths == ["fail"])
    recorder.debounce.schedule("next", 0.0)
    wait_until(lambda: recorder.paths == ["fail", "next"])


def test_nothing_is_called_once_closed(recorder: Recorder) -> None:
    recorder.debounce.schedule("waiting", LATER)
    recorder.debounce.close()
    recorder.debounce.schedule("late", 0.0)
    assert not any(thread.name == "imports-debounce" for thread in threading.enumerate())
    assert recorder.paths == []

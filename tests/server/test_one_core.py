"""The server's threads share a core, and nothing else does."""

import os
import sys
import threading
from pathlib import Path

import pytest

from davproxy import child, processes
from davproxy.server.one_core import OneCore
from tests import test_child
from tests.serving import Site
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds single threads")


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core has no other beside it")
def test_the_threads_that_serve_are_on_one_core_and_the_others_are_free(site: Site) -> None:
    before = set(threading.enumerate())
    site.start(SERVER_THREADS="4")

    def bound() -> list[str]:
        return sorted(thread.name.split("-")[0] for thread in set(threading.enumerate()) - before
                      if len(cores_of(thread)) == 1)  # fmt: skip

    wait_until(lambda: bound() == ["Thread"] * 4 + ["http"], bound)
    assert len(os.sched_getaffinity(os.getpid())) > 1


def test_the_core_is_chosen_again() -> None:
    asked = threading.Semaphore(0)

    def threads() -> list[int]:
        asked.release()
        return []

    core = OneCore(threads, seconds=0.0)
    core.start()
    try:
        assert all(asked.acquire(timeout=60) for _ in range(3))
    finally:
        core.stop()


def test_a_child_of_a_bound_thread_may_use_every_core(tmp_path: Path) -> None:
    cores = os.sched_getaffinity(os.getpid())
    answers: list[object] = []

    def start() -> None:
        os.sched_setaffinity(0, {min(cores)})
        answers.append(child.run(f"{__name__}:cores", {}, limits=test_child.LIMITS, folder=tmp_path))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert answers == [sorted(cores)]


def test_a_thread_that_a_bound_thread_starts_can_leave_the_core() -> None:
    cores, found = os.sched_getaffinity(os.getpid()), list[set[int]]()

    def leave() -> None:
        processes.take_cores_of(os.getpid())
        found.append(os.sched_getaffinity(0))

    def start() -> None:
        os.sched_setaffinity(0, {min(cores)})
        other = threading.Thread(target=leave)
        other.start()
        other.join()

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert found == [cores]


def cores_of(thread: threading.Thread) -> set[int]:
    try:
        return os.sched_getaffinity(thread.native_id or 0)
    except ProcessLookupError:  # it has ended
        return set()


def cores(request: object, report: object) -> list[int]:
    return sorted(os.sched_getaffinity(0))

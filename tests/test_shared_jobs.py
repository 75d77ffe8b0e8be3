"""The jobs of several instances: each runs once, all see and cancel it, and that of a dead instance is taken up."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from davproxy.coordination import Coordination, InProcess, OnRedis, Shared
from davproxy.errors import Cancelled, Unavailable
from davproxy.index import Index
from davproxy.jobs import Jobs, Run
from davproxy.model import Job, JobState
from davproxy.shared_jobs import CLAIM_SECONDS
from tests.coordination.conftest import redis_server
from tests.redis_server import RedisServer
from tests.waiting import wait_until

__all__ = ["redis_server"]
pytestmark = pytest.mark.slow
Make = Callable[[str], "House"]


class House:
    """The jobs of one instance, which run until `go` is set."""

    def __init__(self, index: Index, coordination: Coordination, clock: list[float], shared: Shared) -> None:
        self.index, self.coordination, self.clock, self.shared = index, coordination, clock, shared
        self.jobs = Jobs(index, 1, coordination)
        self.go = threading.Event()
        self.started: list[str] = []
        self.jobs.register("work", self._work, anywhere=True)
        self.jobs.register("local", self._work, recover=False)

    def _work(self, run: Run) -> dict[str, str]:
        self.started.append(run.job.id)
        run.record(self.coordination.instance, {"began": run.job.id})
        run.report("working", 0.5)
        while not self.go.wait(0.01):
            run.check()
        return {"by": self.coordination.instance}

    def start(self) -> "House":
        self.coordination.start()
        self.jobs.start()
        return self


class SharedInProcess(InProcess):
    """Instances in this process that act as if there were others."""

    is_shared = True
    is_away = False
    meanwhile: Callable[[], None] | None = None
    """What happens right after the next value is stored."""

    def put(self, name: str, key: str, value: Any) -> None:
        if self.is_away:
            raise Unavailable("It is away.")
        super().put(name, key, value)
        if (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            meanwhile()

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self.was_asked = threading.Event()

    def holder(self, name: str) -> str:
        self.was_asked.set()
        return super().holder(name)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as stack:
        now = [0.0]
        shared = Shared(lambda: now[0])

        def instance(name: str) -> House:
            index = Index(tmp_path / f"{name}.db")
            stack.callback(index.close)
            made = House(index, SharedInProcess(shared), now, shared)
            stack.callback(made.jobs.drain, 0.1)
            stack.callback(made.go.set)
            return made

        yield instance


def test_a_job_is_seen_waited_for_and_run_once(make: Make) -> None:
    one, other = make("one").start(), make("other").start()
    job = one.jobs.submit("work", "Work", subject="/Drop/x")
    assert other.jobs.submit("work", "Work", subject="/Drop/x").id == job.id
    wait_until(lambda: other.jobs.get(job.id).step == "working")
    assert [each.id for each in other.jobs.recent()] == [job.id]
    one.go.set()
    other.go.set()
    assert other.jobs.outcome(job.id, 60).result == {"by": one.coordination.instance}
    assert (one.started, other.started) == ([job.id], [])


def test_a_heartbeat_while_a_job_is_submitted_queues_it_once(make: Make) -> None:
    one = make("one")
    coordination = one.coordination
    assert isinstance(coordination, SharedInProcess)
    heartbeat = threading.Thread(target=one.jobs._own._take_up)

    def meanwhile() -> None:
        heartbeat.start()
        assert coordination.was_asked.wait(60), "the heartbeat finds the job in the table, and nobody runs it"

    coordination.meanwhile = meanwhile
    one.jobs.submit("work", "Work")
    heartbeat.join()
    assert one.jobs._own._queue.qsize() == 1


def test_any_instance_cancels_a_job(make: Make) -> None:
    one, other = make("one").start(), make("other").start()
    job = one.jobs.submit("work", "Work")
    wait_until(lambda: one.started)
    other.jobs.cancel(job.id)
    with pytest.raises(Exception, match="Stopped"):
        other.jobs.outcome(job.id, 60)
    assert other.jobs.get(job.id).state is JobState.CANCELLED
    assert isinstance(one.jobs._errors[job.id], Cancelled)


def test_another_instance_runs_what_waits_behind_a_long_job(make: Make) -> None:
    one, other = make("one").start(), make("other").start()
    other.go.set()
    first, second = (one.jobs.submit("work", "Work", subject=name) for name in "ab")
    assert other.jobs.wait(second.id, 60).result == {"by": other.coordination.instance}
    one.go.set()
    assert other.jobs.wait(first.id, 60).result == {"by": one.coordination.instance}
    assert one.started == [first.id]


def test_the_job_of_a_dead_instance_is_taken_up(make: Make) -> None:
    dead, other = make("dead"), make("other").start()
    other.go.set()
    job = Job("0123456789ab", "work", "Work", JobState.RUNNING, created=1.0, updated=1.0)
    dead.jobs._shared.put(job)
    assert dead.jobs._shared.claim(job.id)
    wait_until(lambda: other.jobs.is_unfinished(job.id))
    assert other.started == []
    other.clock[0] += CLAIM_SECONDS + 1
    assert other.jobs.wait(job.id, 60).state is JobState.DONE
    assert other.started == [job.id]


def test_whoever_takes_up_a_job_or_undoes_it_knows_what_was_done(make: Make) -> None:
    dead, other = make("dead"), make("other").start()  # what is not started yet misses the notices
    other.go.set()
    job = other.jobs.submit("work", "Work")
    assert other.jobs.wait(job.id, 60).state is JobState.DONE
    done = {other.coordination.instance: {"began": job.id}}
    assert dead.index.jobs.records(job.id) == {}
    assert dead.jobs.records(job.id) == done == dead.index.jobs.records(job.id)
    dead.start()
    dead.jobs.forget_records(job.id)
    assert (other.jobs.records(job.id), dead.jobs.records(job.id)) == ({}, {})


def test_what_was_recorded_without_the_others_replaces_nothing_of_theirs(make: Make) -> None:
    one, other = make("one"), make("other")
    records, table = one.jobs._shared.records, "job records j"
    records.record("j", "a", {"planned": True})
    assert isinstance(one.coordination, SharedInProcess)
    one.coordination.is_away = True
    records.record("j", "b", {"n": 1})
    other.coordination.put(table, "a", {"planned": False})
    one.jobs._shared.put(Job("j", "work", "Work", JobState.RUNNING))
    one.coordination.is_away = False
    other.jobs._shared.put(Job("j", "work", "Work", JobState.DONE))
    one.jobs._shared.repair([])
    assert other.coordination.table(table) == {"a": {"planned": False}, "b": {"n": 1}}
    ended = other.jobs._shared.get("j")
    assert ended is not None
    assert ended.state is JobState.DONE, "an older state does not come back"


def test_a_job_that_stood_still_asks_before_it_goes_on(make: Make) -> None:
    one, other = make("one").start(), make("other")
    job = one.jobs.submit("work", "Work")
    wait_until(lambda: one.started)
    with one.shared.lock:
        one.clock[0] += CLAIM_SECONDS + 1
        assert other.jobs._shared.claim(job.id)
    assert not one.jobs._shared.holds(job.id), "whatever its heartbeat knows"
    assert one.jobs.wait_until_idle(60)


def test_a_job_that_another_instance_ended_is_not_claimed_again(make: Make) -> None:
    one, other = make("one"), make("other")
    job = Job("0123456789ab", "work", "Work", JobState.RUNNING)
    assert one.jobs._shared.claim(job.id)
    one.clock[0] += CLAIM_SECONDS + 1
    assert other.jobs._shared.claim(job.id)
    other.jobs._shared.put(replace(job, state=JobState.DONE))
    other.jobs._shared.release(job.id)
    assert not one.jobs._shared.holds(job.id)
    assert not one.jobs._shared.is_claimed(job.id)


def test_the_clock_of_another_computer_does_not_matter(make: Make) -> None:
    one, other = make("one").start(), make("other").start()
    job = Job("0123456789ab", "local", "Work", JobState.RUNNING, created=1.0, updated=1.0)  # a clock that is far behind
    one.jobs._shared.put(job)
    wait_until(lambda: other.jobs.recent())
    row = one.coordination.table("jobs")[job.id]
    assert abs(row["updated"] - one.coordination.now()) < CLAIM_SECONDS


def test_a_local_job_of_a_dead_instance_has_failed(make: Make) -> None:
    dead, other = make("dead"), make("other").start()
    job = Job("0123456789ab", "local", "Work", JobState.RUNNING, created=1.0, updated=1.0)
    dead.jobs._shared.put(job)
    wait_until(lambda: other.jobs.recent())
    other.clock[0] += CLAIM_SECONDS + 1
    wait_until(lambda: other.jobs.get(job.id).state is JobState.FAILED)
    assert other.started == []


def test_an_instance_that_lost_its_claim_stops(make: Make) -> None:
    one, other = make("one").start(), make("other")
    job = one.jobs.submit("work", "Work")
    wait_until(lambda: one.started)
    with one.shared.lock:
        one.clock[0] += CLAIM_SECONDS + 1
        assert other.jobs._shared.claim(job.id)
    assert one.jobs.wait_until_idle(60)
    assert one.jobs.get(job.id).state is JobState.RUNNING, "it is the other one's now"


def test_a_restart_leaves_what_others_run(make: Make) -> None:
    one, other = make("one").start(), make("other")
    job = one.jobs.submit("work", "Work")
    wait_until(lambda: one.jobs.get(job.id).state is JobState.RUNNING)
    other.index.jobs.put(one.jobs.get(job.id))
    other.start()
    one.go.set()
    assert other.jobs.wait(job.id, 60).state is JobState.DONE
    assert other.started == []


def test_without_the_redis_no_job_is_accepted_and_with_it_again_all_go_on(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    index = Index(tmp_path / "index.db")
    one = House(index, OnRedis(redis_server.url, "library"), [], Shared()).start()
    first = one.jobs.submit("work", "Work", subject="a")
    wait_until(lambda: one.started)
    redis_server.stop()
    with pytest.raises(Unavailable, match="Redis"):
        one.jobs.submit("work", "Work", subject="b")
    one.go.set()
    assert one.jobs.wait(first.id, 60).state is JobState.DONE
    redis_server.start()
    wait_until(lambda: not one.coordination.problem)
    second = one.jobs.submit("work", "Work", subject="b")
    assert one.jobs.wait(second.id, 60).state is JobState.DONE
    one.jobs.drain(1)
    one.coordination.close()
    index.close()

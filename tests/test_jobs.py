"""Jobs: states, progress, errors, cancelling, restarts, draining."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from davproxy.errors import BadArchive, BadInput, Cancelled, DavproxyError, NotFound, TooLarge
from davproxy.index import Index
from davproxy.jobs import Jobs, Run, Runner
from davproxy.model import Job, JobState

SECONDS = 20


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(tmp_path / "index.db")
    yield index
    index.close()


@pytest.fixture
def jobs(index: Index) -> Iterator[Jobs]:
    jobs = Jobs(index, workers=2)
    yield jobs
    jobs.drain(0.1)


def until_stopped(started: threading.Event) -> Runner:
    def runner(run: Run) -> None:
        run.report("working", 0.5)
        started.set()
        while True:
            run.check()

    return runner


def test_a_job_runs_and_stores_its_result(jobs: Jobs) -> None:
    jobs.register("add", lambda run: {"sum": sum(run.job.options["numbers"])})
    jobs.start()
    job = jobs.wait(jobs.submit("add", "Add up", options={"numbers": [1, 2]}).id, SECONDS)
    assert (job.state, job.result, job.progress, job.error) == (JobState.DONE, {"sum": 3}, 1.0, None)
    assert jobs.recent() == [job]


def test_the_states_of_all_jobs_that_wait_are_known(jobs: Jobs) -> None:
    jobs.register("import", lambda run: {})
    for number in range(120):
        jobs.submit("import", "Import", subject=f"/Drop/{number}.zip")
    assert jobs.unfinished_states() == {f"/Drop/{number}.zip": JobState.WAITING for number in range(120)}
    jobs.start()
    assert jobs.wait_until_idle(SECONDS)
    assert jobs.unfinished_states() == {}


def test_the_options_of_a_job_are_written_once(index: Index) -> None:
    job = index.jobs.put(Job("1", "add", "Add up", options={"numbers": [1, 2]}))
    index.jobs.put(replace(job, step="adding", options={"not JSON": object()}))
    stored = index.jobs.get("1")
    assert stored is not None
    assert (stored.step, stored.options) == ("adding", {"numbers": [1, 2]})


def test_an_outcome_is_the_job_or_its_error(jobs: Jobs) -> None:
    def refuse(run: Run) -> None:
        raise TooLarge("It is too large.")

    def break_down(run: Run) -> None:
        raise ZeroDivisionError("division by zero")

    for kind, runner in (("add", lambda run: {"sum": 3}), ("refuse", refuse), ("break", break_down)):
        jobs.register(kind, runner)
    jobs.start()
    assert jobs.outcome(jobs.submit("add", "").id, SECONDS).result == {"sum": 3}
    refused = jobs.submit("refuse", "").id
    for _ in range(2):
        with pytest.raises(TooLarge, match=r"It is too large\."):
            jobs.outcome(refused, SECONDS)
    with pytest.raises(DavproxyError, match="log") as broken:
        jobs.outcome(jobs.submit("break", "").id, SECONDS)
    assert broken.value.status == 500


def test_the_outcome_of_a_cancelled_job_is_an_error(jobs: Jobs, index: Index) -> None:
    started = threading.Event()
    jobs.register("long", until_stopped(started))
    jobs.start()
    job = jobs.submit("long", "")
    assert started.wait(SECONDS)
    jobs.cancel(job.id)
    with pytest.raises(Cancelled, match="request"):
        jobs.outcome(job.id, SECONDS)
    with pytest.raises(BadInput, match="request"):
        Jobs(index).outcome(job.id)  # after a restart only the message is known


def test_errors_are_sentences_for_people(jobs: Jobs) -> None:
    def refuse(run: Run) -> None:
        raise BadArchive("It is encrypted.")

    def break_down(run: Run) -> None:
        raise ZeroDivisionError("division by zero")

    jobs.register("refuse", refuse)
    jobs.register("break", break_down)
    jobs.start()
    refused = jobs.wait(jobs.submit("refuse", "").id, SECONDS)
    broken = jobs.wait(jobs.submit("break", "").id, SECONDS)
    assert (refused.state, refused.error) == (JobState.FAILED, "It is encrypted.")
    assert broken.state is JobState.FAILED
    assert "zero" not in str(broken.error)
    with pytest.raises(NotFound):
        jobs.get("none")
    with pytest.raises(BadInput):
        jobs.submit("unknown", "")


@pytest.mark.parametrize("state", JobState)
def test_a_job_is_final_once_it_has_ended(state: JobState, index: Index) -> None:
    ended = state in ("done", "failed", "cancelled")
    job = index.jobs.put(Job("1", "add", "Add up", state))
    assert job.final == ended
    assert index.jobs.unfinished() == ([] if ended else [job])


def test_a_step_reports_its_part_of_the_whole(jobs: Jobs, index: Index) -> None:
    seen = []

    def runner(run: Run) -> None:
        part = run.report_step("sending", 0.5, 0.9)
        for done in (0.0, 0.5, 1.0):
            part(done)
            seen.append((run.job.step, round(run.job.progress, 9)))

    jobs.register("send", runner)
    jobs.start()
    jobs.wait(jobs.submit("send", "").id, SECONDS)
    assert seen == [("sending", 0.5), ("sending", 0.7), ("sending", 0.9)]


def test_progress_that_only_counts_is_stored_now_and_then(jobs: Jobs) -> None:
    stored: list[str] = []

    def runner(run: Run) -> None:
        run.report("planning", 0.0)
        for number in range(1_000):
            run.report(f"{number:,} of 1,000", number / 1_000)

    jobs.register("count", runner)
    jobs.subscribe(lambda job: stored.append(job.step))
    jobs.start()
    jobs.outcome(jobs.submit("count", "").id, SECONDS)
    assert "planning" in stored
    assert "0 of 1,000" in stored
    assert len(stored) < 500


def test_cancel_waiting_and_running(index: Index) -> None:
    jobs = Jobs(index, workers=1)
    started = threading.Event()
    jobs.register("long", until_stopped(started))
    jobs.start()
    running = jobs.submit("long", "", subject="a")
    waiting = jobs.submit("long", "", subject="b")
    assert jobs.submit("long", "", subject="b").id == waiting.id
    assert started.wait(SECONDS)
    assert jobs.get(running.id).step == "working"
    assert jobs.cancel(waiting.id).state is JobState.CANCELLED
    jobs.cancel(running.id)
    assert jobs.wait(running.id, SECONDS).state is JobState.CANCELLED
    assert jobs.wait_until_idle(SECONDS)
    jobs.drain(SECONDS)


def test_a_restart_continues_unfinished_jobs(index: Index) -> None:
    started = threading.Event()
    first = Jobs(index, workers=1)
    first.register("long", until_stopped(started))
    first.register("once", lambda run: None, recover=False)
    first.start()
    running, waiting, lost = (
        first.submit("long", "", subject="a"),
        first.submit("long", "", subject="b"),
        first.submit("once", ""),
    )
    assert started.wait(SECONDS)
    first.drain(0.1)
    assert {index.jobs.get(job.id).state for job in (running, waiting, lost)} == {JobState.WAITING}  # type: ignore[union-attr]

    second = Jobs(index, workers=1)
    second.register("long", lambda run: {"again": True})
    second.register("once", lambda run: None, recover=False)
    second.start()
    assert [second.wait(job.id, SECONDS).state for job in (running, waiting, lost)] == [
        JobState.DONE, JobState.DONE, JobState.FAILED,
    ]  # fmt: skip
    second.drain(SECONDS)

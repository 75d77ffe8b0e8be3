"""Entries that a person chose: one job moves or deletes them, and an undo brings them back."""

import pytest

from davproxy.app import Core
from davproxy.errors import BadInput, Conflict, NotFound, WrongKind
from davproxy.model import JobState


def test_entries_are_moved_and_brought_back(core: Core) -> None:
    core.library.tree.make_folder("/Songs/from/Inner")
    core.library.tree.write("/Songs/from/Inner/notes.txt", b"one")
    core.library.tree.write("/Songs/from/two.txt", b"two")
    core.library.tree.make_folder("/Songs/to")
    job = core.curation.entries.move(
        ["/Songs/from/Inner", "/Songs/from/two.txt", "/Songs/from/Inner/notes.txt"], "/Songs/to"
    )
    job = core.jobs.outcome(job.id, 30)
    assert job.result == {"changed": 2, "failed": 0, "errors": [], "can_undo": True, "summary": "2 changes done."}
    assert core.library.tree.read("/Songs/to/Inner/notes.txt") == b"one"
    assert core.library.tree.children("/Songs/from") == [], "the folder stays, because a person looks at it"
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert core.library.tree.read("/Songs/from/Inner/notes.txt") == b"one"
    assert core.library.tree.read("/Songs/from/two.txt") == b"two"


def test_what_has_a_name_that_is_taken_stays_and_the_rest_moves(core: Core) -> None:
    core.library.tree.make_folder("/Songs/to")
    for path in ("/Songs/a.txt", "/Songs/b.txt", "/Songs/to/a.txt"):
        core.library.tree.write(path, path.encode())
    job = core.jobs.outcome(core.curation.entries.move(["/Songs/a.txt", "/Songs/b.txt"], "/Songs/to").id, 30)
    assert job.result is not None
    assert (job.state, job.result["changed"], job.result["failed"]) == (JobState.DONE, 1, 1)
    assert core.library.tree.read("/Songs/to/a.txt") == b"/Songs/to/a.txt"
    assert core.library.tree.read("/Songs/a.txt") == b"/Songs/a.txt"
    assert core.library.tree.read("/Songs/to/b.txt") == b"/Songs/b.txt"


def test_entries_are_deleted_and_restored(core: Core) -> None:
    for name in ("a", "b"):
        core.library.tree.write(f"/Songs/{name}.txt", name.encode())
    job = core.jobs.outcome(core.curation.entries.delete(["/Songs/a.txt", "/Songs/b.txt"]).id, 30)
    assert core.library.tree.children("/Songs") == []
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert core.library.tree.read("/Songs/b.txt") == b"b"


def test_an_undo_leaves_alone_what_was_never_moved(core: Core) -> None:
    core.library.tree.make_folder("/Songs/to")
    for path in ("/Songs/a.txt", "/Songs/b.txt", "/Songs/to/a.txt"):
        core.library.tree.write(path, path.encode())
    job = core.jobs.outcome(core.curation.entries.move(["/Songs/a.txt", "/Songs/b.txt"], "/Songs/to").id, 30)
    core.library.tree.delete("/Songs/a.txt")  # so that its place is free for the other file of its name
    undone = core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert undone.result is not None
    assert undone.result["changed"] == 1
    assert core.library.tree.read("/Songs/to/a.txt") == b"/Songs/to/a.txt"
    assert core.library.tree.read("/Songs/b.txt") == b"/Songs/b.txt"


def test_what_an_undo_could_not_take_back_can_be_undone_again(core: Core) -> None:
    core.library.tree.make_folder("/Songs/to")
    for name in ("a", "b"):
        core.library.tree.write(f"/Songs/{name}.txt", name.encode())
    job = core.jobs.outcome(core.curation.entries.move(["/Songs/a.txt", "/Songs/b.txt"], "/Songs/to").id, 30)
    core.library.tree.write("/Songs/a.txt", b"in the way")
    undone = core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert undone.result is not None
    assert (undone.result["changed"], undone.result["failed"]) == (1, 1)
    core.library.tree.delete("/Songs/a.txt")
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert core.library.tree.read("/Songs/a.txt") == b"a"
    with pytest.raises(Conflict, match="nothing to undo"):
        core.curation.steps.undo(job.id)


def test_an_undo_restores_what_its_job_deleted_not_what_was_deleted_since(core: Core) -> None:
    core.library.tree.write("/Songs/a.txt", b"first")
    job = core.jobs.outcome(core.curation.entries.delete(["/Songs/a.txt"]).id, 30)
    core.library.tree.write("/Songs/a.txt", b"second")
    core.library.tree.delete("/Songs/a.txt")
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert core.library.tree.read("/Songs/a.txt") == b"first"


def test_what_cannot_be_moved_is_refused_before_a_job_starts(core: Core) -> None:
    core.library.tree.make_folder("/Songs/a/b")
    core.library.tree.write("/Songs/file.txt", b"")
    move = core.curation.entries.move
    with pytest.raises(BadInput, match="into itself"):
        move(["/Songs/a"], "/Songs/a/b")
    with pytest.raises(WrongKind):
        move(["/Songs/a"], "/Songs/file.txt")
    with pytest.raises(NotFound):
        move(["/Songs/gone"], "/Songs/a")
    with pytest.raises(BadInput):
        move([], "/Songs/a")
    assert core.jobs.recent() == []

"""Duplicates: groups, suggestions, and jobs that resolve them and are undone."""

import pytest

from davproxy.app import Core
from davproxy.curation.duplicates import DUPLICATES, KEPT, Choice, Group
from davproxy.curation.list_files import ListEntry
from davproxy.curation.step_actions import perform
from davproxy.curation.tags import TAGS
from davproxy.curation.text_file import MOST_BYTES
from davproxy.errors import BadInput, Conflict, NotFound
from davproxy.model import Job, JobState, Song
from tests.curation.conftest import add_files, cut_short
from tests.webui.songs import chart, ini, picture, tone


def add(core: Core, folder: str, title: str, notes: int, *, artist: str = "Band", **files: bytes) -> Song:
    given = {"song.wav": tone(), "notes.chart": chart(notes), "song.ini": ini(name=title, artist=artist, charter="me")}
    return add_files(core, folder, given | {key.replace("_", "."): value for key, value in files.items()})


def groups(core: Core) -> list[Group]:
    return core.curation.duplicates.groups()


def resolve(core: Core, *choices: Choice) -> Job:
    options = {"choices": [{"group": each.group, "action": each.action, "keep": each.keep} for each in choices]}
    return core.jobs.outcome(core.curation.steps.start(DUPLICATES, options).id, 30)


def contents(core: Core) -> dict[str, bytes]:
    entries = core.library.tree.below("/Songs")
    return {entry.path: core.library.tree.read(entry.path) for entry in entries if not entry.is_folder}


def test_the_same_notes_and_the_same_names_are_groups(core: Core) -> None:
    one, two = add(core, "a", "One", 60), add(core, "b", "Uno", 60, artist="Else")
    third, fourth = add(core, "c", "Three", 70), add(core, "d", "THREE (2011 Remaster)", 80, artist="The Band")
    add(core, "e", "Three (Live)", 90)
    found = groups(core)
    assert [(group.kind, set(group.ids)) for group in found] == [
        ("notes", {one.id, two.id}), ("song", {third.id, fourth.id})
    ]  # fmt: skip


def test_the_better_song_is_suggested_with_the_reason(core: Core) -> None:
    add(core, "a", "One", 60)
    better = add(core, "b", "One", 60, album_png=picture())
    [group] = groups(core)
    duplicates = core.curation.duplicates
    suggestion = duplicates.suggestion(duplicates.songs(group))
    assert (suggestion.id, suggestion.reason) == (better.id, "It has album art.")


def test_the_best_is_kept_and_an_undo_brings_the_others_back(core: Core) -> None:
    add(core, "a", "One", 60)
    add(core, "b", "One", 60, album_png=picture())
    before = contents(core)
    job = resolve(core, Choice(groups(core)[0].id, "keep_best"))
    assert job.state is JobState.DONE
    assert set(core.library.songs.ids_below("/Songs")) == {"/Songs/b"}
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert contents(core) == before
    with pytest.raises(Conflict):
        core.curation.steps.undo(job.id)


def test_a_merge_takes_what_only_the_others_have(core: Core) -> None:
    kept = add(core, "a", "One", 60)
    add(core, "b", "One", 60, album_png=picture(), video_webm=b"\x1a\x45\xdf\xa3")
    before = contents(core)
    job = resolve(core, Choice(groups(core)[0].id, "merge", kept.id))
    assert set(core.library.songs.ids_below("/Songs")) == {"/Songs/a"}
    assert set(core.library.songs.get(kept.id).files) >= {"album.png", "video.webm", "song.wav", "notes.chart"}
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert contents(core) == before


def test_the_kept_song_takes_the_place_of_the_others_in_lists(core: Core) -> None:
    old, new = add(core, "a", "One", 60), add(core, "b", "One", 70, album_png=picture())
    lists = core.curation.lists
    lists.create("Party", [ListEntry(old.identity, old.sha1, 120)])
    job = resolve(core, Choice(groups(core)[0].id, "keep_best", new.id))
    assert lists.get("Party").entries == (ListEntry(new.identity, new.sha1, 120),)
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert lists.get("Party").entries == (ListEntry(old.identity, old.sha1, 120),)


def test_a_group_that_is_kept_is_hidden_until_another_song_joins_it(core: Core) -> None:
    add(core, "a", "One", 60)
    add(core, "b", "One", 60)
    [group] = groups(core)
    assert core.curation.duplicates.keep([group.id]) == 1
    assert groups(core) == []
    assert b"Band" in core.library.tree.read("/Setlists/Not duplicates.txt")
    add(core, "c", "One", 60)
    assert len(groups(core)) == 1


def test_a_file_of_kept_groups_that_is_too_large_hides_nothing_and_is_not_replaced(core: Core) -> None:
    add(core, "a", "One", 60)
    add(core, "b", "One", 60)
    core.library.tree.write(KEPT, b"#" * (MOST_BYTES + 1))
    [group] = groups(core)
    with pytest.raises(BadInput):
        core.curation.duplicates.keep([group.id])
    assert core.library.tree.stat(KEPT).size == MOST_BYTES + 1


def test_what_others_write_into_the_file_of_kept_groups_stays(core: Core) -> None:
    add(core, "a", "One", 60)
    add(core, "b", "One", 60)
    written = "\ufeff0123456789abcdef  Gruppe – Lied\r\n".encode("utf-16-le")
    core.library.tree.write(KEPT, written)
    core.curation.duplicates.keep([group.id for group in groups(core)])
    assert core.library.tree.read(KEPT).startswith(written)
    assert groups(core) == []


def test_what_is_no_choice_is_refused(core: Core) -> None:
    add(core, "a", "One", 60)
    add(core, "b", "One", 70)
    [group] = groups(core)
    plan = core.curation.duplicates.plan
    with pytest.raises(NotFound):
        plan([Choice("0" * 16, "keep_best")])
    with pytest.raises(BadInput):
        plan([Choice(group.id, "merge")])
    with pytest.raises(BadInput):
        plan([Choice(group.id, "keep_best", 1)])


def test_artists_that_are_spelled_in_several_ways_are_listed(core: Core) -> None:
    add(core, "a", "One", 60, artist="The Band")
    add(core, "b", "Two", 70, artist="The Band")
    add(core, "c", "Three", 80, artist="BAND")
    assert core.curation.duplicates.spellings() == [[("The Band", 2), ("BAND", 1)]]


def test_a_job_that_was_cut_short_does_the_rest_of_its_plan(core: Core) -> None:
    add(core, "a", "One", 60)
    add(core, "b", "One", 60, album_png=picture())
    [group] = groups(core)
    job = resolve(core, Choice(group.id, "keep_best"))
    assert core.library.tree.find("/Songs/a") is None
    core.library.trash.restore(core.library.trash.items()[0].key)
    cut_short(core, job, done=0)
    core.jobs.resume()
    assert core.jobs.wait_until_idle(30)
    assert core.library.tree.find("/Songs/a") is None


def test_the_last_copy_is_not_deleted_though_the_kept_one_went_meanwhile(core: Core) -> None:
    add(core, "a", "One", 60)
    kept = add(core, "b", "One", 60, album_png=picture())
    plan = core.curation.steps.plan(DUPLICATES, {"choices": [{"group": groups(core)[0].id, "action": "keep_best"}]})
    core.library.tree.delete(kept.path)
    [step] = [step for step in plan if step.kind == "delete"]
    with pytest.raises(Conflict):
        perform(core.library, step, lambda _: None)
    assert set(core.library.songs.ids_below("/Songs")) == {"/Songs/a"}


def test_a_song_whose_tags_or_lists_cannot_follow_is_not_deleted(core: Core) -> None:
    old, new = add(core, "a", "One", 60), add(core, "b", "One", 70, album_png=picture())
    core.curation.lists.create("Party", [ListEntry(old.identity, old.sha1)])
    core.library.tree.write(TAGS, b"#" * (MOST_BYTES + 1))
    job = resolve(core, Choice(groups(core)[0].id, "keep_best", new.id))
    assert job.result is not None
    assert job.result["failed"] == 2
    assert core.library.songs.at("/Songs/a") == old
    assert core.curation.lists.get("Party").entries == (ListEntry(new.identity, new.sha1),), "it is in no list twice"
    core.library.tree.write(TAGS, f'{old.identity}\tq"q,{"x" * 61}\t'.encode())
    resolve(core, Choice(groups(core)[0].id, "keep_best", new.id))
    assert core.library.songs.at("/Songs/a") is None
    core.curation.player_files.refresh()
    assert core.library.songs.get(new.id).tags == ('q"q', "x" * 61)

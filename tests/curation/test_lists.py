"""Lists: the files of games, both ways, whatever happens to the songs."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.app import Core
from davproxy.curation import list_files
from davproxy.curation.list_export import as_csv, as_text
from davproxy.curation.list_files import ListEntry
from davproxy.curation.list_jobs import ListJobs
from davproxy.errors import AlreadyExists, BadInput, Conflict, NotFound
from davproxy.formats import playlist, setlist
from davproxy.formats.playlist import Playlist
from davproxy.formats.setlist import SetlistSong
from davproxy.model import FAVOURITES, JobState, Song
from tests.curation.conftest import add_files
from tests.webui.songs import chart, ini, tone

AWAY = SetlistSong("f" * 32, 120)
"""A song that is not in the library."""


def add(core: Core, title: str, notes: int) -> Song:
    """A song of the library, with its notes read."""
    return add_files(core, title, {"song.wav": tone(), "notes.chart": chart(notes), "song.ini": ini(name=title)})


def on_remote(core: Core, name: str) -> tuple[list[SetlistSong], Playlist]:
    """What both files of a list hold."""
    read = core.library.tree.read
    return list(setlist.parse(read(f"/Setlists/{name}.setlist"))), playlist.parse(read(f"/Setlists/{name}.json"))


def dropped(core: Core, path: str, content: bytes) -> str:
    """Store a file as a client does; returns what its job says."""
    core.library.tree.write(path, content)
    job = core.jobs.latest("list", path)
    assert job is not None
    done = core.jobs.wait(job.id, 30)
    return str(done.error or (done.result or {})["summary"])


def test_a_list_is_written_for_both_games(core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    assert one.sha1 == hashlib.sha1(chart(60)).hexdigest()
    made = core.curation.lists.create(
        "Party", [ListEntry(two.identity, two.sha1, 120), ListEntry(one.identity, one.sha1)]
    )
    assert [song.title if song else None for song in made.songs] == ["Two", "One"]
    assert made.length == round(two.length / 1.2 + one.length)
    songs, for_yarg = on_remote(core, "Party")
    assert songs == [SetlistSong(two.identity, 120), SetlistSong(one.identity, 100)]
    assert (for_yarg.name, for_yarg.hashes) == ("Party", (two.sha1, one.sha1))
    assert core.jobs.recent() == [], "our own files start no job"


def test_a_setlist_of_the_game_that_is_dropped_becomes_a_list(core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    songs = [SetlistSong(one.identity, 90), AWAY, SetlistSong(two.identity)]
    words = dropped(core, "/Setlists/Mine.setlist", setlist.render(songs))
    assert words == "3 songs. 1 of 3 are not in your library."
    found, for_yarg = on_remote(core, "Mine")
    assert found == songs
    assert for_yarg.hashes == (one.sha1, two.sha1)
    read = core.curation.lists.get("Mine")
    assert (read.missing, [entry.speed for entry in read.entries]) == (1, [90, 120, 100])


def test_a_playlist_of_yarg_keeps_speeds_and_what_only_the_setlist_knows(core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    dropped(core, "/Setlists/Mine.setlist", setlist.render([SetlistSong(one.identity, 90), AWAY]))
    mine = Playlist("Mine", "Ann", "an id", (two.sha1, one.sha1, "e" * 40), {"Extra": 1})
    dropped(core, "/Setlists/Mine.json", playlist.render(mine))
    songs, for_yarg = on_remote(core, "Mine")
    assert songs == [SetlistSong(two.identity), SetlistSong(one.identity, 90), AWAY]
    assert for_yarg == replace(mine, other=for_yarg.other)
    assert for_yarg.other["Extra"] == 1
    assert core.curation.lists.get("Mine").missing == 2


def test_a_song_that_came_after_its_setlist_stays_in_both_files_at_the_next_start(core: Core) -> None:
    one, later = add(core, "One", 60), hashlib.md5(chart(70), usedforsecurity=False).hexdigest()
    setlist_of_both = [SetlistSong(one.identity, 100), SetlistSong(later, 100)]
    dropped(core, "/Setlists/Party.setlist", setlist.render(setlist_of_both))
    two = add(core, "Two", 70)
    ListJobs(core.library, core.jobs, core.curation.lists).check_once()
    assert core.jobs.wait_until_idle(30)
    songs, for_yarg = on_remote(core, "Party")
    assert (songs, for_yarg.hashes) == (setlist_of_both, (one.sha1, two.sha1))


def test_a_song_that_is_renamed_stays_in_its_lists_and_one_that_comes_back_is_in_them_again(core: Core) -> None:
    one = add(core, "One", 60)
    core.curation.lists.add("Party", [one])
    core.library.tree.move("/Songs/One", "/Songs/Elsewhere")
    core.library.songs.edit(one.id, {"name": "Other"})
    [song] = core.curation.lists.get("Party").songs
    assert song is not None
    assert song.title == "Other"
    key = core.library.tree.delete("/Songs/Elsewhere")
    assert core.curation.lists.get("Party").songs == (None,)
    assert key
    core.library.trash.restore(key)
    list(core.library.notes.read())
    assert core.curation.lists.get("Party").missing == 0


def test_favourites_come_first_and_a_song_is_in_them_once(core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    core.curation.lists.create("A")
    assert core.curation.lists.add(FAVOURITES, [one, two]) == 2
    assert core.curation.lists.add(FAVOURITES, [one]) == 0
    assert core.curation.lists.names() == [FAVOURITES, "A"]
    assert core.curation.lists.lists_with(one) == [FAVOURITES]
    assert core.curation.lists.remove(FAVOURITES, [one]) == 1
    assert on_remote(core, FAVOURITES)[0] == [SetlistSong(two.identity)]


def test_a_new_version_takes_the_place_of_the_old_one(core: Core) -> None:
    one, two, new = add(core, "One", 60), add(core, "Two", 70), add(core, "One again", 80)
    core.curation.lists.create("Party", [ListEntry(one.identity, one.sha1, 70), ListEntry(two.identity, two.sha1)])
    core.curation.lists.create("Other", [ListEntry(two.identity, two.sha1)])
    assert core.curation.lists.follow(one, new) == ["Party"]
    songs, for_yarg = on_remote(core, "Party")
    assert songs == [SetlistSong(new.identity, 70), SetlistSong(two.identity)]
    assert for_yarg.hashes == (new.sha1, two.sha1)


def test_a_list_is_renamed_and_deleted_in_both_files(core: Core) -> None:
    one = add(core, "One", 60)
    core.curation.lists.create("Party", [ListEntry(one.identity, one.sha1)])
    core.curation.lists.create("Other")
    id = on_remote(core, "Party")[1].id
    with pytest.raises(AlreadyExists):
        core.curation.lists.rename("Party", "Other")
    core.curation.lists.rename("Party", "Night")
    assert core.curation.lists.names() == ["Night", "Other"]
    assert (on_remote(core, "Night")[1].name, on_remote(core, "Night")[1].id) == ("Night", id)
    core.curation.lists.delete("Night")
    assert core.curation.lists.names() == ["Other"]
    assert core.jobs.recent() == []
    with pytest.raises(NotFound):
        core.curation.lists.get("Night")


def test_a_client_renames_and_deletes_one_file_and_the_other_follows(core: Core) -> None:
    one = add(core, "One", 60)
    core.curation.lists.create("Party", [ListEntry(one.identity, one.sha1)])
    id = on_remote(core, "Party")[1].id
    core.library.tree.move("/Setlists/Party.setlist", "/Setlists/Night.setlist")
    assert core.jobs.wait_until_idle(30)
    assert core.curation.lists.names() == ["Night"]
    assert on_remote(core, "Night")[1].id == id
    core.library.tree.delete("/Setlists/Night.setlist")
    assert core.jobs.wait_until_idle(30)
    assert core.curation.lists.names() == []


def test_a_damaged_file_is_named_and_kept(core: Core) -> None:
    words = dropped(core, "/Setlists/Bad.setlist", b"\xea\xec\x33\x01\xff\xff\xff\xff")
    assert "cut off" in words
    assert core.jobs.recent()[0].state is JobState.FAILED
    assert core.curation.lists.get("Bad").problem == words
    assert core.library.tree.read("/Setlists/Bad.setlist").startswith(b"\xea\xec")


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "a:b", "x" * 300, "con"])
def test_a_name_that_no_file_can_have_is_refused(name: str, core: Core) -> None:
    with pytest.raises(BadInput):
        core.curation.lists.create(name)


def test_an_edit_of_a_list_that_was_changed_meanwhile_is_refused(core: Core) -> None:
    one = add(core, "One", 60)
    etag = core.curation.lists.create("Party").etag
    core.curation.lists.add("Party", [one])
    with pytest.raises(Conflict):
        core.curation.lists.save("Party", [], etag=etag)


def test_a_change_of_a_list_goes_on_between_its_files_with_a_song_that_only_one_can_hold(core: Core) -> None:
    """A new list and its end; the song that has no SHA-1 is in the setlist alone."""
    lists, tree = core.curation.lists, core.library.tree
    song, written, gone = add(core, "One", 60), list[str](), list[str]()
    after = [ListEntry(song.identity, song.sha1), ListEntry(AWAY.identity, "")]
    core.library.subscribe(lambda change: (gone if change.kind == "removed" else written).append(change.path))
    lists.change("New", None, after)
    last = tree.read(written[-1])
    with core.library.own_writes.of(written[-1]):
        tree.delete(written[-1])  # as if the program had been killed before it wrote this one
    lists.change("New", None, after)
    assert lists.entries("New")[0] == after
    lists.change("New", after, None)
    with core.library.own_writes.of(gone[-1]):
        tree.write(gone[-1], last if gone[-1] == written[-1] else list_files.render_setlist(after))
    lists.change("New", after, None)
    assert lists.names() == []


def test_a_list_is_exported_as_table_and_text(core: Core) -> None:
    one = add(core, "=One", 60)
    core.curation.lists.create("Party", [ListEntry(one.identity, one.sha1, 120), ListEntry("a" * 32, "")])
    found = core.curation.lists.get("Party")
    head, first, second, _ = as_csv(found).split("\r\n")
    assert head.startswith("position,title,artist")
    assert first.startswith("1,'=One,"), "no spreadsheet runs it as a formula"
    assert second == f"2,,,,,,100,{'a' * 32},"
    assert as_text(found).splitlines()[2:] == ["1.  – =One (120 %)", f"2. not in the library: {'a' * 32}"]


ENTRIES = st.lists(
    st.integers(0, 9).map(lambda n: ListEntry(f"{n:032x}" if n % 3 != 1 else "", f"{n:040x}" if n % 3 != 2 else "")),
    unique=True,
)


@given(ENTRIES, ENTRIES)
def test_files_that_are_made_to_agree_agree_and_lose_nothing_that_only_one_knows(
    one: list[ListEntry], other: list[ListEntry]
) -> None:
    both = list_files.merge(one, other)
    assert both[: len(one)] == one
    assert list_files.agree([e for e in both if e.md5], [e for e in both if e.sha1])
    assert all(entry in both for entry in other if not (entry.md5 and entry.sha1))
    assert list_files.merge(both, other) == both

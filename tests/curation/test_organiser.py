"""The organiser: patterns, plans without clashes, and a job that is resumed and undone."""

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from davproxy import paths
from davproxy.app import Core
from davproxy.curation.folder_pattern import MOST_BYTES, FolderPattern
from davproxy.curation.organiser import ORGANISE, order_moves
from davproxy.errors import BadInput
from davproxy.model import Job, Song
from tests.curation.conftest import add_files, cut_short
from tests.webui.songs import chart, ini, tone

ID = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("pattern", "pairs", "path"),
    [
        ("{artist}/{title}_{id}", {"name": "Song", "artist": "Band"}, "Band/Song_01234567"),
        ("{artist}/{title}_{id}", {"name": "A/B: C", "artist": "AC/DC"}, "AC-DC/A-B - C_01234567"),
        ("{artist}/{title}_{id}", {}, "Unknown Artist/Unknown Name_01234567"),
        ("{artist} - {title} ({charter})", {"name": "S", "artist": "B", "charter": "C"}, "B - S (C)"),
        ("{artist} - {title} ({charter})", {"name": "S", "artist": "B"}, "B - S"),
        ("{genre}/{title}", {"name": "S"}, "Unknown/S"),
        ("{year} - {title}", {"name": "S"}, "S"),
        ("{title}", {"name": "<b>S</b>..."}, "S"),
        ("{artist}/{title}", {"name": "- S -", "artist": "_"}, "_/- S -"),
    ],
)
def test_a_pattern_makes_a_path_of_the_fields(pattern: str, pairs: Mapping[str, str], path: str) -> None:
    assert FolderPattern(pattern).path(pairs, ID) == f"/Songs/{path}"


@pytest.mark.parametrize(
    "pattern", ["", "{artist}", "{title}/{artist}", "{title} {nothing}", "{title}:", "../{title}", "{"]
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="must"):
        FolderPattern(pattern)


TEXT = st.text(st.characters(codec="utf-8"), max_size=300)


@given(st.fixed_dictionaries({"name": TEXT, "artist": TEXT, "album": TEXT, "charter": TEXT}))
def test_every_name_can_be_stored(pairs: dict[str, str]) -> None:
    path = FolderPattern("{artist}/{album}/{artist} - {title} [{charter}] {album}").path(pairs, ID)
    assert paths.normalise(path) == path
    assert path.count("/") == 4
    assert all(0 < len(name.encode()) <= MOST_BYTES for name in path.split("/")[2:])


PATHS = st.sampled_from([f"/Songs/{name}" for name in ("a", "b", "c", "a/b", "a/c", "b/a", "a/b/c")])


@example({"/Songs/a": "/Songs/b", "/Songs/b": "/Songs/c", "/Songs/c": "/Songs/b/x"})
@given(st.dictionaries(PATHS, PATHS))
def test_no_step_finds_its_target_occupied(moves: dict[str, str]) -> None:
    wanted = {source: target for source, target in moves.items() if source != target}
    if len(set(wanted.values())) < len(wanted) or set(wanted.values()) & (set(moves) - set(wanted)):
        return  # the plan has no two songs of one path
    if any(paths.is_below(one, other) for ends in (wanted, wanted.values()) for one in ends for other in ends):
        return  # no song lies in another
    there = dict.fromkeys(wanted)
    at = {path: path for path in there}
    for step in order_moves(wanted):
        assert step.path in at
        assert not any(paths.is_at_or_below(step.target, path) for path in at)
        at[step.target] = at.pop(step.path)
    assert {source: path for path, source in at.items()} == wanted


def add(core: Core, folder: str, title: str, notes: int, artist: str = "Band") -> Song:
    content = {"song.wav": tone(), "notes.chart": chart(notes), "song.ini": ini(name=title, artist=artist)}
    return add_files(core, folder, content)


def contents(core: Core) -> Mapping[str, bytes]:
    entries = core.library.tree.below("/Songs")
    return {entry.path: core.library.tree.read(entry.path) for entry in entries if not entry.is_folder}


def organise(core: Core, pattern: str) -> Job:
    return core.jobs.outcome(core.curation.steps.start(ORGANISE, {"pattern": pattern}).id, 30)


def test_songs_go_to_their_folders_and_keep_ids_and_lists(core: Core) -> None:
    one, two = add(core, "x/y/One", "One", 60), add(core, "x/Two", "Two", 70)
    core.curation.lists.add("Party", [one, two])
    job = organise(core, "{artist} - {title}")
    assert core.library.songs.ids_below("/Songs") == {"/Songs/Band - One": one.id, "/Songs/Band - Two": two.id}
    assert core.library.tree.find("/Songs/x") is None, "an empty folder goes"
    assert core.curation.lists.get("Party").missing == 0
    assert core.curation.steps.plan(ORGANISE, {"pattern": "{artist} - {title}"}) == []
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert core.library.songs.ids_below("/Songs") == {"/Songs/x/y/One": one.id, "/Songs/x/Two": two.id}


def test_songs_of_one_path_get_numbers_and_keep_them(core: Core) -> None:
    for notes in (60, 70, 80):
        add(core, f"n{notes}", "Same", notes)
    organise(core, "{artist}/{title}")
    assert set(core.library.songs.ids_below("/Songs")) == {
        "/Songs/Band/Same", "/Songs/Band/Same (2)", "/Songs/Band/Same (3)"
    }  # fmt: skip
    assert core.curation.steps.plan(ORGANISE, {"pattern": "{artist}/{title}"}) == []


def test_folders_that_differ_only_in_case_become_one(core: Core) -> None:
    add(core, "AC-DC/One", "One", 60, "AC/DC")
    add(core, "Two", "Two", 70, "Ac/Dc")
    organise(core, "{artist}/{title}")
    assert set(core.library.songs.ids_below("/Songs")) == {"/Songs/AC-DC/One", "/Songs/AC-DC/Two"}


def test_songs_change_places_and_go_below_their_own_names(core: Core) -> None:
    one, two = add(core, "Two", "One", 60), add(core, "One", "Two", 70)
    own = add(core, "Band", "Own", 80)
    organise(core, "{title}")
    assert core.library.songs.at("/Songs/One") == core.library.songs.get(one.id)
    assert core.library.songs.at("/Songs/Two") == core.library.songs.get(two.id)
    organise(core, "{artist}/{title}")
    assert set(core.library.songs.ids_below("/Songs").values()) == {one.id, two.id, own.id}


def test_a_job_that_was_cut_short_goes_on_in_the_middle(core: Core) -> None:
    one, two = add(core, "a", "One", 60), add(core, "b", "Two", 70)
    job = organise(core, "{title}")
    core.library.tree.move("/Songs/Two", "/Songs/b")
    cut_short(core, job, done=1)
    core.jobs.resume()
    assert core.jobs.wait_until_idle(30)
    assert core.library.songs.ids_below("/Songs") == {"/Songs/One": one.id, "/Songs/Two": two.id}


def test_an_edited_artist_offers_the_move(core: Core) -> None:
    song = add(core, "Band/One", "One", 60)
    organise(core, "")
    song = core.library.songs.get(song.id)
    assert core.curation.organiser.proposed_path(song) is None
    edited = core.library.songs.edit(song.id, {"artist": "Other"})
    assert core.curation.organiser.proposed_path(edited) == f"/Songs/Other/One_{song.identity[:8]}"


def test_a_pattern_that_is_none_is_refused(core: Core) -> None:
    with pytest.raises(BadInput):
        core.curation.steps.start(ORGANISE, {"pattern": "{artist}"})


def test_a_song_that_is_called_as_its_folder_keeps_its_title_and_stays_there(core: Core) -> None:
    song = add_files(core, "Live", {"notes.chart": chart(), "song.wav": tone(), "song.ini": ini(artist="Band")})
    steps, options = core.curation.steps, {"pattern": "{artist} - {title}"}
    done = core.jobs.outcome(steps.start(ORGANISE, options).id, 30)
    moved = core.library.songs.at("/Songs/Band - Live")
    assert moved is not None
    assert (moved.title, moved.id) == ("Live", song.id)
    assert steps.plan(ORGANISE, options) == []
    core.jobs.outcome(steps.undo(done.id).id, 30)
    assert core.library.tree.read("/Songs/Live/song.ini") == ini(artist="Band")


OWN_NAMES = {
    "no heading": b"name = Real\r\nartist = Band\r\n",
    "another heading": b"[Song Info]\r\nname = Real\r\nartist = Band\r\n",
    "no pairs": b"[song]\r\n",
    "default": ini(name="Unknown Name", artist="Band"),
    "tags only": ini(name="<b></b>", artist="Band"),
    "name of the chart": ini(artist="Band"),
}


def test_a_run_hides_no_title_makes_no_file_and_leaves_nothing_to_the_next(core: Core) -> None:
    """Where there is no song.ini, or games read nothing from it, a title in it would hide what notes and lines say."""
    for notes, (folder, content) in enumerate(OWN_NAMES.items(), 60):
        named = chart(notes).replace(b"[Song]\n{\n", b'[Song]\n{\n  Name = "name of the chart"\n')
        files = {"notes.chart": named if folder == "name of the chart" else chart(notes), "song.ini": content}
        add_files(core, f"x/{folder}", {"song.wav": tone(), **files})
    add_files(core, "x/no file", {"song.wav": tone(), "notes.chart": chart(80)})
    steps, options = core.curation.steps, {"pattern": "{artist} - {title}"}
    before = contents(core)
    assert [step.path for step in steps.plan(ORGANISE, options) if step.kind == "edit"] == [
        "/Songs/x/default", "/Songs/x/tags only"
    ]  # fmt: skip
    done = organise(core, options["pattern"])
    after = contents(core)
    for folder in ("no heading", "another heading", "no pairs"):
        assert after[f"/Songs/x/{folder}/song.ini"] == OWN_NAMES[folder]
    assert "/Songs/x/no file/notes.chart" in after
    assert "/Songs/x/no file/song.ini" not in after
    assert after["/Songs/Band - name of the chart/song.ini"] == OWN_NAMES["name of the chart"]
    assert steps.plan(ORGANISE, options) == []
    core.jobs.outcome(steps.undo(done.id).id, 30)
    assert contents(core) == before


def test_a_song_that_no_file_names_moves_where_its_title_stays(core: Core) -> None:
    folders = ((60, "x/Live"), (70, "Live"))
    songs = [add_files(core, folder, {"song.wav": tone(), "notes.chart": chart(n)}) for n, folder in folders]
    add(core, "y", "One", 80, artist="Live")
    organise(core, "{artist}/{title}")
    there = "/Songs/Unknown Artist/Live"
    found = core.library.songs.ids_below("/Songs")
    assert (len(found), there in found) == (3, True), "the other one would be called “Live (2)”"
    assert not any(paths.is_below(one, other) for one in found for other in found), "no song goes into it"
    assert core.curation.steps.plan(ORGANISE, {"pattern": "{artist}/{title}"}) == []
    organise(core, "{artist}/{title}_{id}")
    found = core.library.songs.ids_below("/Songs")
    assert {f"{there}_{song.identity[:8]}" for song in songs} < set(found)
    assert sum(path.endswith("song.ini") for path in contents(core)) == 1

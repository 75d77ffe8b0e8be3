"""Scores of players: what their games' files say, on songs, in searches and in numbers."""

import pytest

from davproxy import paths
from davproxy.app import Core
from davproxy.formats.scores import MAX_BYTES, PlayedChart, Row
from davproxy.index import Index
from davproxy.model import FAVOURITES, JobState, Played, Song, SongQuery
from tests.curation.conftest import add_files
from tests.formats.score_files import scoredata, scoresext, yarg_db
from tests.webui.songs import chart, ini, tone


def add(core: Core, title: str, notes: int) -> Song:
    """A song of the library, with its notes read."""
    return add_files(core, title, {"song.wav": tone(), "notes.chart": chart(notes), "song.ini": ini(name=title)})


def played(song: Song | str, plays: int, stars: int, *, full_combo: bool = False, score: int = 1000) -> PlayedChart:
    identity = song if isinstance(song, str) else song.identity
    return PlayedChart(identity, plays, (Row(0, 3, 97, full_combo, 100, stars, score),))


def dropped(core: Core, path: str, content: bytes) -> str:
    """Store a file as a client does; returns what its job says."""
    if core.library.tree.find(folder := path.rpartition("/")[0]) is None:
        core.library.tree.make_folder(folder)
    core.library.tree.write(path, content)
    job = core.jobs.latest("scores", path)
    assert job is not None
    done = core.jobs.wait(job.id, 30)
    return str(done.error or (done.result or {})["summary"])


def found(core: Core, search: str) -> list[str]:
    core.curation.player_files.refresh()
    return [song.title for song in core.library.songs.find(SongQuery(search=search))[1]]


def test_a_players_file_is_read_and_shown_on_songs(core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    add(core, "Three", 80)
    charts = [played(one, 12, 5, full_combo=True), played(two, 3, 4), played("e" * 32, 9, 6)]
    assert dropped(core, "/Scores/Anna/scoredata.bin", scoredata(charts)) == (
        "Anna: 3 charts played, 1 full combo. 1 of them are not in your library."
    )
    assert core.library.songs.get(one.id).played == Played(12, 1000, 5, 97, full_combo=True)
    assert found(core, "plays:0") == ["Three"]
    assert found(core, "plays:>0 stars:<5") == ["Two"]
    assert found(core, "has:fc") == ["One"]
    assert found(core, "-has:plays") == ["Three"]
    by_plays = core.library.songs.find(SongQuery(sort="plays", order="desc"))[1]
    assert [song.title for song in by_plays] == ["One", "Two", "Three"]
    assert [score.hash for score in core.curation.scores.of_missing_songs(10)] == ["e" * 32]


def test_the_scores_that_the_game_shows_come_from_the_file_beside(core: Core) -> None:
    one = add(core, "One", 60)
    charts = [played(one, 1, 5)]
    assert "no scores" in dropped(core, "/Scores/Anna/scoresext.bin", scoresext(charts))
    dropped(core, "/Scores/Anna/scoredata.bin", scoredata(charts))
    assert core.library.songs.get(one.id).played.score == 2000
    later = [played(one, 2, 5, score=5000), played("d" * 32, 1, 1)]
    assert "different moments" in dropped(core, "/Scores/Anna/scoredata.bin", scoredata(later))
    assert core.library.songs.get(one.id).played.score == 2000, "until its pair is there"
    dropped(core, "/Scores/Anna/scoresext.bin", scoresext(later))
    assert core.library.songs.get(one.id).played.score == 6000


def test_several_players_and_games_make_a_leaderboard(core: Core) -> None:
    one = add(core, "One", 60)
    dropped(core, "/Scores/Anna/scoredata.bin", scoredata([played(one, 2, 5, score=500)]))
    yarg = yarg_db([("Ben", one.sha1, 700, 6, True), ("Anna", one.sha1, 900, 4, False)])
    dropped(core, "/Scores/House/scores.db", yarg)
    board = [(score.player, score.score) for score in core.curation.scores.of_song(one)]
    assert board == [("Anna", 900), ("Ben", 700)]
    assert [(each.player, each.plays) for each in core.curation.scores.players()] == [("Anna", 3), ("Ben", 1)]
    assert core.library.songs.get(one.id).played == Played(4, 900, 6, 97, full_combo=True)


def test_a_damaged_file_is_refused_and_the_former_scores_stay(core: Core) -> None:
    one = add(core, "One", 60)
    whole = scoredata([played(one, 2, 5)])
    dropped(core, "/Scores/Anna/scoredata.bin", whole)
    assert "cut off" in dropped(core, "/Scores/Anna/scoredata.bin", whole[:-1])
    assert core.jobs.recent()[0].state is JobState.FAILED
    assert core.library.songs.get(one.id).played.plays == 2
    assert core.library.tree.read("/Scores/Anna/scoredata.bin") == whole[:-1], "the game's file is never written"
    core.library.tree.delete("/Scores/Anna")
    core.curation.player_files.refresh()
    assert core.library.songs.get(one.id).played == Played()


@pytest.mark.parametrize("name", ["scoredata.bin", "scoresext.bin", "scorestats.json"])
def test_a_file_that_is_far_too_large_is_neither_read_nor_kept(name: str, core: Core) -> None:
    assert "far too large" in dropped(core, f"/Scores/Anna/{name}", bytes(MAX_BYTES + 1))
    assert core.library.tree.find("/Scores/Anna/Kept") is None


def test_former_files_are_kept_as_a_backup(core: Core) -> None:
    one = add(core, "One", 60)
    for plays in (1, 2, 2):
        dropped(core, "/Scores/Anna/scoredata.bin", scoredata([played(one, plays, 5)]))
    kept = [core.library.tree.read(entry.path) for entry in core.library.tree.children("/Scores/Anna/Kept")]
    assert scoredata([played(one, 2, 5)]) in kept
    assert len(kept) == 2, "the same file is kept once"


def test_only_its_own_copies_are_deleted(core: Core) -> None:
    tree, kept = core.library.tree, "/Scores/Anna/Kept"
    for folder in ("/Scores/Anna", kept, f"{kept}/scoredata 2020-01-01 000000 00000000.bin"):
        tree.make_folder(folder)
    tree.write(f"{kept}/scoredata before reset.bin", b"mine")
    for number in range(10):
        tree.write(f"{kept}/scoredata 2020-01-02 000000 0000000{number}.bin", b"copy")
    dropped(core, "/Scores/Anna/scoredata.bin", scoredata([]))
    names = [paths.name_of(entry.path) for entry in tree.children(kept)]
    assert len(names) == 12
    assert {"scoredata before reset.bin", "scoredata 2020-01-01 000000 00000000.bin"} <= set(names)
    assert "scoredata 2020-01-02 000000 00000000.bin" not in names


def test_scores_and_lists_are_there_again_in_an_index_that_is_made_again(core: Core) -> None:
    one = add(core, "One", 60)
    core.curation.lists.add(FAVOURITES, [one])
    dropped(core, "/Scores/Anna/scoredata.bin", scoredata([played(one, 2, 5)]))
    assert found(core, "has:star") == found(core, "list:favourites") == ["One"]
    index: Index = core.index
    for path in ("/Scores/Anna/scoredata.bin", "/Setlists/Favourites.setlist"):
        index.marks.forget(path)
    assert core.library.songs.get(one.id).played == Played()
    core.library.tree.make_folder("/Setlists/any change has them looked at")
    assert found(core, "has:star plays:2") == ["One"]
    assert core.library.songs.get(one.id).lists == (FAVOURITES,)


@pytest.mark.parametrize("token", ["plays:many", "stars:", "has:nothing", "list:", "plays:1e9"])
def test_any_token_is_fine(token: str, core: Core) -> None:
    assert found(core, token) == []

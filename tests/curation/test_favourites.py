"""The star is Nextcloud's favourite: set on either side it comes to the other, at one request where nothing changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.app import Core, open_core
from davproxy.curation.favourites import agreed_path
from davproxy.model import FAVOURITES, Song
from davproxy.settings import Settings
from tests.curation.conftest import add_files
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until
from tests.webui.songs import chart, ini, tone


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


@pytest.fixture
def away(fake: FakeNextcloud, tmp_path: Path) -> Iterator[Core]:
    """A library on the Nextcloud."""
    with open_core(Settings.read({"TEMP_DIR": str(tmp_path), **fake.account}, Path("/nonexistent"))) as core:
        core.sync.run()
        yield core


def add(core: Core, title: str, notes: int) -> Song:
    return add_files(core, title, {"song.wav": tone(), "notes.chart": chart(notes), "song.ini": ini(name=title)})


def set_there(fake: FakeNextcloud, path: str, *, starred: bool) -> None:
    """Set it as another client of the Nextcloud does."""
    node = fake.tree.find(["CloneHero", *path.strip("/").split("/")])
    assert node is not None
    node.is_favourite = starred


def read_notes(core: Core) -> None:
    for _ in core.library.notes.read():
        pass


def starred_here(core: Core) -> set[str]:
    listed = FAVOURITES in core.curation.lists.names() and core.curation.lists.get(FAVOURITES).songs
    return {song.path for song in listed or () if song}


def test_a_star_comes_to_the_other_side_and_goes_from_it(fake: FakeNextcloud, away: Core) -> None:
    one, two = add(away, "One", 60), add(away, "Two", 70)
    favourites, lists = away.curation.favourites, away.curation.lists
    assert favourites.agree() == 0
    assert away.library.tree.find(agreed_path(fake.user)) is None
    lists.add(FAVOURITES, [one])
    set_there(fake, two.path, starred=True)
    assert favourites.agree() == 2
    assert set(away.remote.favourites()) == starred_here(away) == {one.path, two.path}
    fake.forget()
    assert favourites.agree() == 0
    assert [seen.method for seen in fake.requests] == ["REPORT"]
    away.library.tree.move(one.path, "/Songs/Moved")
    set_there(fake, two.path, starred=False)
    assert favourites.agree() == 1
    assert set(away.remote.favourites()) == starred_here(away) == {"/Songs/Moved"}
    lists.remove(FAVOURITES, [one])
    favourites.agree()
    assert set(away.remote.favourites()) == starred_here(away) == set()


def test_a_song_that_is_gone_for_a_while_or_comes_again_keeps_its_star(fake: FakeNextcloud, away: Core) -> None:
    song = add(away, "One", 60)
    away.curation.lists.add(FAVOURITES, [song])
    away.curation.favourites.agree()
    away.library.tree.delete(song.path)
    add(away, "Again", 60)  # another folder of the Nextcloud, which has no star yet
    away.curation.favourites.agree()
    assert set(away.remote.favourites()) == starred_here(away) == {"/Songs/Again"}


def test_a_song_that_is_deleted_or_moved_there_a_moment_ago_keeps_its_star(fake: FakeNextcloud, away: Core) -> None:
    gone, moved = add(away, "Gone", 60), add(away, "Moved", 70)
    away.curation.lists.add(FAVOURITES, [gone, moved])
    away.curation.favourites.agree()
    away.remote.delete(gone.path)
    away.remote.move(moved.path, "/Songs/Elsewhere")
    away.curation.favourites.agree()
    assert starred_here(away) == {gone.path, moved.path}
    away.sync.run()
    away.curation.favourites.agree()
    assert starred_here(away) == {"/Songs/Elsewhere"}
    away.remote.restore(away.remote.trash()[0].key)
    away.sync.run()
    read_notes(away)
    away.curation.favourites.agree()
    assert starred_here(away) == set(away.remote.favourites()) == {gone.path, "/Songs/Elsewhere"}


def test_a_copy_whose_star_is_taken_takes_it_from_all_and_a_new_copy_gets_it(fake: FakeNextcloud, away: Core) -> None:
    one, copy = add(away, "One", 60), add(away, "Copy", 60)
    favourites = away.curation.favourites
    set_there(fake, one.path, starred=True)
    assert favourites.agree() == 1
    assert set(away.remote.favourites()) == {one.path, copy.path}
    set_there(fake, copy.path, starred=False)
    assert favourites.agree() == 1
    assert set(away.remote.favourites()) == starred_here(away) == set()
    assert favourites.agree() == 0
    away.curation.lists.add(FAVOURITES, [one])
    favourites.agree()
    third = add(away, "Third", 60)
    favourites.agree()
    assert set(away.remote.favourites()) == {one.path, copy.path, third.path}


def test_another_account_with_other_favourites_takes_no_star(fake: FakeNextcloud, away: Core, tmp_path: Path) -> None:
    song = add(away, "One", 60)
    away.curation.lists.add(FAVOURITES, [song])
    away.curation.favourites.agree()
    set_there(fake, song.path, starred=False)
    fake.user = "sister"
    settings = Settings.read({"TEMP_DIR": str(tmp_path / "other"), **fake.account}, Path("/nonexistent"))
    with open_core(settings) as other:
        other.sync.run()
        read_notes(other)
        other.curation.favourites.agree()
        assert set(other.remote.favourites()) == starred_here(other) == {song.path}


def test_a_change_of_the_list_is_followed_by_itself(away: Core) -> None:
    song = add(away, "One", 60)
    away.curation.favourites.start()
    away.curation.lists.add(FAVOURITES, [song])
    wait_until(lambda: away.remote.favourites() == [song.path])


def test_where_there_are_no_favourites_nothing_is_asked_or_written(core: Core) -> None:
    song = add(core, "One", 60)
    core.curation.lists.add(FAVOURITES, [song])
    assert core.curation.favourites.agree() == 0
    assert core.library.tree.find(agreed_path("")) is None

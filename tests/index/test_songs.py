"""Songs: search, sort, filters, counts, moves."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from davproxy.index import Index
from davproxy.model import Song, SongQuery

SONGS = [
    Song(1, "/Songs/A/One_1", "One", "Métallica", "Justice", genre="Metal", year="1988", length=447000, identity="x",
         instruments={"guitar": 5, "drums": 4}, difficulties=("expert", "hard"), has_art=True),
    Song(2, "/Songs/A/two_2", "two", "metallica", "Load", length=200000, identity="y", instruments={"bass": 2},
         problems=({"code": "noAlbumArt"},)),
    Song(3, "/Songs/B/Three", "Three", "Abba", "Gold", identity="x", has_video=True, refused=True,
         problems=({"code": "noAudio"},)),
]  # fmt: skip


LARGE = 5_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    index = Index(tmp_path_factory.mktemp("large") / "index.db")
    words = [" ".join(pair) for pair in itertools.product(["red", "blue", "green", "old", "new"], repeat=2)]
    index.songs.put(
        replace(
            SONGS[0],
            id=number,
            path=f"/Songs/{number}",
            title=f"{words[number % 25]} {number}",
            artist=words[number * 7 % 25],
            identity=str(number),
        )
        for number in range(LARGE)
    )
    yield index
    index.close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(tmp_path / "index.db")
    index.songs.put(SONGS)
    yield index
    index.close()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (SongQuery(), [1, 3, 2]),
        (SongQuery(sort="artist"), [3, 2, 1]),
        (SongQuery(order="desc"), [2, 3, 1]),
        (SongQuery(search="metal"), [1, 2]),
        (SongQuery(search="thr go"), [3]),
        (SongQuery(search='"'), []),
        (SongQuery(artist="ABBA"), [3]),
        (SongQuery(instrument="guitar"), [1]),
        (SongQuery(instrument="uit"), []),
        (SongQuery(difficulty="hard"), [1]),
        (SongQuery(problem="any"), [3, 2]),
        (SongQuery(problem="noAudio"), [3]),
        (SongQuery(problem="refused"), [3]),
        (SongQuery(has_art=True), [1]),
        (SongQuery(has_video=False), [1, 2]),
        (SongQuery(duplicates=True), [1, 3]),
        (SongQuery(search="artist:metallica"), [1, 2]),
        (SongQuery(search="-artist:metallica"), [3]),
        (SongQuery(search='album:"just" one'), [1]),
        (SongQuery(search="year:1980-1989"), [1]),
        (SongQuery(search="year:>1988"), []),
        (SongQuery(search="length:>5m"), [1]),
        (SongQuery(search="length:3:00-4:00"), [2]),
        (SongQuery(search="instrument:guitar"), [1]),
        (SongQuery(search="-guitar"), [3, 2]),
        (SongQuery(search="diff:guitar>=5"), [1]),
        (SongQuery(search="diff:bass<2"), []),
        (SongQuery(search="has:art"), [1]),
        (SongQuery(search="-has:video"), [1, 2]),
        (SongQuery(search="added:<1d"), [1, 3, 2]),
        (SongQuery(search="nps:>1"), []),
        (SongQuery(search="metallica loa", sort="relevance"), [2]),
        (SongQuery(search="metalica"), [1, 2]),
        (SongQuery(search="justise"), [1]),
        (SongQuery(search="year:soon"), []),
    ],
)
def test_find(index: Index, query: SongQuery, ids: list[int]) -> None:
    total, songs = index.songs.find(query)
    assert [song.id for song in songs] == ids
    assert total == len(ids)


def test_pages_and_counts(index: Index) -> None:
    total, songs = index.songs.find(SongQuery(limit=1, offset=1))
    assert (total, [song.id for song in songs]) == (3, [3])
    counts = index.songs.counts()
    assert (counts.songs, counts.artists, counts.refused, counts.problems, counts.duplicates) == (3, 3, 1, 2, 1)
    assert index.songs.values_of("genre", SongQuery()) == [("Metal", 1)]
    assert index.songs.values_of("genre", SongQuery(search="nothing like it")) == []
    with pytest.raises(ValueError, match="field"):
        index.songs.values_of("metadata", SongQuery())


def test_a_stored_song_is_read_unchanged(index: Index) -> None:
    assert index.songs.get(1) == SONGS[0]
    assert index.songs.at("/Songs/B/Three") == SONGS[2]
    assert index.songs.get(9) is None


def test_search_follows_changes(index: Index) -> None:
    index.songs.put([Song(2, "/Songs/A/two_2", "Enter", "metallica", "Load")])
    assert index.songs.find(SongQuery(search="two"))[0] == 0
    index.songs.remove("/Songs/A")
    assert index.songs.find(SongQuery(search="enter"))[0] == 0
    assert index.songs.paths() == {"/Songs/B/Three"}


def test_moves_keep_ids_and_replace_what_is_at_the_target(index: Index) -> None:
    index.songs.move("/Songs/A", "/Songs/B")
    assert index.songs.paths() == {"/Songs/B/One_1", "/Songs/B/two_2"}
    moved = index.songs.get(1)
    assert moved is not None
    assert moved.path == "/Songs/B/One_1"
    index.songs.put([Song(9, "/Songs/B/One_1", "New", "", "")])
    assert index.songs.get(1) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(search=st.text())
def test_any_search_text_is_fine(index: Index, search: str) -> None:
    assert index.songs.find(SongQuery(search=search))[0] <= len(SONGS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(["artist", "year", "length", "nps", "diff", "has", "added", "source", "instrument", "x"]),
    value=st.text(max_size=12),
    sort=st.sampled_from(["relevance", "random", "nps"]),
)
def test_any_token_is_fine(index: Index, key: str, value: str, sort: Any) -> None:
    assert index.songs.find(SongQuery(search=f"{key}:{value}", sort=sort))[0] <= len(SONGS)


def test_words_are_found_as_the_library_spells_them(index: Index) -> None:
    titles = {10: ("Midnight Train", "AC/DC"), 11: ("Broken Avenue", "Midnight Avenue"), 12: ("Dawn", "muldjord")}
    index.songs.put(Song(id, f"/Songs/{id}", title, artist, "") for id, (title, artist) in titles.items())
    for search, ids in {"midnite": [10, 11], "acdc": [10], "mudljord": [12], "midnight": [10, 11], "qqqq": []}.items():
        assert [song.id for song in index.songs.find(SongQuery(search=search, sort="relevance"))[1]] == ids, search


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        (SongQuery(), 2),
        (SongQuery(sort="artist", offset=4_000), 5),
        (SongQuery(search="red"), 8),
        (SongQuery(search="gre 12", sort="artist"), 14),
        (SongQuery(instrument="guitar"), 10),
        (SongQuery(duplicates=True), 65),
        (SongQuery(search="red", sort="relevance"), 40),
    ],
    ids=["all", "far down", "word", "words", "instrument", "duplicates", "relevance"],
)
def test_a_query_takes_few_steps_for_each_song(large: Index, query: SongQuery, steps: int) -> None:
    """Counts instructions of SQLite's virtual machine: a query without its index takes several times as many."""
    counted: list[None] = []
    with large.transaction() as connection:
        connection.set_progress_handler(lambda: counted.append(None), 100)
        total, songs = large.songs.find(query)
        connection.set_progress_handler(None, 0)
    assert (total > 0) == (len(songs) > 0)
    assert len(counted) * 100 <= steps * LARGE

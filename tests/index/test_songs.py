"""Songs: search, sort, filters, counts, moves."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from davproxy.index import Index
from davproxy.index.matches import FEW
from davproxy.model import Song, SongQuery, Sort

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
        (SongQuery(sort="artist"), [3, 1, 2]),
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
        (SongQuery(search="artist:metallica album:load"), [2]),
        (SongQuery(search="artist:metallica two", sort="relevance"), [2]),
        (SongQuery(search="artist:metallica tvvo", sort="relevance"), []),
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


def test_of_many_matches_those_with_the_words_in_the_title_come_first(large: Index) -> None:
    large.songs.put([replace(SONGS[0], id=9_999, path="/Songs/red", title="The Red", artist="x", identity="red")])
    total, songs = large.songs.find(SongQuery(search="red", sort="relevance", limit=LARGE))
    titles = [song.title for song in songs]
    in_title = ["red" in title.lower().split() for title in titles]
    assert (total, titles[0]) == (len(songs), "The Red")
    assert in_title == sorted(in_title, reverse=True)
    assert all("red" in song.artist for song in songs[in_title.index(False) :])
    page = large.songs.find(SongQuery(search="red", sort="relevance", limit=7, offset=in_title.index(False) - 3))[1]
    assert [song.title for song in page] == titles[in_title.index(False) - 3 :][:7]
    large.songs.remove("/Songs/red")


@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_order_is_the_same_for_few_and_many_matches(large: Index, sort: Sort, order: Any) -> None:
    many = SongQuery(search="artist:red", sort=sort, order=order, limit=LARGE)
    few = replace(many, search="artist:red title:blue")
    total, songs = large.songs.find(many)
    assert (total, len({song.id for song in songs})) == (LARGE * 9 // 25, total)
    expected = [song for song in songs if "blue" in song.title]
    assert 0 < len(expected) <= FEW < total
    assert [song.id for song in large.songs.find(few)[1]] == [song.id for song in expected]
    page = replace(many, limit=30, offset=500)
    assert [song.id for song in large.songs.find(page)[1]] == [song.id for song in songs[500:530]]


def test_the_counts_are_the_same_for_few_and_many_matches(large: Index) -> None:
    for search in ("artist:red", "artist:red title:blue", "red -keys", "title:4999 red", "1", "-artist:red", "-keys"):
        query = SongQuery(search=search, limit=LARGE)
        total, songs = large.songs.find(query)
        counted = large.songs.facets(query, LARGE)
        assert counted.total == total
        artists = Counter(song.artist for song in songs)
        assert (dict(counted.values["artist"]), counted.distinct["artist"]) == (artists, len(artists))
        assert dict(counted.values["instrument"]) == ({"drums": total, "guitar": total} if total else {})


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        (SongQuery(), 2),
        (SongQuery(sort="artist", offset=4_000), 5),
        (SongQuery(search="red"), 8),
        (SongQuery(search="gre 12", sort="artist"), 14),
        (SongQuery(instrument="guitar"), 11),
        (SongQuery(duplicates=True), 65),
        (SongQuery(search="red", sort="relevance"), 22),
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


def test_facets_count_what_songs_have_in_common(index: Index) -> None:
    facets = index.songs.facets(SongQuery(), 12)
    assert facets.total == 3
    assert facets.values["artist"] == [("Abba", 1), ("Métallica", 1), ("metallica", 1)]
    assert facets.values["instrument"] == [("bass", 1), ("drums", 1), ("guitar", 1)]
    assert facets.values["difficulty"] == [("expert", 1), ("hard", 1)]
    assert dict(facets.values["has"]) == {"art": 1, "video": 1, "problems": 2}
    assert (facets.distinct["artist"], facets.distinct["genre"]) == (3, 1)


def test_facets_follow_the_search_but_for_a_fields_own_filter(index: Index) -> None:
    facets = index.songs.facets(SongQuery(search="has:problems", artist="Abba"), 1)
    assert facets.total == 1
    assert facets.values["album"] == [("Gold", 1)]
    assert facets.values["artist"] == [("Abba", 1)]
    assert facets.distinct["artist"] == 2
    assert index.songs.facets(SongQuery(search="metalica"), 9).total == 2, "as the library spells it"
    index.songs.put([replace(SONGS[0], genre="Doom")])
    assert index.songs.facets(SongQuery(), 9).values["genre"] == [("Doom", 1)]


def test_statistics_count_all_songs(index: Index) -> None:
    index.songs.put([Song(7, "/Songs/7", "Seven", "", "", genre="METAL", year="1988 (live)", instruments={"bass": -1})])
    found = index.statistics.now()
    assert (found.years, found.genres, found.other_genres) == (((1988, 2),), (("Metal", 2),), 0)
    assert dict(found.intensities) == {
        "guitar": (0, 0, 0, 0, 0, 1, 0), "drums": (0, 0, 0, 0, 1, 0, 0), "bass": (0, 0, 1, 0, 0, 0, 0)
    }  # fmt: skip
    assert [songs for _, songs in found.growth] == [4]
    assert index.statistics.now() is found, "nothing changed"
    index.songs.remove("/Songs/7")
    assert [songs for _, songs in index.statistics.now().growth] == [3]


def test_texts_with_the_separator_of_columns_are_counted(index: Index) -> None:
    index.songs.put([replace(SONGS[0], artist="A\x1fB")])
    assert ("A B", 1) in index.songs.facets(SongQuery(), 12).values["artist"]
    assert [name.songs for name in index.songs.names_of("artist", SongQuery())] == [1, 1, 1]


def test_names_are_counted_in_sort_order(index: Index) -> None:
    spelled = {4: "The Beatles", 5: "THE BEATLES", 6: "The Beatles"}
    index.songs.put(Song(id, f"/Songs/{id}", "", artist, "Help!") for id, artist in spelled.items())
    names = [(name.value, name.songs, name.cover) for name in index.songs.names_of("artist", SongQuery())]
    assert names == [("Abba", 1, 0), ("The Beatles", 3, 0), ("Métallica", 1, 1), ("metallica", 1, 0)]
    assert index.songs.names_of("genre", SongQuery(search="nothing like it")) == []
    with pytest.raises(ValueError, match="field"):
        index.songs.names_of("metadata", SongQuery())


def test_sorting_passes_over_articles_and_accents(index: Index) -> None:
    titles = ("The Zoo", "Éclair", "A Day", "An", "…and Then", "die Ärzte")
    index.songs.put(Song(id, f"/Songs/{id}", title, "", "sorted") for id, title in enumerate(titles, 10))

    def ordered() -> list[str]:
        return [song.title for song in index.songs.find(SongQuery(album="sorted"))[1]]

    assert ordered() == ["An", "…and Then", "die Ärzte", "A Day", "Éclair", "The Zoo"]
    index.sort_without(["the"])
    assert ordered() == ["A Day", "An", "…and Then", "die Ärzte", "Éclair", "The Zoo"]


def test_the_articles_are_those_of_the_last_time(tmp_path: Path) -> None:
    for articles in (["the"], None):
        index = Index(tmp_path / "index.db")
        if articles:
            index.sort_without(articles)
            index.songs.put([Song(1, "/Songs/1", "A Z", "", ""), Song(2, "/Songs/2", "The B", "", "")])
        assert [song.id for song in index.songs.find(SongQuery())[1]] == [1, 2]
        index.close()


def test_charts_are_found_by_open_notes_taps_and_kicks(index: Index) -> None:
    track = {"average": 1.0, "has_solos": False, "has_open": True, "has_taps": False, "has_double_kick": True}
    index.songs.put([replace(SONGS[0], chart={"tracks": [track]}, files={"song.ogg": 1, "guitar.ogg": 1})])
    for search, ids in {
        "has:open": [1],
        "has:tap": [],
        "has:open,2x": [1],
        "has:stems": [1],
        "-has:open": [3, 2],
    }.items():
        assert [song.id for song in index.songs.find(SongQuery(search=search))[1]] == ids, search


def test_a_list_reads_no_charts_until_something_asks_for_one(index: Index) -> None:
    chart = {"tracks": [{"average": 3.5}]}
    index.songs.put([replace(SONGS[0], chart=chart)])
    [found] = index.songs.find(SongQuery(search="one"))[1]
    assert (found.chart, found.nps, found.files) == (chart, 3.5, {})
    assert repr(found.chart) == repr(chart)
    with index.transaction() as connection:
        connection.execute("UPDATE songs SET chart = '{' WHERE id = 1")
    [broken] = index.songs.find(SongQuery(search="one"))[1]
    assert broken.nps == 3.5
    with pytest.raises(ValueError, match="property name"):
        len(broken.chart or {})


def test_facets_put_values_together_whose_case_differs_and_show_the_commonest_spelling(index: Index) -> None:
    genres = ["Rock", "rock", "Rock", "Jazz", "Ärzte", "folk", "Folk", "folk"]
    index.songs.put(
        replace(SONGS[0], id=10 + number, path=f"/Songs/{number}", genre=genre) for number, genre in enumerate(genres)
    )
    counted = index.songs.facets(SongQuery(), 3)
    assert counted.values["genre"] == [("Rock", 3), ("folk", 3), ("Jazz", 1)]
    assert counted.distinct["genre"] == 5

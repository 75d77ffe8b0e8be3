"""What matches a search is looked up once until the next commit."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from davproxy.index.database import Database
from davproxy.index.matches import FEW
from davproxy.index.songs import Songs
from davproxy.model import Song, SongQuery

MANY = 2 * FEW


class Asked(Database):
    """A database that records the queries of all songs: those for ids, orders and counts, not those for a page."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.queries: list[str] = []

    def rows(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        if "group_" in sql[:30] or ("FROM songs ORDER BY" in sql and "LIMIT" not in sql):
            self.queries.append(sql)
        return super().rows(sql, values)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Asked]:
    database = Asked(tmp_path / "index.db")
    yield database
    database.close()


@pytest.fixture
def songs(database: Asked) -> Songs:
    songs = Songs(database)
    songs.put(Song(id, f"/Songs/{id}", f"Title {id}", "Artist", "Album", year="1990") for id in range(1, MANY + 1))
    return songs


@pytest.mark.parametrize(
    "query",
    [SongQuery(search="art"), SongQuery(search="artist:art year:1990"), SongQuery(search="tit", sort="relevance")],
    ids=["words", "tokens", "relevance"],
)
def test_another_page_and_the_counts_look_nothing_up_again(songs: Songs, database: Asked, query: SongQuery) -> None:
    assert songs.find(query)[0] == MANY
    songs.facets(SongQuery(), 1)  # reads the columns
    database.queries.clear()
    assert [song.id for song in songs.find(replace(query, limit=2, offset=MANY - 2))[1]] == [998, 999]
    assert songs.facets(query, 1).total == MANY
    assert database.queries == []


def test_a_commit_makes_them_look_again(songs: Songs) -> None:
    for total in (MANY + 1, MANY + 2):
        songs.put([Song(total, f"/Songs/{total}", "New", "Artist", "")])
        assert songs.find(SongQuery(search="artist"))[0] == total
        assert songs.facets(SongQuery(search="artist"), 1).total == total

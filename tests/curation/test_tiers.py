"""Career tiers: from easy to hard, all songs with the instrument, and alike many in each."""

import pytest

from davproxy.app import Core
from davproxy.curation import tiers
from davproxy.errors import AlreadyExists, BadInput
from davproxy.model import Song


def song(number: int, average: float, instrument: str = "guitar") -> Song:
    easy = {"instrument": instrument, "difficulty": "easy", "average": 99.0}
    chart = {"tracks": [{"instrument": instrument, "difficulty": "expert", "average": average}, easy]}
    return Song(number, f"/Songs/{number}", "", "", "", identity=f"{number:032x}", sha1=f"{number:040x}", chart=chart)


SONGS = [song(number, average) for number, average in enumerate((5.0, 1.0, 3.0, 9.0, 7.0))] + [song(9, 1.0, "drums")]


@pytest.mark.parametrize(
    ("count", "expected"), [(2, [[1, 2], [0, 4, 3]]), (5, [[1], [2], [0], [4], [3]]), (9, [[1], [2], [0], [4], [3]])]
)
def test_songs_are_split_from_easy_to_hard(count: int, expected: list[list[int]]) -> None:
    assert [[each.id for each in tier] for tier in tiers.split(SONGS, "guitar", count)] == expected


def test_tiers_are_lists_and_none_is_made_where_one_is_there(core: Core) -> None:
    lists = core.curation.lists
    assert tiers.make(lists, "Career", SONGS, "guitar", 2) == ["Career 1", "Career 2"]
    assert [entry.md5[-1] for entry in lists.entries("Career 1")[0]] == ["1", "2"]
    lists.delete("Career 1")
    with pytest.raises(AlreadyExists):
        tiers.make(lists, "Career", SONGS, "guitar", 3)
    assert lists.names() == ["Career 2"]
    with pytest.raises(BadInput):
        tiers.make(lists, "Other", SONGS, "keys", 2)

"""Career tiers: from easy to hard, all songs with the instrument, and alike many in each."""

import pytest

from davproxy.app import Core
from davproxy.curation import tiers
from davproxy.curation.lists import MOST_SONGS
from davproxy.curation.tiers import TIERS
from davproxy.errors import AlreadyExists, BadInput
from davproxy.model import Song
from tests.curation.conftest import add_files
from tests.webui.songs import chart, ini, tone


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


def test_a_tier_of_more_songs_than_a_list_holds_is_refused() -> None:
    with pytest.raises(BadInput, match="more tiers"):
        tiers.split(SONGS[:1] * (2 * MOST_SONGS + 1), "guitar", 2)


def test_tiers_are_lists_that_an_undo_takes_back_and_none_is_made_where_one_is_there(core: Core) -> None:
    lists, steps = core.curation.lists, core.curation.steps
    for title, notes in (("Slow", 60), ("Fast", 70)):
        add_files(core, title, {"song.wav": tone(), "notes.chart": chart(notes), "song.ini": ini(name=title)})
    options = {"name": "Career", "list": "", "ids": [], "instrument": "guitar", "tiers": 2}
    done = core.jobs.outcome(steps.start(TIERS, options).id, 30)
    assert lists.names() == ["Career 1", "Career 2"]
    lists.add("Career 2", [song for song in lists.get("Career 1").songs if song])
    result = core.jobs.outcome(steps.undo(done.id).id, 30).result or {}
    assert (lists.names(), result["failed"]) == (["Career 2"], 1)  # a list that was changed since stays
    with pytest.raises(AlreadyExists):
        steps.start(TIERS, options)
    with pytest.raises(BadInput):
        steps.start(TIERS, options | {"name": "Other", "instrument": "keys"})

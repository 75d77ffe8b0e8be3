"""Smart lists: searches that are kept."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.app import Core
from davproxy.curation.smart_lists import SMART, query_of, text_of
from davproxy.errors import AlreadyExists, BadInput, NotFound
from davproxy.model import SongQuery
from tests.curation.conftest import add_files
from tests.webui.songs import chart, ini, tone


def add(core: Core, title: str, notes: int) -> None:
    add_files(
        core, title, {"song.wav": tone(), "notes.chart": chart(notes), "song.ini": ini(name=title, artist="Band")}
    )


def test_a_search_is_kept_finds_what_is_there_now_and_becomes_a_list(core: Core) -> None:
    smart = core.curation.smart_lists
    add(core, "One", 60)
    kept = smart.put(" By  Band ", SongQuery(search="artist:band", sort="title", order="desc", limit=3))
    assert smart.count(kept) == 1
    add(core, "Two", 70)
    assert [(each.name, smart.count(each)) for each in smart.all()] == [("By Band", 2)]
    assert smart.make_list("By Band") == 2
    assert [song.title if song else "" for song in core.curation.lists.get("By Band").songs] == ["Two", "One"]
    add(core, "Three", 80)
    assert smart.make_list("By Band") == 3, "it is written again"
    smart.delete("By Band")
    with pytest.raises(NotFound):
        smart.get("By Band")
    assert core.curation.lists.names() == ["By Band"], "the list stays"


def test_a_file_that_somebody_edited_is_read_as_far_as_it_goes(core: Core) -> None:
    core.library.tree.write(SMART, b"Good\tsearch=plays%3A0&sort=nps&order=up&x=1\nno tab\n\t\n\xff\t&&=\n")
    found = core.curation.smart_lists.all()
    assert found[0].name == "Good"
    assert found[0].query == SongQuery(search="plays:0", sort="nps")


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x00b"])
def test_what_is_no_name_is_refused(name: str, core: Core) -> None:
    with pytest.raises(BadInput):
        core.curation.smart_lists.put(name, SongQuery())


@given(
    st.builds(
        SongQuery,
        search=st.text(max_size=20),
        genre=st.text(max_size=5),
        has_art=st.sampled_from([None, True, False]),
        duplicates=st.booleans(),
        sort=st.sampled_from(["title", "plays", "random"]),
        order=st.sampled_from(["asc", "desc"]),
    )
)
def test_a_query_that_is_written_is_read(query: SongQuery) -> None:
    assert query_of(text_of(query)) == query


def test_what_is_not_understood_and_the_encoding_stay(core: Core) -> None:
    before = "\ufeff# mine\r\nGood\tsearch=plays%3A0&later=1\r\n".encode("utf-16-le")
    core.library.tree.write(SMART, before)
    core.curation.smart_lists.put("♫", SongQuery(search="a"))
    core.curation.smart_lists.put("Other", SongQuery(search="a"))
    core.curation.smart_lists.delete("Other")
    assert core.library.tree.read(SMART) == before + "♫\tsearch=a\r\n".encode("utf-16-le")


def test_a_list_that_was_made_otherwise_or_changed_since_is_not_replaced(core: Core) -> None:
    add(core, "One", 60)
    smart, lists = core.curation.smart_lists, core.curation.lists
    smart.put("Party", SongQuery(search="one"))
    lists.create("Party")
    with pytest.raises(AlreadyExists):
        smart.make_list("Party")
    assert lists.get("Party").entries == ()
    lists.delete("Party")
    assert smart.make_list("Party") == 1
    smart.put("Party", SongQuery(search="artist:band"))
    assert smart.make_list("Party") == 1
    lists.save("Party", [])
    with pytest.raises(AlreadyExists):
        smart.make_list("Party")


@pytest.mark.parametrize(
    "text", [urlencode({"search": "plays:0 " * 4000}), urlencode({"search": "a " * 4000}), "artist=\udc81"]
)
def test_a_search_that_is_too_long_does_not_cost_the_others(text: str, core: Core) -> None:
    core.library.tree.write(SMART, f"Long\t{text}\n".encode("utf-8", "surrogateescape") + b"Other\tsearch=b\n")
    smart = core.curation.smart_lists
    assert [(each.name, smart.count(each), bool(text_of(each.query))) for each in smart.all()] == [
        ("Long", 0, True), ("Other", 0, True)
    ]  # fmt: skip

"""Rich text is removed, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats.rich_text import strip
from tests.formats.costs import is_linear


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain & <3 > 2", "plain & <3 > 2"),
        ("<color=#AEFFFF>Aren Eternal</color> & Geo", "Aren Eternal & Geo"),
        ("<b>A</b> <I>B</I><size=10>c</size>", "A Bc"),
        ("<#f00>red", "red"),
        ("< / color >x", "x"),
        ("one<br>two", "one two"),
        ("<colour>kept</colour> <script>kept</script>", "<colour>kept</colour> <script>kept</script>"),
        ("<color=#f00", "<color=#f00"),
        ("<line-height=10>x <lineheight>", "x <lineheight>"),
    ],
)
def test_tags_of_the_games_are_stripped_and_nothing_else(text: str, plain: str) -> None:
    assert strip(text) == plain


@given(st.text() | st.lists(st.sampled_from(["<b>", "</b>", "<color=", "red>", "<", ">", "x", " "])).map("".join))
def test_any_text_can_be_stripped_and_keeps_what_is_outside_tags(text: str) -> None:
    assert len(strip(text)) <= len(text)
    assert strip("kept " + text).startswith("kept")


@pytest.mark.parametrize("piece", ["<", "<b", "< ", "<b>", "<color=#", "</", " "])
def test_hostile_text_costs_linear_time(piece: str) -> None:
    assert is_linear(lambda size: strip(piece * (size // len(piece))))

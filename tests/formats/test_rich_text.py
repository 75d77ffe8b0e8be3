import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats.rich_text import Span, spans, strip


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", (Span("plain"),)),
        ("", ()),
        ("<color=#F00>a<b>b</b></color>c", (Span("a", "#ff0000"), Span("b", "#ff0000", True), Span("c"))),
        ("<color=red>a<color=#00ff00cc>b</color>c", (Span("a", "#ff0000"), Span("b", "#00ff00"), Span("c", "#ff0000"))),
        ("<#abc><i>x</i>", (Span("x", "#aabbcc", False, True),)),
        ("a<size=40>b</size>", (Span("ab"),)),
        ("</b></i></color>x", (Span("x"),)),
        ("<color=url(x)>x", (Span("x"),)),
        ('<color="red;background:url(x)">x', (Span("x"),)),
        ("<script>alert(1)</script>", (Span("<script>alert(1)</script>"),)),
        ("a<br>b", (Span("a b"),)),
    ],
)
def test_colour_bold_and_italic_become_spans(text: str, expected: tuple[Span, ...]) -> None:
    assert spans(text) == expected


@given(
    st.text() | st.lists(st.sampled_from(["<b>", "</b>", "<color=", "red>", "#f00>", "<", ">", "x", " "])).map("".join)
)
def test_any_text_has_safe_spans_that_say_what_strip_says(text: str) -> None:
    found = spans(text)
    assert " ".join("".join(span.text for span in found).split()) == " ".join(strip(text).split())
    for span in found:
        assert span.colour is None or (len(span.colour) == 7 and int(span.colour[1:], 16) >= 0)


@pytest.mark.parametrize("piece", ["<", "<b", "< ", "<b>", "<color=#", "</", " "])
def test_hostile_text_costs_little(piece: str) -> None:
    start = time.process_time()
    spans(piece * 100_000)
    strip(piece * 100_000)
    assert time.process_time() - start < 3

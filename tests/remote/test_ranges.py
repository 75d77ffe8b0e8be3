"""Ranges come exactly out of whatever a server sends, or an error does."""

from collections.abc import Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import Unavailable
from davproxy.remote.webdav.ranges import range_blocks, range_header

CONTENT = bytes(range(256)) * 3
STARTS = st.integers(0, len(CONTENT))
LENGTHS = st.none() | st.integers(1, 2 * len(CONTENT))


def response(status: int, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    return httpx.Response(status, headers=headers, content=iter([body[:100], body[100:]]))


def partial(first: int, end: int, total: str = str(len(CONTENT))) -> httpx.Response:
    return response(206, CONTENT[first:end], {"Content-Range": f"bytes {first}-{max(end - 1, first)}/{total}"})


def wanted(start: int, length: int | None) -> bytes:
    return CONTENT[start:] if length is None else CONTENT[start : start + length]


@given(STARTS, LENGTHS)
def test_a_server_that_ignores_ranges(start: int, length: int | None) -> None:
    whole = response(200, CONTENT, {"Content-Length": str(len(CONTENT))})
    assert b"".join(range_blocks("/a", whole, start, length)) == wanted(start, length)


@given(STARTS, LENGTHS, st.data())
def test_a_server_that_sends_more(start: int, length: int | None, data: st.DataObject) -> None:
    end = len(CONTENT) if length is None else min(start + length, len(CONTENT))
    first, last = data.draw(st.integers(0, start)), data.draw(st.integers(end, len(CONTENT)))
    assert b"".join(range_blocks("/a", partial(first, last), start, length)) == wanted(start, length)


@given(st.integers(0, len(CONTENT) - 1), LENGTHS, st.data())
def test_a_server_that_sends_less(start: int, length: int | None, data: st.DataObject) -> None:
    end = len(CONTENT) if length is None else min(start + length, len(CONTENT))
    cut = data.draw(st.integers(start, end - 1))
    with pytest.raises(Unavailable, match="too early"):
        list(range_blocks("/a", partial(start, cut), start, length))


@given(st.integers(0, 100), st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_a_content_range_that_makes_no_sense(start: int, header: str) -> None:
    odd = response(206, CONTENT, {"Content-Range": header})
    with pytest.raises(Unavailable):
        list(range_blocks("/a", odd, start, len(CONTENT) * 2))


def test_a_total_that_the_server_does_not_know() -> None:
    assert b"".join(range_blocks("/a", partial(10, 20, total="*"), 10, 10)) == CONTENT[10:20]


@pytest.mark.parametrize(
    ("start", "length", "header"),
    [(0, None, "bytes=0-"), (5, 10, "bytes=5-14"), (5, None, "bytes=5-"), (0, 1, "bytes=0-1"), (9, 1, "bytes=9-9")],
)
def test_the_header(start: int, length: int | None, header: str) -> None:
    assert range_header(start, length) == header

"""Request bodies: the same bytes however they arrive, and an error where they end early."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadBody
from davproxy.server.bodies import Body, Chunked, KnownLength
from davproxy.server.streams import ClientSilent
from tests.raw_http import chunk_body


class Trickling:
    """A source whose bytes arrive in parts: between two of them, a read raises ClientSilent once."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = list(parts)
        self._here = b""

    def _arrive(self) -> None:
        if self._parts:
            self._here += self._parts.pop(0)
            raise ClientSilent

    @property
    def left(self) -> bytes:
        return self._here + b"".join(self._parts)

    def read_some(self, limit: int) -> bytes:
        if not self._here:
            self._arrive()
        taken, self._here = self._here[:limit], self._here[limit:]
        return taken

    def line(self, limit: int) -> bytes:
        end = self._here.find(b"\n", 0, limit) + 1
        if not end and len(self._here) < limit:
            self._arrive()
        return self.read_some(end or limit)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


def read_all(body: Body) -> bytes:
    """The content, byte by byte: a longer read gives up what it has when the source raises."""
    found = b""
    while not body.finished:
        with suppress(ClientSilent):
            found += body.read(1)
    return found


def drop_all(body: Body) -> None:
    while not body.finished:
        with suppress(ClientSilent):
            body.drop(1)


@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.integers(0, 300), max_size=8), st.booleans())
def test_a_body_is_the_same_however_it_arrives(chunks: list[bytes], cuts: list[int], trailers: bool) -> None:
    content, coded = b"".join(chunks), chunk_body(*chunks)
    if trailers:
        coded = coded[:-2] + b"A: b\r\nC: d\r\n\r\n"
    for is_chunked in (True, False):
        sent = coded if is_chunked else content
        for reads in (True, False):
            source = Trickling(split(sent + b"NEXT", cuts))
            body = Body(Chunked(source) if is_chunked else KnownLength(source, len(content)))
            if reads:
                assert read_all(body) == content
            else:
                drop_all(body)
            assert source.left == b"NEXT"


@pytest.mark.parametrize("end", range(1, 40))
def test_a_body_that_is_cut_is_an_error(end: int) -> None:
    coded = chunk_body(b"some content", b"of two chunks")
    body = Body(Chunked(Trickling([coded[: -min(end, len(coded))]])))
    with pytest.raises(BadBody):
        read_all(body)


@pytest.mark.parametrize(
    "coded", [b"x\r\n", b"-1\r\n", b"5\r\nabcdefg\r\n", b"f" * 5000, b"1" * 16 + b"\r\n", b"0\r\n" + b"a\r\n" * 200]
)
def test_malformed_chunks_are_an_error(coded: bytes) -> None:
    with pytest.raises(BadBody):
        read_all(Body(Chunked(Trickling([coded]))))

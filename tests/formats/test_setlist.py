""".setlist files: read, written, and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadInput
from davproxy.formats.identify import identity
from davproxy.formats.setlist import SetlistSong, parse, render

ONE = b"\xea\xec\x33\x01\x01\0\0\0\x200123456789ABCDEF0123456789ABCDEF\x64\0"

songs = st.builds(SetlistSong, st.binary().map(identity), st.integers(1, 255))


def test_a_setlist_is_read_and_written_as_the_game_does() -> None:
    assert parse(ONE) == (SetlistSong("0123456789abcdef" * 2, 100),)
    assert render(parse(ONE)) == ONE


@given(st.lists(songs, max_size=5))
def test_what_is_written_is_read_back(given_songs: list[SetlistSong]) -> None:
    assert parse(render(given_songs)) == tuple(given_songs)


@pytest.mark.parametrize(
    "data", [b"", ONE[:6], ONE[:-1], ONE.replace(b"\x20", b"\x21"), ONE.replace(b"A", b"G"), b"x" + ONE]
)
def test_what_is_no_setlist_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        parse(data)


@given(st.binary(max_size=100), st.integers(0, len(ONE)))
def test_any_bytes_are_a_setlist_or_bad_input(data: bytes, place: int) -> None:
    for start in (data, ONE[:place] + data):
        try:
            parse(start)
        except BadInput:
            continue

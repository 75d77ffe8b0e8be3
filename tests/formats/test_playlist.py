"""YARG's playlists."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadInput
from davproxy.formats import playlist
from davproxy.formats.playlist import Playlist

SHA1 = "0123456789abcdef0123456789abcdef01234567"
WRITTEN_BY_YARG = (
    '{\r\n  "Name": "Mine",\r\n  "Author": "Ann",\r\n  "Id": "5ff5ab31-62f1-4a0c-9a5f-3c3d1a5c3f60",\r\n'
    f'  "SongHashes": [\r\n    "{SHA1.upper()}"\r\n  ]\r\n}}'
).encode()
HASHES = st.lists(st.text("0123456789abcdef", min_size=40, max_size=40)).map(tuple)
TEXT = st.text(st.characters(codec="utf-8"))


def test_a_playlist_of_the_game_is_read() -> None:
    found = playlist.parse(b"\xef\xbb\xbf" + WRITTEN_BY_YARG)
    assert found == Playlist("Mine", "Ann", "5ff5ab31-62f1-4a0c-9a5f-3c3d1a5c3f60", (SHA1,))


@given(TEXT, TEXT, TEXT, HASHES, st.dictionaries(st.sampled_from(["Version", "Tags"]), st.integers() | TEXT))
def test_what_is_written_is_read(
    name: str, author: str, id: str, hashes: tuple[str, ...], other: dict[str, object]
) -> None:
    written = Playlist(name, author, id, hashes, other)
    assert playlist.parse(playlist.render(written)) == written


def test_hashes_are_written_in_capitals_as_the_game_does() -> None:
    assert json.loads(playlist.render(Playlist("", "", "", (SHA1,))))["SongHashes"] == [SHA1.upper()]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"SongHashes": 3}', b'{"SongHashes": ["12"]}', b'{"SongHashes": [3]}', b"[" * 100_000]
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        playlist.parse(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        playlist.parse(data)
    except BadInput:
        return


@pytest.mark.parametrize("end", range(len(WRITTEN_BY_YARG)))
def test_a_file_that_is_cut_off_is_refused(end: int) -> None:
    with pytest.raises(BadInput):
        playlist.parse(WRITTEN_BY_YARG[:end])

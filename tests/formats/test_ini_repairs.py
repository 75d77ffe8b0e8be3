"""A song.ini put right: what it says stays, and what was done can be taken back to the byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadIni
from davproxy.formats import ini_repairs, song_ini
from davproxy.formats.encoding import named

HEADINGS = st.sampled_from(["", "[song]", "[Sonng]", "[Song", "song]", "[general]", "; [song]", "[x]\n[son]"])
TEXTS = st.text(st.characters(codec="cp1252", exclude_characters="\r\n"), max_size=12)


@given(HEADINGS, TEXTS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "cp1252", "utf-16-le", "utf-32-be"]))
def test_it_says_the_same_afterwards_and_is_taken_back(heading: str, value: str, ending: str, codec: str) -> None:
    data = named(codec).encode(ending.join([heading, f"name = x{value}", "artist = A", ""]))
    before = song_ini.parse(data)
    found = ini_repairs.encoding_to_repair(data)
    if found is not None:
        after = ini_repairs.in_encoding(before, "utf-8")
        assert song_ini.parse(song_ini.render(after)).pairs == before.pairs
        assert song_ini.render(ini_repairs.in_encoding(after, found)) == data
    old = ini_repairs.heading_to_repair(before)
    assert old is None or not before.has_song
    if old is not None:
        right = ini_repairs.with_heading(before, old, ini_repairs.HEADING)
        assert right.has_song
        assert right.pairs["artist"] == "A"
        assert song_ini.render(ini_repairs.with_heading(right, ini_repairs.HEADING, old)) == data


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    ini_repairs.encoding_to_repair(data)
    old = ini_repairs.heading_to_repair(song_ini.parse(data))
    if old is not None:
        ini_repairs.with_heading(song_ini.parse(data), old, ini_repairs.HEADING)


def test_what_is_lost_in_another_encoding_is_refused() -> None:
    ini = song_ini.parse("[song]\nname = 猫\n".encode())
    with pytest.raises(BadIni, match="cp1252"):
        ini_repairs.in_encoding(ini, "cp1252")

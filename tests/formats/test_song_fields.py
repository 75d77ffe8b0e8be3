"""The standard fields of song.ini: values as games read and write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadIni
from davproxy.formats import song_fields
from davproxy.formats.song_fields import ALIASES, FIELDS, IDENTITY_KEYS, REQUIRED, Kind


def test_every_name_in_the_lists_is_a_field() -> None:
    assert {*IDENTITY_KEYS, *REQUIRED, *ALIASES.values()} <= set(FIELDS)
    assert not set(ALIASES) & set(FIELDS)


def test_defaults_are_of_the_fields_own_kind() -> None:
    kinds = {Kind.TEXT: str, Kind.NUMBER: int, Kind.FLAG: bool}
    assert all(type(field.default) is kinds[field.kind] for field in FIELDS.values())


@pytest.mark.parametrize(
    ("pairs", "name", "value"),
    [
        ({}, "name", "Unknown Name"),
        ({"name": "0"}, "name", "Unknown Name"),
        ({"frets": "Anna"}, "charter", "Anna"),
        ({"frets": "Anna", "charter": "Bo"}, "charter", "Bo"),
        ({"frets": "Anna", "charter": ""}, "charter", "Anna"),
        ({}, "album_track", 16000),
        ({"track": "3"}, "album_track", 3),
        ({"diff_guitar": "4 of 6"}, "diff_guitar", 4),
        ({"diff_guitar": "hard"}, "diff_guitar", -1),
        ({"song_length": "12345.6"}, "song_length", 12346),
        ({"song_length": "9" * 15}, "song_length", 2**31 - 1),
        ({"song_length": "9" * 5000}, "song_length", 2**31 - 1),
        ({"delay": "-250"}, "delay", -250),
        ({"pro_drums": "True"}, "pro_drums", True),
        ({"pro_drums": "1"}, "pro_drums", True),
        ({"end_events": "maybe"}, "end_events", True),
        ({"end_events": "0"}, "end_events", False),
    ],
)
def test_values_are_read_as_games_read_them(pairs: dict[str, str], name: str, value: object) -> None:
    assert song_fields.value(pairs, name) == value


@given(st.sampled_from(sorted(FIELDS)), st.text())
def test_any_text_is_a_value_of_the_right_kind(name: str, text: str) -> None:
    assert type(song_fields.value({name: text}, name)) is type(FIELDS[name].default)


@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("name", "  A = B ", "A = B"),
        ("diff_guitar", 4, "4"),
        ("diff_guitar", " +4", "4"),
        ("delay", "-250", "-250"),
        ("pro_drums", True, "True"),
        ("pro_drums", "1", "True"),
        ("pro_drums", "false", "False"),
        ("diff_guitar", "", ""),
        ("unknown", 7, "7"),
        ("unknown", 1.5, "1.5"),
        ("preview_start_time", 4.35 * 1000, "4350"),
        ("preview_start_time", 1234.5678, "1235"),
        ("delay", -0.4, "0"),
        ("track", "3", "3"),
    ],
)
def test_values_are_written_as_games_read_them(name: str, given: song_fields.Value | float, line: str) -> None:
    assert song_fields.to_text(name, given) == line


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=12) | st.integers() | st.booleans() | st.floats())
def test_what_is_written_is_read_back(name: str, given_value: song_fields.Value | float) -> None:
    try:
        line = song_fields.to_text(name, given_value)
    except BadIni:
        return
    assert song_fields.to_text(name, line) == line
    value = song_fields.value({name: line}, name)
    match FIELDS[name].kind:
        case Kind.TEXT if line not in ("", "0", "-1"):
            assert value == line
        case Kind.NUMBER if line not in ("", "-1"):
            assert value == int(line)
        case Kind.FLAG if line:
            assert value is (line == "True")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("name", "two\nlines"),
        ("name", "two\rlines"),
        ("diff_guitar", "hard"),
        ("diff_guitar", "4.5"),
        ("diff_guitar", 2**31),
        ("diff_guitar", 1e300),
        ("diff_guitar", math.inf),
        ("diff_guitar", math.nan),
        ("track", "first"),
        ("pro_drums", "maybe"),
    ],
)
def test_what_games_would_not_understand_is_refused_by_name(name: str, given: song_fields.Value) -> None:
    with pytest.raises(BadIni, match=name):
        song_fields.to_text(name, given)

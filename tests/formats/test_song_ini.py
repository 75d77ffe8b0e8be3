"""song.ini: read as games read it, and edited line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadIni
from davproxy.formats import song_fields, song_ini
from davproxy.formats.encoding import UTF8, Encoding
from tests.formats.costs import is_linear

TEXT = """; made by hand
[Song]
Name = <color=#FF0000>100 %</color>
artist=A=B
frets = Anna
  Diff_Guitar   =   4

name = Twice
album : No pair
# note = to self
custom_key = x
[other]
name = elsewhere
"""


def test_pairs_are_what_games_read() -> None:
    ini = song_ini.parse(TEXT.encode())
    assert ini.has_song
    assert ini.pairs == {"name": "Twice", "artist": "A=B", "frets": "Anna", "diff_guitar": "4", "custom_key": "x"}
    assert ini.bad_lines == ("album : No pair",)


@pytest.mark.parametrize("heading", ["[song]", "[SONG]", "  [Song]  ", "[ song ]"])
def test_the_section_is_found_in_any_case(heading: str) -> None:
    assert song_ini.parse(f"{heading}\nname = X".encode()).pairs == {"name": "X"}


def test_without_a_song_section_nothing_is_read() -> None:
    ini = song_ini.parse(b"name = X\n[song\n")
    assert (ini.has_song, ini.pairs, ini.bad_lines) == (False, {}, ("[song",))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_keeps_its_encoding_and_line_ends(codec: str) -> None:
    data = TEXT.replace("Anna", "Zoë").replace("\n", "\r\n").encode(codec)
    ini = song_ini.edit(song_ini.parse(data), {"custom_key": "ñ"})
    assert ini.pairs["frets"] == "Zoë"
    assert song_ini.render(ini).decode(codec) == data.decode(codec).replace("custom_key = x", "custom_key = ñ")


def test_an_edit_changes_one_line() -> None:
    ini = song_ini.edit(
        song_ini.parse(TEXT.encode()),
        {"name": "New", "charter": "Bo", "diff_guitar": 5, "album": "Both", "pro_drums": True},
    )
    expected = (
        TEXT.replace("name = Twice", "name = New")
        .replace("frets = Anna", "frets = Bo")
        .replace("  Diff_Guitar   =   4", "  Diff_Guitar   =   5")
        .replace("custom_key = x\n", "custom_key = x\nalbum = Both\npro_drums = True\n")
    )
    assert song_ini.render(ini).decode() == expected


def test_removing_a_field_removes_all_its_names() -> None:
    ini = song_ini.edit(song_ini.parse(b"[song]\ncharter = A\nname = B\nfrets = C\nname = D\n"), {"charter": None})
    assert song_ini.render(ini) == b"[song]\nname = B\nname = D\n"


def test_a_value_that_is_there_already_changes_nothing() -> None:
    data = b"[song]\nname =  X  \r\n"
    assert song_ini.render(song_ini.edit(song_ini.parse(data), {"name": "X"})) == data


def test_a_character_the_file_cannot_hold_makes_it_utf8() -> None:
    ini = song_ini.edit(song_ini.parse("[song]\nartist = Björk\n".encode("cp1252")), {"name": "猫"})
    assert song_ini.render(ini).decode() == "[song]\nartist = Björk\nname = 猫\n"


def test_cp1252_that_would_read_as_utf8_becomes_utf8() -> None:
    ini = song_ini.edit(song_ini.parse(b"[song]\nname = Caf\xe9\n"), {"name": "CafÃ©"})
    assert song_ini.parse(song_ini.render(ini)).pairs["name"] == "CafÃ©"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"[song]\r\nname = X\r\n"),
        (b"[song]", b"[song]\r\nname = X\r\n"),
        (b"[song]\na = 1", b"[song]\na = 1\nname = X\n"),
        (b"[song]\na = 1\n\n; end\n", b"[song]\na = 1\nname = X\n\n; end\n"),
        (b"a = 1", b"a = 1\r\n[song]\r\nname = X\r\n"),
    ],
)
def test_a_new_key_is_added_at_the_end_of_the_section(before: bytes, after: bytes) -> None:
    assert song_ini.render(song_ini.edit(song_ini.parse(before), {"name": "X"})) == after


def test_a_new_file_is_written_as_every_reader_accepts_it() -> None:
    ini = song_ini.create({"name": "Ünder", "diff_guitar": 3, "pro_drums": False})
    assert song_ini.render(ini) == "[song]\r\nname = Ünder\r\ndiff_guitar = 3\r\npro_drums = False\r\n".encode()


@pytest.mark.parametrize("key", ["", " ", "a=b", "a\nb", "[song]", ";x", "#x"])
def test_a_name_that_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(BadIni):
        song_ini.create({key: "x"})


def test_a_file_too_large_to_be_a_song_ini_is_refused() -> None:
    with pytest.raises(BadIni, match="larger"):
        song_ini.parse(bytes(song_ini.MAX_BYTES + 1))


lines = st.sampled_from([*TEXT.splitlines(), "[song]", "", "name=", "=x", "charter = é", "\x0c", "x = \u20ac"])
files = st.binary(max_size=100) | st.tuples(
    st.lists(lines, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
).map(lambda parts: parts[1].join(parts[0]).encode(parts[2]))
values = st.text(max_size=10).filter(lambda text: "\n" not in text and "\r" not in text)
keys = st.sampled_from(["name", "charter", "custom", "Ünknown"])


@given(files)
def test_any_bytes_are_read_and_written_back(data: bytes) -> None:
    ini = song_ini.parse(data)
    if ini.encoding.codec.startswith("utf-16"):
        data = data[: len(data) & ~1]
    assert song_ini.render(ini) == data
    for text in (*ini.pairs, *ini.pairs.values(), *ini.bad_lines):
        text.encode()


@given(files, keys, values)
def test_an_edit_is_read_back_and_keeps_every_other_line(data: bytes, key: str, value: str) -> None:
    before = song_ini.parse(data)
    after = song_ini.edit(before, {key: value})
    again = song_ini.parse(song_ini.render(after))
    assert again == after
    name = (
        song_fields.FIELDS["charter"].aliases[0] if key == "charter" and "charter" not in again.pairs else key.lower()
    )
    assert again.pairs == {**before.pairs, name: value.strip()}
    if after.encoding == before.encoding:
        kept = {line.rstrip("\r\n") for line in after.lines}
        assert sum(line.rstrip("\r\n") not in kept for line in before.lines) <= 1


@given(files, keys)
def test_a_removed_key_is_gone(data: bytes, key: str) -> None:
    before = song_ini.parse(data)
    after = song_ini.edit(before, {key: None})
    gone = {key.lower(), *song_fields.FIELDS[key].aliases} if key in song_fields.FIELDS else {key.lower()}
    assert after.pairs == {name: value for name, value in before.pairs.items() if name not in gone}
    assert song_ini.parse(song_ini.render(after)) == after


@pytest.mark.parametrize("piece", ["a = b\n", "[song]\n", "=", "[", ";x\n", " \n", "\xe9=\n"])
def test_hostile_files_cost_linear_time(piece: str) -> None:
    def parse(size: int) -> None:
        song_ini.parse.__wrapped__(f"[song]\n{piece * (size // len(piece))}".encode("latin-1"))

    assert is_linear(parse)


def test_plain_files_are_utf8() -> None:
    assert song_ini.parse(b"[song]").encoding == UTF8 == Encoding()


def test_an_older_name_is_another_word_for_the_field() -> None:
    ini = song_ini.parse(b"[song]\ncharter = A\n")
    assert song_ini.edit(ini, {"frets": "B"}).pairs == {"charter": "B"}
    assert song_ini.edit(song_ini.parse(b"[song]\n"), {"frets": "B"}).pairs == {"charter": "B"}
    assert song_ini.edit(song_ini.parse(b"[song]\nfrets = A\n"), {"charter": "B"}).pairs == {"frets": "B"}
    both = song_ini.parse(b"[song]\ncharter = A\nfrets = B\n")
    assert song_ini.edit(both, {"frets": None}).pairs == {"charter": "A"}

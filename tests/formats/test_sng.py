""".sng files: packed, unpacked, edited, and refused."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadSng
from davproxy.formats import sng
from davproxy.formats.sng import Member

MASK = bytes(range(7, 23))
FILES = {"notes.chart": b"[Song]\n{\n}\n" * 40, "song.ogg": b"OggS", "empty.txt": b""}
PAIRS = {"name": "Ünder", "song_length": "1000"}
DATA = sng.render(PAIRS, FILES, MASK)


def test_what_is_packed_is_unpacked() -> None:
    file = io.BytesIO(DATA)
    packed = sng.read(file)
    assert packed.pairs == PAIRS
    assert {name: b"".join(sng.contents(file, packed, member)) for name, member in packed.members.items()} == FILES


def test_contents_are_masked_as_the_format_says() -> None:
    member = sng.parse(DATA, len(DATA)).members["notes.chart"]
    masked = DATA[member.offset : member.offset + member.size]
    assert bytes(byte ^ MASK[i % 16] ^ (i & 255) for i, byte in enumerate(masked)) == FILES["notes.chart"]


def test_a_piece_from_the_middle_is_unmasked() -> None:
    packed = sng.parse(DATA, len(DATA))
    member = packed.members["notes.chart"]
    piece = DATA[member.offset + 300 : member.offset + 320]
    assert sng.unmask(packed, piece, 300) == FILES["notes.chart"][300:320]


def test_the_header_says_how_much_of_the_file_it_needs() -> None:
    start, reads = b"", 0
    while (wanted := sng.header_size(start)) > len(start):
        start, reads = DATA[:wanted], reads + 1
    assert reads == 3
    assert sng.parse(start, len(DATA)) == sng.parse(DATA, len(DATA))


def test_pairs_without_a_value_are_left_out_because_games_refuse_them() -> None:
    data = sng.render({"name": "X", "album": ""}, {}, MASK)
    assert sng.parse(data, len(data)).pairs == {"name": "X"}


def test_keys_are_read_in_lower_case() -> None:
    data = sng.render({"Name": " X "}, {}, MASK)
    assert sng.parse(data, len(data)).pairs == {"name": "X"}


@given(
    st.dictionaries(st.sampled_from(["album.png", "video.webm", "extras/readme.txt"]), st.binary(max_size=600)),
    st.dictionaries(st.sampled_from(["name", "genre"]), st.text("abü", min_size=1), min_size=1),
)
def test_files_are_added_and_the_others_keep_their_bytes(added: dict[str, bytes], pairs: dict[str, str]) -> None:
    sizes = {name: len(content) for name, content in added.items()}
    start, rest = sng.extend(DATA[: sng.header_size(DATA)], len(DATA), pairs, sizes)
    data = start + DATA[rest:] + b"".join(sng.unmask(sng.Sng(MASK, {}, {}), content) for content in added.values())
    packed = sng.read(io.BytesIO(data))
    assert packed.pairs == pairs
    members = {
        name: b"".join(sng.contents(io.BytesIO(data), packed, member)) for name, member in packed.members.items()
    }
    assert members == FILES | added
    assert data == sng.render(pairs, FILES | added, MASK), "as if it was packed with them"


def test_no_file_is_added_twice() -> None:
    with pytest.raises(BadSng):
        sng.extend(DATA, len(DATA), PAIRS, {"song.ogg": 3})


@pytest.mark.parametrize("end", range(0, len(DATA), 7))
def test_a_file_cut_off_is_refused(end: int) -> None:
    with pytest.raises(BadSng):
        sng.read(io.BytesIO(DATA[:end]))


def test_a_file_that_shrinks_while_it_is_read_is_refused() -> None:
    packed = sng.parse(DATA, len(DATA))
    with pytest.raises(BadSng):
        list(sng.contents(io.BytesIO(DATA[:-1]), packed, packed.members["song.ogg"]))


def hostile(*members: Member) -> bytes:
    data = bytearray(sng.render({}, {member.name: b"" for member in members}, MASK))
    for member in members:
        place = data.index(member.name.encode()) + len(member.name.encode())
        struct.pack_into("<QQ", data, place, member.size, member.offset)
    return bytes(data) + bytes(100)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        hostile(Member("a", 1, 0)),
        hostile(Member("a", 2**63, 150)),
        hostile(Member("a", 1, 2**64 - 1)),
        hostile(Member("a", 90, 140), Member("b", 90, 140), Member("c", 90, 140), Member("d", 90, 140)),
        hostile(Member("../a", 0, 150)),
        hostile(Member("a/../b", 0, 150)),
        hostile(Member("/a", 0, 150)),
        hostile(Member("a//b", 0, 150)),
        hostile(Member("a/", 0, 150)),
        hostile(Member("C:a", 0, 150)),
        hostile(Member("a\\b", 0, 150)),
        hostile(Member("..", 0, 150)),
        hostile(Member("a\nb", 0, 150)),
        hostile(Member("twice", 0, 150), Member("other", 0, 150)).replace(b"other", b"twice"),
        DATA[: sng.header_size(DATA) - 1],
        DATA[:26] + struct.pack("<Q", 2**40) + DATA[34:],
        DATA[:26] + struct.pack("<Q", 0) + DATA[34:],
        DATA[:34] + struct.pack("<Q", 2**60) + DATA[42:],
        DATA[:42] + struct.pack("<i", -1) + DATA[46:],
        DATA[:34] + struct.pack("<Q", 5) + DATA[42:],
        DATA[:42] + struct.pack("<i", 2**31 - 1) + DATA[46:],
    ],
)
def test_hostile_files_are_refused(data: bytes) -> None:
    with pytest.raises(BadSng):
        sng.parse(data, len(data))


def test_members_may_lie_in_folders() -> None:
    data = sng.render({}, {"notes.chart": b"1", "extras/deep/readme.txt": b"hi"}, MASK)
    packed = sng.parse(data, len(data))
    assert packed.sizes == {"notes.chart": 1, "extras/deep/readme.txt": 2}


def test_a_name_in_another_encoding_is_read_as_far_as_it_goes() -> None:
    data = sng.render({}, {"notes.chart": b"1", "Bj?rk.txt": b"2"}, MASK).replace(b"Bj?rk", b"Bj\xf6rk")
    assert sng.parse(data, len(data)).sizes == {"notes.chart": 1, "Bj\ufffdrk.txt": 1}


def test_an_empty_member_may_be_anywhere() -> None:
    data = hostile(Member("notes.mid", 0, 0), Member("a", 0, 2**60))
    assert sng.parse(data, len(data)).sizes == {"notes.mid": 0, "a": 0}


names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)


@given(st.dictionaries(names, st.binary(max_size=600), max_size=4), st.binary(min_size=16, max_size=16))
def test_any_files_come_back(files: dict[str, bytes], mask: bytes) -> None:
    file = io.BytesIO(sng.render({}, files, mask))
    packed = sng.read(file)
    assert {name: b"".join(sng.contents(file, packed, member)) for name, member in packed.members.items()} == files


@given(st.binary(max_size=200), st.integers(0, len(DATA)))
def test_any_bytes_are_an_sng_or_a_bad_one(data: bytes, place: int) -> None:
    for start in (data, sng.MAGIC + data, DATA[:place] + data + DATA[place + len(data) :]):
        try:
            packed = sng.parse(start, len(start))
        except BadSng:
            continue
        assert sum(member.size for member in packed.members.values()) <= len(start)


fields = st.dictionaries(names.map(str.lower).map(str.strip), names, max_size=5)


@given(fields, fields, st.dictionaries(names, st.binary(max_size=600), max_size=4), st.binary(max_size=20))
def test_an_edit_keeps_every_byte_inside(
    before: dict[str, str], after: dict[str, str], files: dict[str, bytes], trailing: bytes
) -> None:
    data = sng.render(before, files, MASK) + trailing
    header, end = sng.edit(data[: sng.header_size(data)], after)
    edited = header + data[end:]
    file = io.BytesIO(edited)
    packed = sng.read(file)
    assert packed.pairs == sng.parse(sng.render(after, {}, MASK), 10_000).pairs
    assert {name: b"".join(sng.contents(file, packed, member)) for name, member in packed.members.items()} == files
    assert sng.edit(edited[: sng.header_size(edited)], before)[0] + edited[len(header) :] == data


def test_a_header_has_its_limit() -> None:
    with pytest.raises(BadSng):
        sng.edit(DATA, {"name": "x" * sng.MAX_SECTION})

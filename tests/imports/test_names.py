"""The names of an archive's members: encodings, and paths that are valid on every system."""

import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadArchive
from davproxy.imports.archives.names import Names, encoding_of, parts_of
from davproxy.imports.archives.zip import name_of
from davproxy.paths import NAME_BYTES


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Motörhead/Ace of Spades", "cp437"),
        ("Sigur Rós/Hoppípolla", "cp437"),
        ("Café/Ü", "cp437"),
        ("東京事変/群青日和", "cp932"),
        ("アジカン/リライト", "cp932"),
        ("初音ミク - 千本桜", "cp932"),
        ("Björk/Jóga", "utf-8"),
        ("東京", "utf-8"),
    ],
)
def test_the_encoding_of_a_name_follows_from_its_bytes(name: str, encoding: str) -> None:
    assert encoding_of([name.encode(encoding), b"song.ini"]) == encoding


@given(st.lists(st.lists(st.text(max_size=150), min_size=1, max_size=6), max_size=20))
def test_paths_are_safe_and_all_different(members: list[list[str]]) -> None:
    names, chosen = Names(), []
    for member in members:
        try:
            parts = parts_of("/".join(member))
        except BadArchive:
            continue
        if parts:
            chosen.append(names.path_for(parts))
    assert len({path.casefold() for path in chosen}) == len(chosen)
    for path in chosen:
        for name in path.split("/"):
            assert name not in ("", ".", "..")
            assert len(name.encode()) <= NAME_BYTES
            assert not set(name) & set('<>:"\\|?*\0')
            assert name == name.strip(". ")


def test_files_of_one_folder_stay_together_and_long_names_keep_their_extension() -> None:
    names = Names()
    first = names.path_for(["A?", "song.ini"])
    second = names.path_for(["A?", "x" * 300 + ".ogg"])
    assert first == "A/song.ini"
    assert second.startswith("A/xxx")
    assert second.endswith(".ogg")


def test_a_zip_may_have_the_name_a_second_time_in_unicode() -> None:
    raw = b"caf\x82"
    member = zipfile.ZipInfo(raw.decode("cp437"))
    field = struct.pack("<BL", 1, zlib.crc32(raw)) + "☕".encode()
    member.extra = struct.pack("<HH", 0x7075, len(field)) + field
    assert name_of(member, "cp437") == "☕"
    member.extra = member.extra.replace(struct.pack("<L", zlib.crc32(raw)), b"0000")
    assert name_of(member, "cp437") == "café"

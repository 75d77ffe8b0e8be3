"""Zip archives with headers that contradict each other or are broken, as programs write them."""

import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from davproxy.errors import TooLarge
from davproxy.imports.archives.extraction import DAMAGED_FILE, Extraction
from davproxy.imports.archives.zip import unpack
from tests.imports.archives import zip_of
from tests.imports.unpacking import SONG, unpack_files

pytestmark = pytest.mark.slow


def raw_zip(*members: tuple[bytes, bytes, bytes, int, int, int]) -> bytes:
    """A zip of members (name in the directory, content, name before the content, flags in both places, attributes)."""
    out, directory = b"", b""
    for name, content, local, flags, local_flags, attributes in members:
        crc, size, at = zlib.crc32(content), len(content), len(out)
        out += struct.pack("<4sHHHLLLLHH", b"PK\3\4", 20, local_flags, 0, 0, crc, size, size, len(local), 0)
        out += local + content
        head = struct.pack("<4sHHHHLLLL", b"PK\1\2", 0x314, 20, flags, 0, 0, crc, size, size)
        directory += head + struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, attributes, at) + name
    count, size = len(members), len(directory)
    return out + directory + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, count, count, size, len(out), 0)


UTF8, FOLDER, DOS_FOLDER = 0x800, 0o040755 << 16, 0x10


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ((b"a\\b.txt", b"1", b"a/b.txt", 0, 0, 0), "a/b.txt"),
        ((b"a/b.txt", b"1", b"something else", 0, 0, 0), "a/b.txt"),
        ((b"caf\x82.txt", b"1", "café.txt".encode(), 0, UTF8, 0), "café.txt"),
        (("café.txt".encode(), b"1", b"caf\x82.txt", UTF8, 0, 0), "café.txt"),
        ((b"caf\x82.txt", b"1", b"caf\x82.txt", UTF8, UTF8, 0), "café.txt"),
        (("café.txt".encode(), b"1", "café.txt".encode(), 0, 0, 0), "café.txt"),
    ],
    ids=["separators", "names", "flag before the content", "flag in the directory", "flag without UTF-8", "no flag"],
)
def test_headers_of_a_zip_may_contradict_each_other(
    member: tuple[bytes, bytes, bytes, int, int, int], name: str, tmp_path: Path
) -> None:
    other = (b"b.txt", b"2", b"b.txt", 0, 0, 0)
    assert unpack_files(tmp_path, raw_zip(other, member)) == {"b.txt": b"2", name: b"1"}


@pytest.mark.parametrize("attributes", [FOLDER, DOS_FOLDER])
def test_a_folder_of_a_zip_needs_no_slash(attributes: int, tmp_path: Path) -> None:
    content = raw_zip((b"a", b"", b"a", 0, 0, attributes), (b"a/b.txt", b"1", b"a/b.txt", 0, 0, 0))
    assert unpack_files(tmp_path, content) == {"a/b.txt": b"1"}


@pytest.mark.parametrize("extra", [b"\x01", b"\x01\0\xff\0", b"\x75\x70\x40\0ab", b"\1\0\0\0", b"\xff" * 9])
def test_an_extra_field_of_a_zip_may_be_broken(extra: bytes, tmp_path: Path) -> None:
    content = bytearray(raw_zip((b"a.txt", b"1", b"a.txt", 0, 0, 0), (b"b.txt", b"2", b"b.txt", 0, 0, 0)))
    at = content.find(b"PK\1\2")
    struct.pack_into("<H", content, at + 30, len(extra))
    content[at + 46 + 5 : at + 46 + 5] = extra
    end = content.find(b"PK\5\6")
    struct.pack_into("<L", content, end + 12, end - at)
    assert unpack_files(tmp_path, bytes(content)) == {"a.txt": b"1", "b.txt": b"2"}


def test_a_zip_behind_a_program_that_unpacks_it_is_opened(tmp_path: Path) -> None:
    assert unpack_files(tmp_path, b"MZ" + bytes(5000) + zip_of(SONG)) == SONG


def test_a_damaged_file_in_a_zip_costs_the_others_nothing(tmp_path: Path) -> None:
    content = zip_of(SONG, method=zipfile.ZIP_STORED).replace(bytes(range(9)), b"damaged..", 1)
    name = "Pack/Artist - Title/song.ogg"
    found = unpack_files(tmp_path, content, [(name, DAMAGED_FILE)])
    assert found == {path: data for path, data in SONG.items() if path != name}


def directory(entries: int, *, zip64: bool) -> bytes:
    """A zip that consists of a directory of `entries` empty files."""
    rows = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0) + b"%08x" % number
        for number in range(entries)
    )
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, len(rows), 30)
    wide += struct.pack("<4sLQL", b"PK\6\7", 0, 30 + len(rows), 1)
    size, offset = (0xFFFFFFFF, 0xFFFFFFFF) if zip64 else (len(rows), 30)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, size, offset, 65_000) + bytes(65_000)
    return b"PK\3\4" + bytes(26) + rows + (wide if zip64 else b"") + end


@pytest.mark.parametrize("zip64", [False, True])
def test_a_directory_of_very_many_files_is_not_read(zip64: bool, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(directory(5000, zip64=zip64))
    extraction = Extraction(tmp_path, packed=archive.stat().st_size, max_size=10**6, max_entries=99)
    peak = 0
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="99 files"):
            unpack(archive, extraction)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 500_000

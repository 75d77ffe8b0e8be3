"""Archives that are damaged or cut short: what is whole comes out, what is not is named, nothing wrong comes out."""

import gzip
import os
import random
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from davproxy.errors import BadArchive, DavproxyError, TooLarge
from davproxy.imports.archives.extraction import DAMAGED, DAMAGED_FILE, DAMAGED_FOLDER
from davproxy.imports.archives.unpack import unpack_in_child
from tests.imports.archives import PACKERS, seven_zip_of, tar_of, tar_xz_of
from tests.imports.conftest import House, song
from tests.imports.rar_writer import rar4, rar5
from tests.imports.test_unpack import need

pytestmark = pytest.mark.slow

SONGS = {
    f"{title}/{name}": random.Random(f"{title}{name}").randbytes(size)
    for title in ("One", "Two", "Three")
    for name, size in (("song.ini", 90), ("notes.chart", 3000), ("song.ogg", 30_000), ("guitar.ogg", 20_000))
}
NOTICES_A_WRONG_BYTE = ("zip", "7z", "rar4", "rar5")
"""Kinds with a checksum for each file. A tar has none, and a compressed one has one for all of it."""


def wrong(content: bytes, name: str) -> bytes:
    """The archive, in which some bytes of the file `name` are zero. They are stored as they are, as they are random."""
    return content.replace(SONGS[name][1000:1050], bytes(50))


def unpacked(folder: Path, content: bytes) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """The files that come out, and what is listed as failed."""
    (folder / "out").mkdir(parents=True)
    (folder / "archive").write_bytes(content)
    request = {"archive": str(folder / "archive"), "folder": str(folder / "out"), "size": 10**9, "entries": 99}
    answer = unpack_in_child(request, lambda _step, _progress: None)
    return {path: (folder / "out" / path).read_bytes() for path in answer["sizes"]}, answer["failed"]


@pytest.mark.parametrize("kind", NOTICES_A_WRONG_BYTE)
@pytest.mark.parametrize("bad", [["One/song.ogg"], ["One/song.ogg", "Three/guitar.ogg"], ["Three/guitar.ogg"]])
def test_a_file_with_wrong_bytes_costs_the_others_nothing(kind: str, bad: list[str], tmp_path: Path) -> None:
    need(kind)
    content = PACKERS[kind](SONGS)
    for name in bad:
        content = wrong(content, name)
    files, failed = unpacked(tmp_path, content)
    assert failed == [(name, DAMAGED_FILE) for name in bad]
    assert files == {name: body for name, body in SONGS.items() if name not in bad}


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.xz", "rar4", "rar5"])
def test_an_archive_cut_short_keeps_the_files_before_the_cut(kind: str, tmp_path: Path) -> None:
    need(kind)
    content = PACKERS[kind](SONGS)
    files, failed = unpacked(tmp_path, content[: len(content) * 45 // 100])  # within Two/song.ogg
    assert files == {name: body for name, body in SONGS.items() if name.startswith("One")} | {
        name: SONGS[name] for name in ("Two/song.ini", "Two/notes.chart")
    }
    assert ("Two/song.ogg", DAMAGED_FILE) in failed


def test_a_block_of_a_7z_that_cannot_be_decompressed_costs_the_other_blocks_nothing(tmp_path: Path) -> None:
    text = {name: bytes(range(256)) * 200 + body for name, body in SONGS.items()}
    content = bytearray(seven_zip_of(text))
    content[len(content) // 2] ^= 0xFF
    content[len(content) // 2 + 3000 : len(content) // 2 + 9000] = b"\xff" * 6000
    files, failed = unpacked(tmp_path, bytes(content))
    assert files
    assert failed
    assert {path for path, _ in failed} | set(files) == set(SONGS)
    assert all(text[name] == body for name, body in files.items())


def test_a_damaged_header_in_a_tar_costs_only_the_songs_around_it(tmp_path: Path) -> None:
    content = bytearray(tar_of(SONGS))
    content[content.index(b"Two/notes.chart")] ^= 0xFF
    files, failed = unpacked(tmp_path, bytes(content))
    assert failed == [("Two", DAMAGED_FOLDER)]
    assert files == {name: body for name, body in SONGS.items() if name != "Two/notes.chart"}


def test_a_damaged_header_at_the_end_of_a_tar_is_named(tmp_path: Path) -> None:
    content = bytearray(tar_of(SONGS))
    content[content.index(b"Three/guitar.ogg")] ^= 0xFF
    files, failed = unpacked(tmp_path, bytes(content))
    assert failed == [("Three", DAMAGED_FOLDER)]
    assert files == {name: body for name, body in SONGS.items() if name != "Three/guitar.ogg"}


def test_tars_one_after_the_other_are_one(tmp_path: Path) -> None:
    one, two = tar_of({"a": b"1"}), tar_of({"b": b"2"})
    assert unpacked(tmp_path, one + two) == ({"a": b"1", "b": b"2"}, [])


def test_output_of_a_decompressor_that_failed_is_not_trusted(tmp_path: Path) -> None:
    large = {f"{title}/song.ogg": random.Random(title).randbytes(3 << 20) for title in ("Trusted", "Doubtful")}
    content = tar_xz_of(large | SONGS)
    at = len(content) - 50_000  # in the last songs
    files, failed = unpacked(tmp_path, content[:at] + bytes(2000) + content[at + 2000 :])
    assert files == {"Trusted/song.ogg": large["Trusted/song.ogg"]}
    assert {path for path, _ in failed} > {"Doubtful/song.ogg", "One/song.ini"}


def test_a_wrong_checksum_of_the_whole_refuses_all(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match=DAMAGED):
        unpacked(tmp_path, wrong(gzip.compress(tar_of(SONGS), 0), "Two/song.ogg"))


def pax_header(size: int) -> bytes:
    """A PAX header of `size` zeros."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, size
    return header.tobuf() + bytes(size)


def many_pax_headers(size: int) -> bytes:
    """PAX headers, one describing the other, of `size` bytes in all."""
    return (pax_header(512) * (size // 1024)) + bytes(512)


def long_name(size: int) -> bytes:
    """GNU tar's way of a name of `size` bytes."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, size
    return header.tobuf() + b"a" * size


def sparse_map(size: int) -> bytes:
    """A sparse file whose map takes `size` bytes."""
    header = tarfile.TarInfo("x")
    header.type = tarfile.GNUTYPE_SPARSE
    raw = bytearray(header.tobuf())
    raw[482] = 1
    raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + sum(raw[156:512]) + 8 * 32)
    part = bytearray(512)
    part[504] = 1
    return bytes(raw) + bytes(part) * (size // 512)


@pytest.mark.parametrize("describe", [pax_header, many_pax_headers, long_name, sparse_map])
@pytest.mark.parametrize("before", [{}, {"song.ini": b"[song]"}])
def test_what_describes_a_file_in_a_tar_is_bounded(
    describe: Callable[[int], bytes], before: Mapping[str, bytes], tmp_path: Path
) -> None:
    start = tar_of(before)[: 1024 * len(before)]
    with pytest.raises(BadArchive):
        unpacked(tmp_path, start + describe(1 << 20))


def test_names_and_attributes_that_programs_write_are_read(tmp_path: Path) -> None:
    name = "/".join(["folder" * 20] * 8) + "/song.ini"
    (tmp_path / "a").write_bytes(b"")
    with tarfile.open(tmp_path / "a", "w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo(name)
        member.pax_headers = {"LIBARCHIVE.xattr.com.apple.metadata": "A" * 20_000, "SCHILY.xattr.x": "B" * 20_000}
        archive.addfile(member)
    files, failed = unpacked(tmp_path / "b", (tmp_path / "a").read_bytes())
    assert failed == []
    assert len(files) == 1


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(PACKERS)),
    end=st.floats(0.2, 1),
    changes=st.lists(st.tuples(st.floats(0.05, 0.95), st.integers(1, 255)), max_size=3),
)
def test_a_damaged_archive_gives_right_files_or_names_their_songs(
    kind: str, end: float, changes: list[tuple[float, int]], tmp_path: Path
) -> None:
    need(kind)
    content = bytearray(PACKERS[kind](SONGS))
    if kind in NOTICES_A_WRONG_BYTE:  # in the others nothing may tell
        for share, value in changes:
            content[int(share * len(content))] ^= value
    content = content[: int(len(content) * end)]
    folder = tmp_path / os.urandom(6).hex()
    try:
        files, failed = unpacked(folder, bytes(content))
    except (DavproxyError, MemoryError):
        return
    named = {path.partition("/")[0] for path, _ in failed}
    assert all(SONGS.get(path) == body or path.partition("/")[0] in named for path, body in files.items())
    for title in {path.partition("/")[0] for path in files} - named:
        assert {path for path in SONGS if path.startswith(title + "/")} <= set(files)


@pytest.mark.parametrize("kind", ["7z", "rar5", "tar"])
def test_the_good_songs_of_a_damaged_archive_are_imported_and_the_note_names_the_bad_one(
    kind: str, home: House
) -> None:
    need(kind)
    songs = {f"{title}/{name}": body for title in ("One", "Two") for name, body in song(title).items()}
    songs["Two/guitar.ogg"] = SONGS["Two/guitar.ogg"]
    content = PACKERS[kind](songs)
    at = content.index(SONGS["Two/guitar.ogg"][:64]) if kind != "7z" else len(content) - 8000
    bad = content[: at + 99] if kind == "tar" else content[: at + 99] + bytes(50) + content[at + 149 :]
    job = home.run_import("/Drop/pack.x", bad)
    assert job.result is not None
    assert [found["title"] for found in job.result["songs"]] == ["One"]
    assert "Two/guitar.ogg: It is damaged in the archive" in home.library.tree.read("/Drop/pack.x.error.txt").decode()
    assert "pack.x" in home.tree("/Drop")


@pytest.mark.parametrize("pack", [rar4, rar5])
def test_a_rar_of_very_many_files_is_not_read_to_its_end(pack: Callable[..., bytes], tmp_path: Path) -> None:
    need("rar")
    with pytest.raises(TooLarge, match="99 files"):
        unpacked(tmp_path / "a", pack({str(number): b"" for number in range(300)}))
    assert len(unpacked(tmp_path / "b", pack({str(number): b"1" for number in range(99)}))[0]) == 99

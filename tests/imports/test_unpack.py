"""Archives of every kind, honest and hostile: what is unpacked, what is refused, and that nothing else is written."""

import io
import os
import resource
import shutil
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from davproxy.errors import BadArchive, DavproxyError, TooLarge
from davproxy.imports.archives.extraction import BOMB, DAMAGED, ENCRYPTED, SPECIAL, Extraction
from davproxy.imports.archives.unpack import TOO_DEEP, unpack, unpack_in_child
from davproxy.settings import Settings
from tests.imports.archives import PACKERS, seven_zip_of, tar_of, zip_of
from tests.imports.rar_writer import rar4, rar5
from tests.imports.unpacking import SONG, archive_file, unpack_files

pytestmark = pytest.mark.slow

RAR_TOOLS = shutil.which("bsdtar") and shutil.which("unar")
OUTSIDE = "a name that points outside of it. It was not unpacked."
SLIPS = [
    "../evil", "../../evil", "a/../../evil", "a/b/../../../evil", "..", "../", "a/..", "a/../..",
    "/evil", "//evil", "///etc/passwd", "/etc/cron.d/evil", "\\evil", "\\\\host\\share\\evil", "//host/share/evil",
    "..\\evil", "..\\..\\evil", "a\\..\\..\\evil", "a/..\\../evil", "..\\/evil", "./../evil", "././../evil",
    "C:\\evil", "C:/evil", "c:/windows/evil", "C:evil", "Z:", "\\\\?\\C:\\evil", "\\\\.\\COM1", "a/C:/evil",
    ".. /evil", " ../evil", "...", "..../evil", "../evil\u0000.txt", "%2e%2e/evil", "~/evil", "~root/evil",
    "file.txt:stream", "a//..//..//evil",
]  # fmt: skip


def need(kind: str) -> None:
    if kind.startswith("rar") and not RAR_TOOLS:
        pytest.skip("needs the Debian packages unar and libarchive-tools")


@pytest.mark.parametrize("kind", PACKERS)
def test_every_kind_gives_its_files_back_whatever_its_name(kind: str, tmp_path: Path) -> None:
    need(kind)
    assert unpack_files(tmp_path, PACKERS[kind](SONG)) == SONG


@pytest.mark.parametrize("kind", ["zip", "tar", "7z", "rar4", "rar5"])
def test_forty_names_that_try_to_leave_the_folder(kind: str, tmp_path: Path) -> None:
    need(kind)
    assert len(SLIPS) == 40
    refused = 0
    for number, name in enumerate(SLIPS):
        folder = tmp_path / str(number)
        (folder / "out").mkdir(parents=True)
        (folder / "archive").write_bytes(PACKERS[kind]({"song.ini": b"[song]", name: b"evil"}))
        request = {"archive": str(folder / "archive"), "folder": str(folder / "out"), "size": 10**9, "entries": 99}
        try:
            unpack_in_child(request, lambda _step, _progress: None)
        except BadArchive:
            refused += 1
        assert {path.name for path in folder.iterdir()} == {"archive", "out"}
    assert refused >= 20
    assert {path.name for path in tmp_path.iterdir()} == {str(number) for number in range(len(SLIPS))}
    assert not Path("/evil").exists()


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    cases = [linked_zip(), linked_tar(tarfile.SYMTYPE), linked_tar(tarfile.LNKTYPE), linked_tar(tarfile.CHRTYPE)]
    cases += [linked_tar(tarfile.FIFOTYPE), linked_seven_zip(tmp_path)]
    if RAR_TOOLS:
        cases += [rar4(SONG, links={"out": "/etc"}), rar5(SONG, links={"out": "../.."})]
    for number, content in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        files = unpack_files(folder, content, [("out", SPECIAL)])
        assert set(files) - set(SONG) <= {"other", "out (2)/evil"}
        assert files


def linked_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("out")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc")
        archive.writestr("out/evil", "evil")
    return out.getvalue()


def linked_tar(kind: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = kind, "/etc/passwd"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("other"))
    return out.getvalue()


def linked_seven_zip(tmp_path: Path) -> bytes:
    import py7zr

    (tmp_path / "link").symlink_to("/etc/passwd")
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.write(tmp_path / "link", "out")
        archive.writestr("", "other")
    (tmp_path / "link").unlink()
    return out.getvalue()


@pytest.mark.slow
def test_bombs_are_refused_within_two_seconds_of_work(tmp_path: Path) -> None:
    zeros = bytes(10**6)
    bombs = [
        (overlapping_zip(), BadArchive),
        (zip_of({f"{number}": zeros * 30 for number in range(20)}), BadArchive),
        (lying_zip(), BadArchive),
        (tarfile_of_zeros(), BadArchive),
        (zip_of({str(number): b"" for number in range(1001)}), TooLarge),
        (tar_of({str(number): b"" for number in range(1001)}), TooLarge),
    ]
    if RAR_TOOLS:
        bombs += [
            (rar5({"a": b"x"}, sizes={"a": 1 << 50}), TooLarge),
            (rar4({"a": b"x"}, sizes={"a": 1 << 31}), BadArchive),
        ]
    for number, (content, error) in enumerate(bombs):
        folder = tmp_path / str(number)
        folder.mkdir()
        began = processor_seconds()
        with pytest.raises(error):
            unpack_files(folder, content, ARCHIVE_ENTRIES="1000")
        assert processor_seconds() - began < 2.0, f"bomb {number}"


def test_bombs_in_an_archive_are_named_and_cost_the_others_nothing(tmp_path: Path) -> None:
    bombs = {f"{number}.zip": zip_of({"a": bytes(40 * 10**6)}) for number in range(8)}
    (tmp_path / "out").mkdir()
    content = zip_of({**bombs, "song.zip": zip_of({"song.ini": b"[song]"})})
    failed = unpack(archive_file(tmp_path, content), tmp_path / "out", Settings.read({}, tmp_path / "none"))
    assert {reason for _, reason in failed} == {BOMB}
    assert len(failed) >= 4
    assert (tmp_path / "out/song/song.ini").read_bytes() == b"[song]"


def processor_seconds() -> float:
    """Processor time of this process and its ended children; a busy machine does not lengthen it."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def overlapping_zip() -> bytes:
    """Five hundred directory entries for one member, of 10 MB each."""
    content = bytearray(zip_of({"a": bytes(10**7)}))
    directory = content.rfind(b"PK\x01\x02")
    end = content.rfind(b"PK\x05\x06")
    entry = bytes(content[directory:end])
    tail = struct.pack("<LHHHHLLH", 0x06054B50, 0, 0, 500, 500, 500 * len(entry), directory, 0)
    return bytes(content[:directory]) + entry * 500 + tail


def lying_zip() -> bytes:
    """A directory that announces 10 bytes for a member of 50 MB."""
    content = bytearray(zip_of({"a": bytes(50 * 10**6)}))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<L", 10)
    return bytes(content)


def tarfile_of_zeros() -> bytes:
    header = tarfile.TarInfo("zeros")
    header.size = 400 * 10**6
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(
        [packer.compress(header.tobuf()), *(packer.compress(bytes(10**6)) for _ in range(400)), packer.flush()]
    )


def test_the_limit_for_unpacked_bytes_holds_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="1 MiB"):
        unpack_files(tmp_path, zip_of({"a": os.urandom(2 * 2**20)}, method=zipfile.ZIP_STORED), UNPACKED_LIMIT="1 MiB")
    assert list((tmp_path / "out").iterdir()) == []


def test_encrypted_archives_say_so(tmp_path: Path) -> None:
    locked_zip = bytearray(zip_of(SONG))
    for at in (locked_zip.find(b"PK\x03\x04") + 6, locked_zip.find(b"PK\x01\x02") + 8):
        locked_zip[at] |= 1
    cases = [bytes(locked_zip), seven_zip_of(SONG, password="secret")]
    if RAR_TOOLS:
        cases += [rar4(SONG, encrypted=True), rar5(SONG, encrypted=True)]
    for number, content in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(BadArchive, match="encrypted"):
            unpack_files(folder, content)


def test_volumes_say_so(tmp_path: Path) -> None:
    last = bytearray(zip_of(SONG))
    last[last.rfind(b"PK\x05\x06") + 4] = 3
    cases = [b"PK\x07\x08" + zip_of(SONG), bytes(last)]
    if RAR_TOOLS:
        cases += [rar4(SONG, volume=True), rar5(SONG, volume=True)]
    for number, content in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(BadArchive, match="volumes"):
            unpack_files(folder, content)


def test_archives_in_archives_are_opened_three_deep(tmp_path: Path) -> None:
    third = tar_of({"song.ini": b"3", "four.zip": zip_of({"song.ini": b"4"})})
    files = {"a/one.zip": zip_of({"song.ini": b"1"}), "b/two.7z": seven_zip_of({"x/song.ini": b"2", "three": third})}
    found = unpack_files(tmp_path, zip_of(files), [("b/two/three/four.zip", TOO_DEEP)])
    assert found.pop("b/two/three/four.zip")
    assert found == {"a/one/song.ini": b"1", "b/two/x/song.ini": b"2", "b/two/three/song.ini": b"3"}


def test_an_archive_inside_shares_no_folder_with_other_files(tmp_path: Path) -> None:
    files = {"one/song.ini": b"1", "one.zip": zip_of({"song.ini": b"2"}), "ONE.tar": tar_of({"song.ini": b"3"})}
    found = unpack_files(tmp_path, zip_of(files))
    assert found == {"one/song.ini": b"1", "ONE (2)/song.ini": b"3", "one (3)/song.ini": b"2"}


@pytest.mark.parametrize("folder", ["a", "a/extras/more"])
def test_an_archive_in_a_song_stays_as_it_is(folder: str, tmp_path: Path) -> None:
    files = {"a/song.ini": b"1", "a/notes.chart": b"2", f"{folder}/extras.zip": zip_of({"b": b"2"})}
    assert unpack_files(tmp_path, zip_of(files)) == files


def test_a_bad_archive_inside_is_named_and_costs_the_others_nothing(tmp_path: Path) -> None:
    locked = seven_zip_of({"b": b"1"}, password="secret")
    bad = {"cut.zip": zip_of(SONG)[:-100], "out.zip": zip_of({"a": b"1", "../a": b"1"}), "locked.7z": locked}
    failed = [("cut.zip", DAMAGED), ("locked.7z", ENCRYPTED), ("out.zip", f"The archive holds “../a”, {OUTSIDE}")]
    assert unpack_files(tmp_path, zip_of({"one.zip": zip_of({"a": b"1"}), **bad}), failed) == {"one/a": b"1"}


def test_an_archive_with_nothing_but_bad_ones_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match=r"two\.zip.*outside"):
        unpack_files(tmp_path, zip_of({"two.zip": zip_of({"../a": b"1"})}))


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("start", ["/", "\\", "./", "//", "\\\\host\\"])
def test_separators_at_the_start_of_names_do_not_count(start: str, kind: str, tmp_path: Path) -> None:
    need(kind)
    files = {start + name: content for name, content in SONG.items()}
    before = "host/" if "host" in start else ""
    assert unpack_files(tmp_path, PACKERS[kind](files)) == {before + name: content for name, content in SONG.items()}


@pytest.mark.parametrize("name", ["pack.7z.001", "pack.z01", "pack.r00", "pack.part2.rar", "pack.002"])
@pytest.mark.parametrize("start", [b"7z\xbc\xaf\x27\x1c", b"anything"])
def test_one_volume_of_several_says_so_whatever_is_in_it(start: bytes, name: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    config = Settings.read({"TEMP_DIR": str(tmp_path)}, tmp_path / "none")
    with pytest.raises(BadArchive, match="volumes"):
        unpack(archive_file(tmp_path, start + bytes(99)), tmp_path / "out", config, name=name)


def test_a_tar_without_a_signature_is_opened(tmp_path: Path) -> None:
    old = bytearray(tar_of({"song.ini": b"[song]"}))
    old[257:265] = bytes(8)
    old[148:156] = b" " * 8
    old[148:155] = b"%06o\0" % sum(old[:512])
    assert unpack_files(tmp_path, bytes(old)) == {"song.ini": b"[song]"}


def test_what_is_no_archive_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match="no archive"):
        unpack_files(tmp_path, b"just some text")


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(PACKERS)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_mutated_archives_end_in_an_error_or_in_plain_files(
    kind: str, changes: list[tuple[float, int]], tmp_path: Path
) -> None:
    need(kind)
    content = bytearray(PACKERS[kind]({"a/song.ini": b"[song]", "a/notes.chart": b"x" * 3000}))
    for share, value in changes:
        content[int(share * (len(content) - 1))] = value
    shutil.rmtree(tmp_path / "case", ignore_errors=True)
    folder = tmp_path / "case"
    (folder / "out").mkdir(parents=True)
    (folder / "archive").write_bytes(content)
    request = {"archive": str(folder / "archive"), "folder": str(folder / "out"), "size": 10**8, "entries": 99}
    try:
        files = unpack_in_child(request, lambda _step, _progress: None)["sizes"]
    except (DavproxyError, MemoryError):
        return
    assert sum(files.values()) <= 10**8
    assert all((folder / "out" / path).stat().st_size == size for path, size in files.items())


def test_paths_differ_even_if_upper_and_lower_case_are_the_same(tmp_path: Path) -> None:
    extraction = Extraction(tmp_path, packed=1, max_size=1000, max_entries=100)
    paths = [
        extraction.path_for(name)
        for name in ("A/song.ini", "a/song.ini", "A/Song.ini", "A/song.ini", "CON/aux.txt", "x. /y")
    ]
    assert paths == ["A/song.ini", "a (2)/song.ini", "A/Song (2).ini", "A/song (3).ini", "_CON/_aux.txt", "x/y"]

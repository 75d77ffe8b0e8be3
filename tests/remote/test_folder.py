"""What only a local folder has: links, Unicode forms on the disk, unfinished uploads of a dead process, a full disk."""

import os
import resource
import subprocess
import sys
import threading
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from davproxy.errors import BadPath, Forbidden, NoSpace, NotFound, Unavailable, WrongKind
from davproxy.model import ABSENT
from davproxy.paths import MOST_NAMES
from davproxy.remote.local.folder import RESERVED, Folder
from tests.remote.conftest import FOLDERS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def folder(root: Path) -> Folder:
    subject = Folder(root, FOLDERS)
    subject.connect()
    return subject


def names(folder: Path) -> list[str]:
    return sorted(child.name for child in folder.iterdir())


def test_a_file_where_the_library_should_be(tmp_path: Path) -> None:
    (tmp_path / "library").write_text("mine")
    with pytest.raises(WrongKind, match="LIBRARY_DIR"):
        Folder(tmp_path / "library", FOLDERS).connect()
    assert (tmp_path / "library").read_text() == "mine"


def test_a_file_where_the_scores_should_be(root: Path) -> None:
    """A library of an older version may have one."""
    root.mkdir()
    (root / "Scores").write_text("mine")
    folder = Folder(root, FOLDERS)
    folder.connect()
    assert [entry.path for entry in folder.children("/") if entry.is_folder] == sorted({*FOLDERS} - {"/Scores"})
    assert (root / "Scores").read_text() == "mine"


def test_those_who_write_at_once_wait_for_the_disk_together(root: Path) -> None:
    """One after the other, each would wait for all before it."""
    together = threading.Barrier(3, timeout=30)
    waits_for: list[Path] = []

    def sync(folder: Path) -> None:
        waits_for.append(folder)
        together.wait()

    folder = Folder(root, FOLDERS, sync_folder=sync)
    folder.connect()
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda number: folder.write(f"/Songs/{number}", b"1"), range(3)))
    assert waits_for == [root / "Songs"] * 3


def test_an_overwrite_asks_the_disk_few_times(folder: Folder) -> None:
    """Each question costs a small file as much as a tenth of its write. Both fsyncs keep it through a power cut."""
    folder.write("/Songs/a.txt", b"1")
    calls: Counter[str] = Counter()

    def count(_frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and getattr(function, "__module__", None) == "posix":
            calls[function.__name__] += 1

    sys.setprofile(count)
    try:
        folder.write("/Songs/a.txt", b"2")
    finally:
        sys.setprofile(None)
    assert calls["lstat"] + calls["stat"] <= 5  # both names before and at the end, and what the file is then
    assert calls["fsync"] == 2


def test_links_are_neither_listed_nor_followed(folder: Folder, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (root / "Songs" / "link").symlink_to(outside)
    (root / "Songs" / "link.txt").symlink_to(outside / "secret.txt")
    (root / "Songs" / "loop").symlink_to(root / "Songs")
    assert folder.children("/Songs") == []
    for path in ("/Songs/link", "/Songs/link/secret.txt", "/Songs/link.txt", "/Songs/loop"):
        with pytest.raises(NotFound):
            folder.read(path)
        with pytest.raises((NotFound, WrongKind)):
            folder.write(path, b"overwritten")
        with pytest.raises((NotFound, WrongKind)):
            folder.make_folder(f"{path}/new")
    folder.make_folder("/Songs/Real")
    folder.write("/Songs/Real/a.txt", b"1")
    (root / "Songs" / "Real" / "link").symlink_to(outside)
    folder.copy("/Songs/Real", "/Songs/Copy")
    assert names(root / "Songs" / "Copy") == ["a.txt"]
    folder.delete("/Songs/Real")
    assert names(outside) == ["secret.txt"]
    assert (outside / "secret.txt").read_text() == "secret"


def test_a_library_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "library").symlink_to(tmp_path / "disk")
    folder = Folder(tmp_path / "library", FOLDERS)
    folder.connect()
    folder.write("/Songs/a.txt", b"1")
    assert (tmp_path / "disk" / "Songs" / "a.txt").read_bytes() == b"1"


def test_decomposed_names_on_the_disk(folder: Folder, root: Path) -> None:
    name = "Beyoncé.txt"
    decomposed = unicodedata.normalize("NFD", name)
    (root / "Songs" / decomposed).write_bytes(b"1")
    assert [entry.path for entry in folder.children("/Songs")] == [f"/Songs/{name}"]
    assert folder.read(f"/Songs/{name}") == b"1"
    folder.write(f"/Songs/{name}", b"2")
    assert names(root / "Songs") == [decomposed]
    (root / "Songs" / name).write_bytes(b"composed")
    assert folder.read(f"/Songs/{name}") == b"composed"
    assert len(folder.children("/Songs")) == 1


def test_what_no_path_can_hold_is_left_out(folder: Folder, root: Path) -> None:
    for name in ("back\\slash", "line\nbreak", os.fsdecode(b"not utf-8 \xff")):
        (root / "Songs" / name).touch()
    os.mkfifo(root / "Songs" / "pipe")
    folder.write("/Songs/good.txt", b"1")
    assert [entry.path for entry in folder.children("/Songs")] == ["/Songs/good.txt"]
    assert [entry.path for entry in folder.walk("/Songs")] == ["/Songs/good.txt"]
    with pytest.raises(NotFound):
        folder.read("/Songs/pipe")


def test_no_path_leads_into_the_reserved_folder(folder: Folder) -> None:
    assert not [entry for entry in folder.children("/") if RESERVED in entry.path]
    for path in (f"/{RESERVED}", f"/{RESERVED}/trash", f"/{RESERVED.upper()}/x"):
        with pytest.raises(BadPath):
            folder.stat(path)
        with pytest.raises(BadPath):
            folder.make_folder(path)


def test_an_edit_in_place_that_keeps_size_and_time_changes_the_etags(folder: Folder, root: Path) -> None:
    folder.make_folder("/Songs/A")
    before = folder.write("/Songs/A/a.txt", b"one", modified=1_500_000_000)
    above = folder.stat("/Songs")
    file = root / "Songs" / "A" / "a.txt"
    file.write_bytes(b"two")
    os.utime(file, (1_500_000_000, 1_500_000_000))
    assert folder.stat("/Songs/A/a.txt").etag != before.etag
    assert folder.stat("/Songs").etag != above.etag


def test_old_uploads_of_a_dead_process_are_removed(folder: Folder, root: Path) -> None:
    upload = folder.upload("/Songs/a.txt")
    upload.write(b"half")
    assert len(names(root / RESERVED / "uploads")) == 1
    folder.connect()
    assert len(names(root / RESERVED / "uploads")) == 1, "an upload under way is kept"
    assert folder.children("/Songs") == []
    upload.abort()
    assert names(root / RESERVED / "uploads") == []


def test_a_failed_write_leaves_nothing_staged(folder: Folder, root: Path) -> None:
    folder.write("/Songs/a.txt", b"1")
    upload = folder.upload("/Songs/a.txt")
    upload.write(b"mine")
    folder.write("/Songs/a.txt", b"other")
    with pytest.raises(Exception, match="changed elsewhere"):
        upload.commit()
    assert names(root / RESERVED / "uploads") == []


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk(folder: Folder, root: Path) -> None:
    folder.write("/Songs/a.txt", b"old")
    with largest_file(100_000), pytest.raises(NoSpace):
        folder.write("/Songs/a.txt", b"x" * 200_000)
    assert folder.read("/Songs/a.txt") == b"old"
    assert names(root / RESERVED / "uploads") == []
    with pytest.raises(NoSpace):
        folder.upload("/Songs/huge", size=1 << 60)


def test_a_file_cut_while_it_is_read(folder: Folder, root: Path) -> None:
    folder.write("/Songs/a.bin", b"x" * 3_000_000)
    with folder.stream("/Songs/a.bin") as blocks:
        next(blocks)
        os.truncate(root / "Songs" / "a.bin", 1_500_000)
        with pytest.raises(Unavailable):
            list(blocks)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_a_folder_we_may_not_enter(folder: Folder, root: Path) -> None:
    folder.make_folder("/Songs/A")
    (root / "Songs" / "A").chmod(0)
    try:
        with pytest.raises(Forbidden):
            list(folder.walk("/Songs"))
    finally:
        (root / "Songs" / "A").chmod(0o755)


def test_old_items_of_the_bin_are_removed(root: Path) -> None:
    """An item's age counts from its status time, which nobody can set, so the clock is set ahead."""
    folder = Folder(root, FOLDERS)
    folder.connect()
    folder.write("/Songs/a.txt", b"1")
    folder.delete("/Songs/a.txt")
    folder.connect()
    assert len(folder.trash()) == 1
    later = Folder(root, FOLDERS, clock=lambda: time.time() + 31 * 86400)
    later.connect()
    assert later.trash() == []


def test_a_new_file_has_the_mode_of_the_umask(folder: Folder, root: Path) -> None:
    folder.write("/Songs/a.txt", b"1", guard=ABSENT)
    plain = root / "plain"
    plain.write_bytes(b"1")
    assert (root / "Songs" / "a.txt").stat().st_mode == plain.stat().st_mode
    (root / "Songs" / "a.txt").chmod(0o640)
    folder.write("/Songs/a.txt", b"2")
    assert (root / "Songs" / "a.txt").stat().st_mode & 0o777 == 0o640


def test_entries_deeper_than_the_longest_path_are_not_listed(root: Path, folder: Folder) -> None:
    made = "/" + "/".join("a" * (MOST_NAMES - 1))
    folder.make_folder("/Songs" + made[2:])
    bottom = os.open(root / FOLDERS["/Songs"], os.O_RDONLY)
    for _ in range(1200):  # by descriptors: the whole path is too long for one call
        with suppress(FileExistsError):
            os.mkdir("a", dir_fd=bottom)
        below = os.open("a", os.O_RDONLY, dir_fd=bottom)
        os.close(bottom)
        bottom = below
    os.close(bottom)
    folder.write("/Songs/b", b"b")
    found = [entry.path for entry in folder.walk("/Songs")]
    assert (len(found), max(path.count("/") for path in found)) == (MOST_NAMES, MOST_NAMES)
    assert folder.stat("/Songs").etag
    subprocess.run(["rm", "-rf", root], check=True)  # Python's own way recurses

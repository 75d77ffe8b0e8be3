"""Work dirs: a full disk, other errors, and what ended processes left."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from davproxy.errors import NoSpace
from davproxy.work_dir import remove_abandoned, work_dir


def test_a_full_disk_is_an_error_for_people_and_leaves_nothing(tmp_path: Path) -> None:
    def fill() -> None:
        with work_dir(tmp_path, "job") as folder:
            (folder / "half").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(NoSpace, match="disk for temporary files is full"):
        fill()
    assert list((tmp_path / "work").iterdir()) == []


def test_other_errors_of_the_disk_are_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), work_dir(tmp_path, "job") as folder:
        (folder / "none").read_bytes()
    assert list((tmp_path / "work").iterdir()) == []


def test_work_dirs_of_ended_processes_are_removed_and_no_others(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f"{dead.pid}-a", f"{os.getpid()}-b", f"{os.getppid()}-c", "x-y"):
        (tmp_path / "work" / name / "deep").mkdir(parents=True)
    remove_abandoned(tmp_path)
    assert [left.name for left in (tmp_path / "work").iterdir()] == [f"{os.getppid()}-c"]

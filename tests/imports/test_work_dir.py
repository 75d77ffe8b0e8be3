"""The transient disk: full, swept, and never in a file's way."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from davproxy.errors import NoSpace
from davproxy.imports.work_dir import sweep, workshop
from davproxy.settings import Settings


def config(tmp_path: Path) -> Settings:
    return Settings.read({"TEMP_DIR": str(tmp_path)}, tmp_path / "none")


def test_a_full_disk_is_told_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    def fill() -> None:
        with workshop(config(tmp_path), "job") as room:
            (room / "half").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(NoSpace, match="disk for temporary files is full"):
        fill()
    assert list((tmp_path / "imports").iterdir()) == []


def test_other_errors_of_the_disk_are_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), workshop(config(tmp_path), "job") as room:
        (room / "none").read_bytes()
    assert list((tmp_path / "imports").iterdir()) == []


def test_the_sweep_takes_what_dead_processes_left_and_nothing_else(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f"{dead.pid}-a", f"{os.getpid()}-b", f"{os.getppid()}-c", "x-y"):
        (tmp_path / "imports" / name / "deep").mkdir(parents=True)
    sweep(config(tmp_path))
    assert [left.name for left in (tmp_path / "imports").iterdir()] == [f"{os.getppid()}-c"]

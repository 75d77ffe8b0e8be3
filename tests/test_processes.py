"""Limits that a parent watches, and killing a process with all that it started."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from davproxy import errors, processes
from tests import test_child
from tests.waiting import wait_until

MIB = 1 << 20
ROOMY = processes.Limits(memory=64 << 30, seconds=100_000, wall=60, file_size=MIB)
FAMILY = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
"""


def test_what_a_process_uses_is_compared_with_its_limits(tmp_path: Path) -> None:
    own = psutil.Process().pid
    processes.check(own, ROOMY, tmp_path)
    with pytest.raises(errors.BadInput, match="memory"):
        processes.check(own, processes.Limits(MIB, 60, 60, MIB), tmp_path)
    with pytest.raises(errors.BadInput, match="too long"):
        processes.check(own, processes.Limits(64 << 30, 0.001, 60, MIB), tmp_path)
    (tmp_path / "below").mkdir()
    (tmp_path / "below/large").write_bytes(bytes(MIB + 1))
    with pytest.raises(errors.NoSpace):
        processes.check(own, ROOMY, tmp_path)


@pytest.mark.slow
def test_a_watched_child_is_stopped_at_its_limits(tmp_path: Path) -> None:
    for how, limits, error in (
        ("keep", processes.Limits(64 * MIB, 60, 60, MIB), errors.BadInput),
        ("spin", processes.Limits(1024 * MIB, 1, 60, MIB), errors.BadInput),
    ):
        with pytest.raises(error, match=r"given up"):
            test_child.run(test_child.misbehave, {"how": how}, tmp_path, limits=limits, watched=True)


def test_what_a_process_started_is_killed_with_it() -> None:
    leader = subprocess.Popen([sys.executable, "-c", FAMILY])
    started = wait_until(lambda: psutil.Process(leader.pid).children())
    processes.kill_one_by_one(leader.pid)
    leader.wait()
    wait_until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in started))
    processes.kill_one_by_one(leader.pid)

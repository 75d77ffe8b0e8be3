"""Processes: their limits, their priority and their end, which each system handles in its own way.

Linux and macOS enforce the limits of a process. Where nothing does (Windows), its parent watches what it uses.
"""

import contextlib
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from davproxy.errors import BadInput, NoSpace

if sys.platform != "win32":
    import os
    import resource

WATCHED = sys.platform == "win32"
"""Whether the parent must watch a child, because the system does not limit it."""
MEMORY_USED_UP = "The file needs more memory than is allowed here, so it was given up."
DISK_FULL = "The disk for temporary files is full. Free some space and try again."


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use: bytes of memory, seconds of processor and of wall time, bytes in one file."""

    memory: int
    seconds: float
    wall: float
    file_size: int


def limit_this(limits: Limits) -> None:
    """Have the system enforce `limits` on this process, and on each that it starts."""
    if sys.platform != "win32":
        for kind, value in (
            (resource.RLIMIT_AS, limits.memory),
            (resource.RLIMIT_CPU, int(limits.seconds)),
            (resource.RLIMIT_FSIZE, limits.file_size),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
                resource.setrlimit(kind, (value, value))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit then fails with EFBIG


def check(leader: int, limits: Limits, folder: Path) -> None:
    """Raise BadInput or NoSpace once the process `leader`, or one that it started, exceeds `limits` in `folder`."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in _with_descendants(leader):
            memory = process.memory_info()
            if getattr(memory, "private", memory.rss) > limits.memory:
                raise BadInput(MEMORY_USED_UP)
            times = process.cpu_times()
            if times.user + times.system > limits.seconds:
                raise BadInput("The file takes too long to read, so it was given up.")
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_size > limits.file_size:
                raise NoSpace(DISK_FULL)


def kill(leader: int) -> None:
    """Kill the process `leader`, which was started in a session of its own, with all that it started."""
    if sys.platform == "win32":
        kill_one_by_one(leader)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)


def kill_one_by_one(leader: int) -> None:
    """Kill the descendants of `leader`, then itself."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in reversed(_with_descendants(leader)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def is_running(number: int) -> bool:
    """Whether there is a process of that number."""
    return bool(psutil.pid_exists(number))


def yield_to_others() -> None:
    """Let this process run only when others leave the processor to it."""
    psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10)


def take_cores_of(process: int) -> None:
    """Let this thread run wherever the main thread of `process` may.

    One that a thread of the server starts, and a child of it too, would else stay on the server's one core.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, os.sched_getaffinity(process))


def _with_descendants(leader: int) -> list[psutil.Process]:
    process = psutil.Process(leader)
    return [process, *process.children(recursive=True)]

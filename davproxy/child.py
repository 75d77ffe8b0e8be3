"""One limited child process for work on files of unknown origin: a hostile file can kill a child, never the server.

The parent calls `run`; the child runs this module as a program. They exchange JSON lines. The request goes to the
child's standard input, which then stays open: its end means that the parent is gone. Progress and one answer come from
the child's standard output.
"""

import contextlib
import errno
import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from loguru import logger

from davproxy import errors

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "NUMBA_CACHE_DIR")
"""The only environment variables that a child inherits: no address, no password."""
POLL_SECONDS = 0.2
"""How often the parent looks whether the job was cancelled."""
LOGGED_BYTES = 4000
"""How much of a failed child's standard error goes into the log."""

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Report = Callable[[str, float], None]
"""Takes the current step in a word and the progress from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: bytes of address space, seconds of processor and of wall time, bytes in one file."""

    memory: int
    seconds: float
    wall: float
    file_size: int


def run(
    target: str,
    request: Mapping[str, Any],
    *,
    limits: Limits,
    folder: Path,
    report: Report = lambda _step, _progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Any:
    """Call `target` (`package.module:function`) with `request` and a `Report` in a child; return its answer.

    Request and answer are JSON-able. The child's working folder, home and folder for temporary files is `folder`.
    Errors of `davproxy.errors` that the function raises are raised here too. A child that crashes or exceeds a limit
    raises BadInput. Once `cancelled` returns true, the child is killed and Cancelled is raised.
    """
    environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment |= {"PYTHONPATH": str(Path(__file__).parent.parent), "HOME": str(folder), "TMPDIR": str(folder)}
    call = {"target": target, "request": request, "limits": asdict(limits)}
    with tempfile.TemporaryFile() as noise:
        process = subprocess.Popen(
            [sys.executable, "-m", "davproxy.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=noise,
            cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _send(process.stdin, call)
            answer = _receive(process.stdout, limits.wall, report, cancelled)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.stdout.close()
            process.wait()
        if answer is None or "crash" in answer:
            noise.seek(max(0, noise.seek(0, os.SEEK_END) - LOGGED_BYTES))
            printed = noise.read().decode(errors="replace")
            logger.warning("A child for {} ended with {}: {}", target, process.returncode, printed)
            raise errors.BadInput("The file could not be read: the program that reads it failed. It may be damaged.")
    if "error" in answer:
        kind = getattr(errors, str(answer["error"]), errors.BadInput)
        raise kind(str(answer["message"]))
    return answer["result"]


def _send(stream: IO[bytes], call: Mapping[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        stream.write(json.dumps(call).encode() + b"\n")
        stream.flush()


def _receive(stream: IO[bytes], wall: float, report: Report, cancelled: Callable[[], bool]) -> dict[str, Any] | None:
    """Pass progress on and return the child's answer; None if it died without one.

    Raises Cancelled, and BadInput after `wall` seconds.
    """
    deadline = time.monotonic() + wall
    pending = b""
    while True:
        if cancelled():
            raise errors.Cancelled("Stopped on request.")
        if time.monotonic() > deadline:
            raise errors.BadInput(f"The file took longer than {wall:.0f} seconds to read, so it was given up.")
        if not select.select([stream], [], [], POLL_SECONDS)[0]:
            continue
        block = os.read(stream.fileno(), 65536)
        if not block:
            return None
        *lines, pending = (pending + block).split(b"\n")
        for line in lines:
            message: dict[str, Any] = json.loads(line)
            if "step" not in message:
                return message
            report(str(message["step"]), float(message["progress"]))


def main() -> None:
    """The child's side: set the limits, do the work, send one answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not reach the parent as an answer
    call = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _limit(Limits(**call["limits"]))

    def send(message: Mapping[str, Any]) -> None:
        print(json.dumps(message), file=answers, flush=True)

    try:
        module, _, function = call["target"].partition(":")
        work = getattr(importlib.import_module(module), function)
        result = work(call["request"], lambda step, progress: send({"step": step, "progress": progress}))
        send({"result": result})
    except errors.DavproxyError as error:
        send({"error": type(error).__name__, "message": error.message})
    except MemoryError:
        send({"error": "BadInput", "message": "The file needs more memory than is allowed here, so it was given up."})
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        send({"error": "NoSpace", "message": "The disk for temporary files is full. Free some space and try again."})
    except Exception:  # noqa: BLE001 - reported to the parent, which logs it
        traceback.print_exc()
        send({"crash": True})


def _limit(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, int(limits.seconds)),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
            resource.setrlimit(kind, (value, value))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit then fails with EFBIG


def _die_with_parent() -> None:
    """Wait for the end of standard input, then kill the child's whole process group."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()

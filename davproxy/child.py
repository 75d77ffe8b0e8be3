"""One limited child process for work on files that a stranger made: a hostile file kills a child, never the server.

The parent calls `run`; the child is this module run as a program. They speak JSON lines: one request on the child's
standard input, which then stays open (its end tells the child that the parent is gone), progress and one answer on its
standard output.
"""

import contextlib
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
from typing import Any

from loguru import logger

from davproxy import errors

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "NUMBA_CACHE_DIR")
"""All that a child sees of our environment: no address, no password."""

Report = Callable[[str, float], None]


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
    """Call `target` (`package.module:function`) with `request` and a report function in a child; return its answer.

    The child works in `folder`, which is also its home and its place for temporary files. Errors of `davproxy.errors`
    raised there are raised here. A child that crashes or runs over a limit raises BadInput; `cancelled` turning true
    kills it and raises Cancelled.
    """
    environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment |= {"PYTHONPATH": str(Path(__file__).parent.parent), "HOME": str(folder), "TMPDIR": str(folder)}
    with tempfile.TemporaryFile() as noise:
        process = subprocess.Popen(
            [sys.executable, "-m", "davproxy.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=noise,
            cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            answer = _converse(
                process,
                {"target": target, "request": request, "limits": asdict(limits)},
                limits.wall,
                report,
                cancelled,
            )
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]
            process.stdout.close()  # type: ignore[union-attr]
            process.wait()
        if answer is None or "crash" in answer:
            noise.seek(max(0, noise.seek(0, os.SEEK_END) - 4000))
            logger.warning(
                "A child for {} ended with {}: {}", target, process.returncode, noise.read().decode(errors="replace")
            )
            raise errors.BadInput("The file could not be read: the program that reads it failed. It may be damaged.")
    if "error" in answer:
        kind = getattr(errors, str(answer["error"]), errors.BadInput)
        raise kind(str(answer["message"]))
    return answer["result"]


def _converse(
    process: subprocess.Popen[bytes],
    request: Mapping[str, Any],
    wall: float,
    report: Report,
    cancelled: Callable[[], bool],
) -> dict[str, Any] | None:
    """Send the request, pass progress on, and return the child's last line; None when it died without one."""
    assert process.stdin is not None
    assert process.stdout is not None
    deadline = time.monotonic() + wall
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
    pending = b""
    while True:
        if cancelled():
            raise errors.Cancelled("Stopped on request.")
        if time.monotonic() > deadline:
            raise errors.BadInput(f"The file took longer than {wall:.0f} seconds to read, so it was given up.")
        if not select.select([process.stdout], [], [], 0.2)[0]:
            continue
        block = os.read(process.stdout.fileno(), 65536)
        if not block:
            return None
        *lines, pending = (pending + block).split(b"\n")
        for line in lines:
            message: dict[str, Any] = json.loads(line)
            if "step" not in message:
                return message
            report(str(message["step"]), float(message["progress"]))


def main() -> None:
    """The child's side: limits first, then the work, then one answer."""
    speak = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not reach the parent as an answer
    call = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _limit(Limits(**call["limits"]))

    def say(message: Mapping[str, Any]) -> None:
        print(json.dumps(message), file=speak, flush=True)

    try:
        module, _, function = call["target"].partition(":")
        work = getattr(importlib.import_module(module), function)
        result = work(call["request"], lambda step, progress: say({"step": step, "progress": progress}))
        say({"result": result})
    except errors.DavproxyError as error:
        say({"error": type(error).__name__, "message": error.message})
    except MemoryError:
        say({"error": "BadInput", "message": "The file needs more memory than is allowed here, so it was given up."})
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        say({"error": "NoSpace", "message": "The disk for temporary files is full. Free some space and try again."})
    except Exception:  # noqa: BLE001 - told to the parent, which logs it
        traceback.print_exc()
        say({"crash": True})


_NO_SPACE = frozenset({28, 27, 122, 69})
"""ENOSPC, EFBIG, and EDQUOT on Linux and macOS."""


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
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()

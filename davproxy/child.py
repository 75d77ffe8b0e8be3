"""One limited child process for work on files of unknown origin: a hostile file can kill a child, never the server.

The parent calls `run`; the child runs `in_child`. They exchange JSON lines. The request goes to the child's standard
input, which then stays open: its end means that the parent is gone. Progress, what is found meanwhile, and one answer
come from the child's standard output.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from loguru import logger

from davproxy import errors, processes
from davproxy.processes import Limits

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "NUMBA_CACHE_DIR", "SYSTEMROOT")
"""The only environment variables that a child inherits: no address, no password."""
POLL_SECONDS = 0.2
"""How often the parent looks whether the job was cancelled."""
LOGGED_BYTES = 4000
"""How much of a failed child's standard error goes into the log."""

Report = Callable[[str, float], None]
"""Takes the current step in a word and the progress from 0 to 1."""
Found = Callable[[Mapping[str, Any]], None]
"""Takes values by name that a child knows before its answer."""


def run(
    target: str,
    request: Mapping[str, Any],
    *,
    limits: Limits,
    folder: Path,
    report: Report = lambda _step, _progress: None,
    found: Found = lambda _values: None,
    cancelled: Callable[[], bool] = lambda: False,
    watched: bool = processes.WATCHED,
) -> Any:
    """Call `target` (`package.module:function`) with `request` and an `in_child.Report` in a child; return its answer.

    Request and answer are JSON-able. `report` and `found` receive what the child reports. Its working folder, home and
    folder for temporary files is `folder`.
    Errors of `davproxy.errors` that the function raises are raised here too. A child that crashes or exceeds a limit
    raises BadInput. Once `cancelled` returns true, the child is killed and Cancelled is raised. Where the child is
    `watched`, this process looks whether it keeps the limits, and the system does not.
    """
    environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment |= dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(folder))
    environment["PYTHONPATH"] = str(Path(__file__).parent.parent)
    call = {"target": target, "request": request, "limits": None if watched else asdict(limits)}
    with tempfile.TemporaryFile() as noise:
        process = subprocess.Popen(
            [sys.executable, "-m", "davproxy.in_child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=noise,
            cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None

        def look() -> None:
            if cancelled():
                raise errors.Cancelled("Stopped on request.")
            if watched:
                processes.check(process.pid, limits, folder)

        messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        reader = threading.Thread(target=_read_lines, args=(process.stdout, messages), daemon=True)
        reader.start()
        try:
            _send(process.stdin, call)
            answer = _receive(messages, limits.wall, report, found, look)
        finally:
            processes.kill(process.pid)
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.wait()
            reader.join()
            process.stdout.close()
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


def _read_lines(stream: IO[bytes], messages: "queue.SimpleQueue[bytes]") -> None:
    """Put each line of `stream` into `messages`, and an empty one at its end."""
    for line in stream:
        messages.put(line)
    messages.put(b"")


def _receive(
    messages: "queue.SimpleQueue[bytes]", wall: float, report: Report, found: Found, look: Callable[[], None]
) -> dict[str, Any] | None:
    """Pass progress on and return the child's answer; None if it died without one. Calls `look` meanwhile.

    Raises what `look` raises, and BadInput after `wall` seconds.
    """
    deadline = time.monotonic() + wall
    while True:
        look()
        if time.monotonic() > deadline:
            raise errors.BadInput(f"The file took longer than {wall:.0f} seconds to read, so it was given up.")
        try:
            line = messages.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue
        if not line.endswith(b"\n"):
            return None
        message: dict[str, Any] = json.loads(line)
        if "step" in message:
            report(str(message["step"]), float(message["progress"]))
        elif "found" in message:
            found(message["found"])
        else:
            return message

"""The program of a child that `child.run` starts. It imports little, because its start delays the caller."""

import errno
import importlib
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from davproxy import errors, processes

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Report:
    """Sends progress to the parent, and what is known before the answer."""

    def __init__(self, send: Callable[[Mapping[str, Any]], None]) -> None:
        self._send = send

    def __call__(self, step: str, progress: float) -> None:
        self._send({"step": step, "progress": progress})

    def found(self, values: Mapping[str, Any]) -> None:
        """Send JSON-able values by name."""
        self._send({"found": values})


def main() -> None:
    """Set the limits, do the work, send one answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not reach the parent as an answer
    call = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    processes.take_cores_of(os.getppid())
    if call["limits"]:
        processes.limit_this(processes.Limits(**call["limits"]))

    def send(message: Mapping[str, Any]) -> None:
        print(json.dumps(message), file=answers, flush=True)

    try:
        module, _, function = call["target"].partition(":")
        work = getattr(importlib.import_module(module), function)
        result = work(call["request"], Report(send))
        send({"result": result})
    except errors.DavproxyError as error:
        send({"error": type(error).__name__, "message": error.message})
    except MemoryError:
        send({"error": "BadInput", "message": processes.MEMORY_USED_UP})
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        send({"error": "NoSpace", "message": processes.DISK_FULL})
    except Exception:  # noqa: BLE001 - reported to the parent, which logs it
        traceback.print_exc()
        send({"crash": True})


def _die_with_parent() -> None:
    """Wait for the end of standard input, then kill the child with all that it started."""
    sys.stdin.buffer.read()
    processes.kill(os.getpid())


if __name__ == "__main__":
    main()

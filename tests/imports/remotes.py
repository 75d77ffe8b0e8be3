"""Remotes for faults: one whose calls a test can watch or fail, and one that kills its process at a given change."""

import contextlib
import os
import signal
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any, cast

from davproxy.errors import Unavailable
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Remote
from davproxy.settings import Settings

CALLS = frozenset(
    {"stat", "children", "walk", "find", "stream", "read", "read_many", "upload", "write", "write_many", "make_folder"}
    | {"move", "copy", "delete", "trash", "restore", "set_modified", "quota"}
)
CHANGES = CALLS - {"stat", "children", "walk", "find", "stream", "read", "read_many", "trash", "quota"}
"""The calls that change something."""


def open_folder(folder: Path) -> Folder:
    """A local remote in `folder`."""
    remote = Folder(folder / "remote", Settings.read({}, folder / "none").folders)
    remote.connect()
    return remote


class Watched:
    """A remote whose every call goes through `around(name, call)`; `write_many` counts as one call a file."""

    def __init__(self, remote: Remote, around: Callable[[str, Callable[[], Any]], Any]) -> None:
        self._remote, self._around = remote, around

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._remote, name)
        if name not in CALLS:
            return found
        return lambda *args, **options: self._around(name, lambda: found(*args, **options))

    def walk_listed(self, folder: Any) -> Iterator[Any]:
        return self.walk(folder.path)

    def walk(self, path: str) -> Iterator[Any]:
        """Read to the end at once, so that it counts as one call."""
        return iter(self._around("walk", lambda: list(self._remote.walk(path))))

    def write_many(self, files: Iterable[tuple[str, Path]]) -> None:
        for each in files:
            self._around("write_many", lambda each=each: self._remote.write_many([each]))  # type: ignore[misc]


def watch(remote: Remote, around: Callable[[str, Callable[[], Any]], Any]) -> Remote:
    """`remote`, each call going through `around`."""
    return cast(Remote, Watched(remote, around))


def interrupt(remote: Remote, is_away: Event, calls: Container[str] = CALLS) -> Remote:
    """`remote`, whose `calls` find nobody while `is_away` is set."""

    def around(name: str, call: Callable[[], Any]) -> Any:
        if is_away.is_set() and name in calls:
            raise Unavailable("Out of reach.")
        return call()

    return watch(remote, around)


def kill_at(remote: Remote, at: int) -> Remote:
    """`remote`, with SIGKILL for its own process right after change number `at`, counted from 1."""
    count = 0

    def around(name: str, call: Callable[[], Any]) -> Any:
        nonlocal count
        count += name in CHANGES
        with contextlib.ExitStack() as stack:
            if count == at and name in CHANGES:
                stack.callback(os.kill, os.getpid(), signal.SIGKILL)
            return call()

    return watch(remote, around)

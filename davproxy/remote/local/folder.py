"""The local folder: a directory of this machine as the remote. Writes are atomic; what is deleted can be restored."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from uuid import uuid4

from davproxy.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    NoSpace,
    NotFound,
    WrongKind,
)
from davproxy.model import ANYTHING, Entry, Guard, Quota, Trashed
from davproxy.paths import HIDDEN, is_below, name_of, normalise, parent_of, top_of
from davproxy.remote.local.disk import blocks, child_of, copy, drop_older, remove, rename, translated
from davproxy.remote.local.trash import LocalTrash
from davproxy.remote.local.tree import LocalTree
from davproxy.remote.local.upload import FolderUpload
from davproxy.remote.protocol import Features, send, send_file
from davproxy.remote.top_folders import TopFolders

OWN = ".davproxy"
"""Our own folder inside the library's: uploads under way, and the trash bin. No path leads into it."""
UPLOAD_DAYS = 1
"""An upload this old was left by a process that died."""


class Folder:
    """The library in a local directory. A folder's etag is made of all etags below it: asking for one costs a walk."""

    def __init__(self, root: Path, folders: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        """`folders` are the names of the top folders inside `root`, as in `Settings.folders`."""
        self._clock = clock
        self._root = Path(os.path.realpath(root))
        self._uploads = self._root / OWN / "uploads"
        self._trash = LocalTrash(self._root / OWN / "trash", clock)
        self._tops = TopFolders(folders)
        self._tree = LocalTree(self._root, OWN, self._tops)
        self._changing = threading.RLock()
        """Held from the last look at a target until it has changed."""

    @property
    def features(self) -> Features:
        return Features(label="local folder", file_ids=True, recursive_etags=True, trash=True, local=True)

    def connect(self) -> Features:
        if self._root.exists() and not self._root.is_dir():
            raise WrongKind(f"{self._root} is a file; the library needs a folder. Set LIBRARY_DIR to another path.")
        with translated(str(self._root)):
            self._uploads.mkdir(parents=True, exist_ok=True)
            self._tree.open()
            drop_older(self._uploads, self._clock() - UPLOAD_DAYS * 86400)
            self._trash.open()
        for path in self._tops.paths:
            self.make_folder(path)
        return self.features

    def close(self) -> None:
        """Nothing is held open between calls."""

    # Looking

    def stat(self, path: str) -> Entry:
        path = normalise(path)
        with translated(path):
            place = self._tree.place(path)
            return self._tree.survey(path, place)[0] if place.is_dir() else self._tree.entry(path, place.lstat())

    def children(self, path: str) -> list[Entry]:
        return [found[0] for found in self._tree.survey_children(path)]

    def walk(self, path: str) -> Iterator[Entry]:
        for found in self._tree.survey_children(path):
            yield from found

    def find(self, name: str, below: str) -> list[Entry]:
        wanted = name.casefold()
        return [e for e in self.walk(below) if not e.is_folder and name_of(e.path).casefold() == wanted]

    def quota(self) -> Quota:
        with translated("/"):
            usage = shutil.disk_usage(self._root)
        return Quota(used=usage.used, free=usage.free)

    # Reading

    @contextmanager
    def stream(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str | None = None
    ) -> Iterator[Iterator[bytes]]:
        path = normalise(path)
        with translated(path):
            place = self._tree.place(path)
            if place.is_dir():
                raise WrongKind(f"“{path}” is a folder.")
            descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with FileIO(descriptor) as file:
            status = os.fstat(file.fileno())
            if etag is not None and etag != self._tree.entry(path, status).etag:
                raise Conflict(f"“{path}” was changed meanwhile. Read it again.")
            file.seek(start)
            rest = max(status.st_size - start, 0)
            yield blocks(path, file, rest if length is None else min(length, rest))

    def read(self, path: str) -> bytes:
        with self.stream(path) as blocks:
            return b"".join(blocks)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            with suppress(NotFound, WrongKind):
                yield path, self.read(path)

    # Writing

    def upload(
        self, path: str, *, size: int | None = None, modified: float | None = None, guard: Guard = ANYTHING
    ) -> FolderUpload:
        path = normalise(path)
        with translated(path):
            self._check_parent(path)
            if size is not None and size > shutil.disk_usage(self._uploads).free:
                raise NoSpace(f"There is no room on the disk for “{path}”. Free some space and try again.")
            exact = self._guarded(path, guard)
            staged = self._uploads / uuid4().hex
            return FolderUpload(path, size, modified, staged, lambda file: self._publish(path, exact, file))

    def _publish(self, path: str, guard: Guard, staged: Path) -> Entry:
        with self._changing:
            self._guarded(path, guard)
            target = self._tree.place(path, missing_ok=True)
            if target.exists():
                shutil.copymode(target, staged)
            rename(staged, target)
            return self.stat(path)

    def write(self, path: str, content: bytes, *, modified: float | None = None, guard: Guard = ANYTHING) -> Entry:
        return send(self.upload(path, size=len(content), modified=modified, guard=guard), [content])

    def write_many(self, files: Iterable[tuple[str, Path]]) -> None:
        for path, source in files:
            self.make_folder(parent_of(path))
            with translated(path):
                send_file(self.upload(path, modified=source.stat().st_mtime), source)

    def make_folder(self, path: str) -> None:
        path = normalise(path)
        with translated(path), self._changing:
            place = self._root
            for name in self._tree.names_of(path):
                place = child_of(place, name)
                if not place.is_dir() or place.is_symlink():
                    if os.path.lexists(place):
                        raise WrongKind(f"“{path}” cannot be made: “{name}” is a file, not a folder.")
                    place.mkdir()

    def set_modified(self, path: str, modified: float) -> Entry:
        path = normalise(path)
        with translated(path):
            os.utime(self._tree.place(path), (modified, modified))
        return self.stat(path)

    # Moving

    def move(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        source, target = normalise(source), normalise(target)
        self._refuse_top(source, target)
        with translated(source), self._changing:
            place = self._tree.place(source)
            if source != target:
                self._put(place, source, target, guard)

    def copy(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        source, target = normalise(source), normalise(target)
        self._refuse_top(target)
        with translated(target):
            place = self._tree.place(source)
            self._check_target(source, target, guard)
            staged = self._uploads / uuid4().hex
            try:
                copy(place, staged)
                with self._changing:
                    self._put(staged, source, target, guard)
            finally:
                remove(staged)

    def _put(self, place: Path, source: str, target: str, guard: Guard) -> None:
        """Rename `place` to `target`, what stands there replaced if `guard` allows it. The lock is held."""
        self._check_target(source, target, guard)
        goal = self._tree.place(target, missing_ok=True)
        replaced = os.path.lexists(goal) and not goal.samefile(place)
        if replaced and (goal.is_dir() or place.is_dir()):
            key = self._trash.put_in(target, goal)
            try:
                rename(place, goal)
            except OSError:
                self.restore(key)
                raise
        else:
            rename(place, goal)

    def _check_target(self, source: str, target: str, guard: Guard) -> None:
        if is_below(target, source) or is_below(source, target) or (source == target):
            raise Forbidden(f"“{source}” and “{target}” lie in each other. Choose another place.")
        self._check_parent(target)
        found = self._found(target)
        if found and guard.absent:
            raise Conflict(f"“{target}” exists already. Choose another name.")
        if guard.etag is not None and (found is None or found.etag != guard.etag):
            raise Conflict(f"“{target}” was changed meanwhile; nothing was replaced.")

    # Deleting

    def delete(self, path: str) -> str | None:
        path = normalise(path)
        self._refuse_top(path)
        with translated(path), self._changing:
            place = self._tree.place(path)
            if top_of(path) in HIDDEN:  # staged songs and old indexes: nobody asks for them back
                remove(place)
                return None
            return self._trash.put_in(path, place)

    def trash(self) -> list[Trashed]:
        with translated("/"):
            return self._trash.contents()

    def restore(self, key: str) -> str:
        with translated("the trash bin"), self._changing:
            path = self._trash.path(key)
            self.make_folder(parent_of(path))
            place = self._tree.place(path, missing_ok=True)
            if os.path.lexists(place):
                raise AlreadyExists(f"There is another “{path}” now. Rename that one, then restore.")
            self._trash.take_out(key, place)
            return path

    # What must hold

    def _found(self, path: str) -> Entry | None:
        """The entry at `path`, or None."""
        try:
            return self.stat(path)
        except NotFound:
            return None

    def _guarded(self, path: str, guard: Guard) -> Guard:
        """`guard`, made exact: what stands at `path` now must still stand there at the commit. Raises Conflict."""
        found = self._found(path)
        if found and found.is_folder:
            raise WrongKind(f"“{path}” is a folder; a file cannot take its place.")
        if (guard.absent and found) or (guard.etag is not None and (not found or found.etag != guard.etag)):
            raise Conflict(f"“{path}” was changed elsewhere meanwhile; nothing was overwritten.")
        return Guard(etag=found.etag) if found else Guard(absent=True)

    def _check_parent(self, path: str) -> None:
        parent = parent_of(path)
        if not self._tree.place(parent).is_dir():
            raise WrongKind(f"“{parent}” is a file, not a folder.")

    def _refuse_top(self, *paths: str) -> None:
        for path in paths:
            if path == "/" or path in self._tops.paths:
                raise Forbidden(f"“{path}” is one of the library's own folders; it stays where it is.")

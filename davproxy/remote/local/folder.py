"""A local folder as the remote. Writes are atomic, and deleted files can be restored."""

import os
import shutil
import stat
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
    NoSpace,
    NotFound,
    WrongKind,
)
from davproxy.model import ABSENT, ANYTHING, Entry, Guard, Quota, Trashed
from davproxy.paths import HIDDEN, name_of, normalise, parent_of, top_of
from davproxy.remote.checks import check_guard, refuse_nested, refuse_top
from davproxy.remote.local.disk import (
    child_of,
    copy,
    read_blocks,
    remove,
    remove_older,
    rename,
    replace,
    sync_folder,
    translate_errors,
)
from davproxy.remote.local.trash import LocalTrash
from davproxy.remote.local.tree import LocalTree
from davproxy.remote.local.upload import FolderUpload
from davproxy.remote.protocol import Features, send, send_file
from davproxy.remote.top_folders import TopFolders, making_top

RESERVED = ".davproxy"
"""The program's own folder inside the library's: unfinished uploads and the trash bin. No path leads into it."""
UPLOAD_DAYS = 1
"""An older unfinished upload was left behind by a process that died."""


class Folder:
    """The library in a local folder. A folder's etag is made of all etags below it: asking for one costs a walk."""

    def __init__(
        self,
        root: Path,
        folders: Mapping[str, str],
        clock: Callable[[], float] = time.time,
        sync_folder: Callable[[Path], None] = sync_folder,
    ) -> None:
        """`folders` are the names of the top folders inside `root`, as in `Settings.folders`.

        `sync_folder` returns once the disk has the names in a folder.
        """
        self._clock = clock
        self._sync_folder = sync_folder
        self._root = Path(os.path.realpath(root))
        self._uploads = self._root / RESERVED / "uploads"
        self._trash = LocalTrash(self._root / RESERVED / "trash", clock)
        self._tops = TopFolders(folders)
        self._tree = LocalTree(self._root, RESERVED, self._tops)
        self._changing = threading.RLock()
        """Held from the last check of a target until it has changed."""

    @property
    def features(self) -> Features:
        return Features(label="local folder", file_ids=True, recursive_etags=True, trash=True, local=True)

    @property
    def requests(self) -> Mapping[tuple[str, str], int]:
        return {}

    def connect(self) -> Features:
        if self._root.exists() and not self._root.is_dir():
            raise WrongKind(f"{self._root} is a file; the library needs a folder. Set LIBRARY_DIR to another path.")
        with translate_errors(str(self._root)):
            self.make_folder("/")
            remove_older(self._uploads, self._clock() - UPLOAD_DAYS * 86400)
        for path in self._tops.paths:
            with making_top(path, level="WARNING"):
                self.make_folder(path)
        return self.features

    def sign_in_again(self) -> None:
        """Do nothing: nobody signs in to a folder."""

    def close(self) -> None:
        """Do nothing: no file stays open between calls."""

    # Listing

    def stat(self, path: str) -> Entry:
        path = normalise(path)
        with translate_errors(path):
            file = self._tree.locate(path)
            return self._tree.entries(path, file)[0] if file.is_dir() else self._tree.entry(path, file.lstat())

    def children(self, path: str) -> list[Entry]:
        return [entries[0] for entries in self._tree.entries_by_child(path)]

    def walk(self, path: str) -> Iterator[Entry]:
        for entries in self._tree.entries_by_child(path):
            yield from entries

    def walk_listed(self, folder: Entry) -> Iterator[Entry]:
        return self.walk(folder.path)

    def find(self, name: str, below: str) -> list[Entry]:
        wanted = name.casefold()
        return [e for e in self.walk(below) if not e.is_folder and name_of(e.path).casefold() == wanted]

    def accepts(self, size: int) -> bool:  # noqa: ARG002
        """True: nothing is between us and the folder."""
        return True

    def cut_off_after(self, seconds: float) -> None:
        """None: nothing is between us and the folder."""

    def changes(self) -> None:
        """None: the folder is compared with the index on a timer."""

    def favourites(self) -> list[str]:
        """None: a disk has no favourites."""
        return []

    def is_favourite(self, path: str) -> bool:
        """No: a disk has no favourites."""
        self.stat(path)
        return False

    def set_favourite(self, path: str, *, starred: bool) -> None:
        """Nothing: a disk has no favourites."""

    def quota(self) -> Quota:
        with translate_errors("/"):
            usage = shutil.disk_usage(self._root)
        return Quota(used=usage.used, free=usage.free)

    # Reading

    @contextmanager
    def stream(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str | None = None
    ) -> Iterator[Iterator[bytes]]:
        path = normalise(path)
        with translate_errors(path):
            located = self._tree.locate(path)
            if located.is_dir():
                raise WrongKind(f"“{path}” is a folder.")
            descriptor = os.open(located, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with FileIO(descriptor) as file:
            status = os.fstat(file.fileno())
            if etag is not None and etag != self._tree.entry(path, status).etag:
                raise Conflict(f"“{path}” was changed meanwhile. Read it again.")
            file.seek(start)
            rest = max(status.st_size - start, 0)
            yield read_blocks(path, file, rest if length is None else min(length, rest))

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
        with translate_errors(path):
            target, there = self._tree.look_up(path)
            if there is None and not target.parent.is_dir():
                raise WrongKind(f"“{parent_of(path)}” is a file, not a folder.")
            if size is not None and size > shutil.disk_usage(self._uploads).free:
                raise NoSpace(f"There is no room on the disk for “{path}”. Free some space and try again.")
            exact = self._exact_guard(path, there, guard)
            staged = self._uploads / uuid4().hex
            return FolderUpload(path, size, modified, staged, lambda file: self._replace(path, exact, file))

    def _replace(self, path: str, guard: Guard, staged: Path) -> Entry:
        with self._changing:
            target, there = self._tree.look_up(path)
            self._exact_guard(path, there, guard)
            if there is not None:
                staged.chmod(stat.S_IMODE(there.st_mode))
            replace(staged, target)
            entry = self._tree.entry(path, target.lstat())
        # Without the lock, so that one wait for the disk serves all who write now. The folder of staged files needs
        # none: what is there again after a crash is removed some day.
        self._sync_folder(target.parent)
        return entry

    def write(self, path: str, content: bytes, *, modified: float | None = None, guard: Guard = ANYTHING) -> Entry:
        return send(self.upload(path, size=len(content), modified=modified, guard=guard), [content])

    def write_many(self, files: Iterable[tuple[str, Path]]) -> None:
        for path, source in files:
            self.make_folder(parent_of(path))
            with translate_errors(path):
                send_file(self.upload(path, modified=source.stat().st_mtime), source)

    def make_folder(self, path: str) -> None:
        path = normalise(path)
        with translate_errors(path), self._changing:
            if path == "/":
                self._uploads.mkdir(parents=True, exist_ok=True)
                self._tree.open()
                self._trash.open()
            folder = self._root
            for name in self._tree.names_of(path):
                folder = child_of(folder, name)
                if not folder.is_dir() or folder.is_symlink():
                    if os.path.lexists(folder):
                        raise WrongKind(f"“{path}” cannot be made: “{name}” is a file, not a folder.")
                    folder.mkdir()

    def make_folders(self, paths: Iterable[str]) -> None:
        for path in paths:
            self.make_folder(path)

    def set_modified(self, path: str, modified: float) -> Entry:
        path = normalise(path)
        with translate_errors(path):
            os.utime(self._tree.locate(path), (modified, modified))
        return self.stat(path)

    # Moving

    def move(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        source, target = normalise(source), normalise(target)
        refuse_top(self._tops, source, target)
        with translate_errors(source), self._changing:
            file = self._tree.locate(source)
            if source != target:
                self._put(file, source, target, guard)

    def copy(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        source, target = normalise(source), normalise(target)
        refuse_top(self._tops, target)
        with translate_errors(target):
            file = self._tree.locate(source)
            self._check_target(source, target, guard)
            staged = self._uploads / uuid4().hex
            try:
                copy(file, staged)
                with self._changing:
                    self._put(staged, source, target, guard)
            finally:
                remove(staged)

    def _put(self, file: Path, source: str, target: str, guard: Guard) -> None:
        """Rename `file` to `target`; what is there is replaced if `guard` allows it. The lock is held.

        A folder is never overwritten in place: it goes to the trash bin first.
        """
        self._check_target(source, target, guard)
        located = self._tree.locate(target, missing_ok=True)
        replaced = os.path.lexists(located) and not located.samefile(file)
        if replaced and (located.is_dir() or file.is_dir()):
            key = self._trash.put_in(target, located)
            try:
                rename(file, located)
            except OSError:
                self.restore(key)
                raise
        else:
            rename(file, located)

    def _check_target(self, source: str, target: str, guard: Guard) -> None:
        refuse_nested(source, target)
        self._check_parent(target)
        entry = self._lookup(target)
        if entry and guard.absent:
            raise Conflict(f"“{target}” exists already. Choose another name.")
        if guard.etag is not None and (entry is None or entry.etag != guard.etag):
            raise Conflict(f"“{target}” was changed meanwhile; nothing was replaced.")

    # Deleting

    def delete(self, path: str, *, guard: Guard = ANYTHING, file_id: int | None = None) -> str | None:  # noqa: ARG002
        path = normalise(path)
        refuse_top(self._tops, path)
        with translate_errors(path), self._changing:
            file = self._tree.locate(path)
            if guard != ANYTHING:
                check_guard(path, self._lookup(path), guard)
            if top_of(path) in HIDDEN:  # staged songs and old indexes: nobody restores them
                remove(file)
                return None
            return self._trash.put_in(path, file)

    def trash(self) -> list[Trashed]:
        with translate_errors("/"):
            return self._trash.contents()

    def restore(self, key: str) -> str:
        with translate_errors("the trash bin"), self._changing:
            path = self._trash.path(key)
            self.make_folder(parent_of(path))
            target = self._tree.locate(path, missing_ok=True)
            if os.path.lexists(target):
                raise AlreadyExists(f"There is another “{path}” now. Rename that one, then restore.")
            self._trash.take_out(key, target)
            return path

    # Checks

    def _lookup(self, path: str) -> Entry | None:
        """The entry at `path`, or None."""
        try:
            return self.stat(path)
        except NotFound:
            return None

    def _exact_guard(self, path: str, there: os.stat_result | None, guard: Guard) -> Guard:
        """The guard of a commit: what is at `path` now, if `guard` allows it, must still be there. Raises Conflict.

        `there` is the status of what is at `path`.
        """
        entry = None if there is None else self._tree.entry(path, there)
        if entry and entry.is_folder:
            raise WrongKind(f"“{path}” is a folder; a file cannot take its place.")
        check_guard(path, entry, guard)
        return Guard(etag=entry.etag) if entry else ABSENT

    def _check_parent(self, path: str) -> None:
        parent = parent_of(path)
        if not self._tree.locate(parent).is_dir():
            raise WrongKind(f"“{parent}” is a file, not a folder.")

"""The local folder: a directory of this machine as the remote. Writes are atomic; what is deleted can be restored."""

import os
import shutil
import stat
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from io import FileIO
from pathlib import Path
from uuid import uuid4

from davproxy.errors import (
    AlreadyExists,
    BadInput,
    BadPath,
    Conflict,
    DavproxyError,
    Forbidden,
    NoSpace,
    NotFound,
    WrongKind,
)
from davproxy.model import ANYTHING, Entry, Guard, Quota, Trashed
from davproxy.paths import HIDDEN, is_below, join, name_of, normalise, parent_of, top_of
from davproxy.remote.disk import blocks, child_of, copy, drop_older, remove, rename, translated
from davproxy.remote.local_trash import LocalTrash
from davproxy.remote.protocol import BLOCK, Features
from davproxy.remote.tops import TopFolders

OWN = ".davproxy"
"""Our own folder inside the library's: uploads under way, and the trash bin. No path leads into it."""
UPLOAD_DAYS = 1
"""An upload this old was left by a process that died."""


class Folder:
    """The library in a local directory. Symbolic links are not followed: nothing outside the directory is reached.

    Etags are made of times, size and inode; a folder's is made of all etags below it, so asking for one costs a walk
    of the folder. File ids are inode numbers.
    """

    def __init__(self, root: Path, folders: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        """`folders` are the names of the top folders inside `root`, as in `Settings.folders`."""
        self._clock = clock
        self._root = Path(os.path.realpath(root))
        self._uploads = self._root / OWN / "uploads"
        self._trash = LocalTrash(self._root / OWN / "trash", clock)
        self._tops = TopFolders(folders)
        self._device = 0
        self._changing = threading.RLock()
        """Held from the last look at a target until it has changed."""

    @property
    def features(self) -> Features:
        return Features(label="local folder", file_ids=True, recursive_etags=True, trash=True)

    def connect(self) -> Features:
        if self._root.exists() and not self._root.is_dir():
            raise WrongKind(f"{self._root} is a file; the library needs a folder. Set LIBRARY_DIR to another path.")
        with translated(str(self._root)):
            self._uploads.mkdir(parents=True, exist_ok=True)
            self._device = self._root.stat().st_dev
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
            place = self._place(path)
            return self._survey(path, place)[0] if place.is_dir() else self._entry(path, place.lstat())

    def children(self, path: str) -> list[Entry]:
        return [found[0] for found in self._survey_children(path)]

    def walk(self, path: str) -> Iterator[Entry]:
        for found in self._survey_children(path):
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
            place = self._place(path)
            if place.is_dir():
                raise WrongKind(f"“{path}” is a folder.")
            descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with FileIO(descriptor) as file:
            status = os.fstat(file.fileno())
            if etag is not None and etag != self._entry(path, status).etag:
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
    ) -> "FolderUpload":
        path = normalise(path)
        with translated(path):
            self._check_parent(path)
            if size is not None and size > shutil.disk_usage(self._uploads).free:
                raise NoSpace(f"There is no room on the disk for “{path}”. Free some space and try again.")
            return FolderUpload(self, path, size, modified, self._guarded(path, guard))

    def write(self, path: str, content: bytes, *, modified: float | None = None, guard: Guard = ANYTHING) -> Entry:
        upload = self.upload(path, size=len(content), modified=modified, guard=guard)
        try:
            upload.write(content)
            return upload.commit()
        except BaseException:
            upload.abort()
            raise

    def write_many(self, files: Iterable[tuple[str, Path]]) -> None:
        for path, source in files:
            self.make_folder(parent_of(path))
            with translated(path):
                upload = self.upload(path, modified=source.stat().st_mtime)
                try:
                    with source.open("rb") as file:
                        while block := file.read(BLOCK):
                            upload.write(block)
                    upload.commit()
                except BaseException:
                    upload.abort()
                    raise

    def make_folder(self, path: str) -> None:
        path = normalise(path)
        with translated(path), self._changing:
            place = self._root
            for name in self._own_names(path):
                place = child_of(place, name)
                if not place.is_dir() or place.is_symlink():
                    if os.path.lexists(place):
                        raise WrongKind(f"“{path}” cannot be made: “{name}” is a file, not a folder.")
                    place.mkdir()

    def set_modified(self, path: str, modified: float) -> Entry:
        path = normalise(path)
        with translated(path):
            os.utime(self._place(path), (modified, modified))
        return self.stat(path)

    # Moving

    def move(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        source, target = normalise(source), normalise(target)
        self._refuse_top(source, target)
        with translated(source), self._changing:
            place = self._place(source)
            if source != target:
                self._put(place, source, target, guard)

    def copy(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        source, target = normalise(source), normalise(target)
        self._refuse_top(target)
        with translated(target):
            place = self._place(source)
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
        goal = self._place(target, missing_ok=True)
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
            place = self._place(path)
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
            place = self._place(path, missing_ok=True)
            if os.path.lexists(place):
                raise AlreadyExists(f"There is another “{path}” now. Rename that one, then restore.")
            self._trash.take_out(key, place)
            return path

    # Between paths and places

    def _own_names(self, path: str) -> list[str]:
        names = self._tops.to_remote(path)
        if names and names[0].casefold() == OWN:
            raise BadPath(f"The name “{OWN}” is kept for the program itself. Choose another one.")
        return names

    def _place(self, path: str, *, missing_ok: bool = False) -> Path:
        """Where `path` is on the disk. Raises NotFound, for links too; `missing_ok` lets the last name be missing."""
        place = self._root
        names = self._own_names(path)
        for index, name in enumerate(names):
            place = child_of(place, name)
            try:
                kind = place.lstat().st_mode
            except (FileNotFoundError, NotADirectoryError):
                if missing_ok and index == len(names) - 1:
                    return place
                raise NotFound(f"There is no “{path}”.") from None
            if not stat.S_ISDIR(kind) and not stat.S_ISREG(kind):
                raise NotFound(f"“{path}” is neither a file nor a folder here: links are not followed.")
        return place

    def _entry(self, path: str, status: os.stat_result, etag: str | None = None) -> Entry:
        is_folder = stat.S_ISDIR(status.st_mode)
        # The time of the last status change tells apart two contents of one size and one modification time.
        own = f"{status.st_mtime_ns:x}-{status.st_ctime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
        return Entry(
            path=path,
            is_folder=is_folder,
            size=0 if is_folder else status.st_size,
            modified=status.st_mtime,
            etag=own if etag is None else etag,
            # An inode number is an id within one file system only.
            file_id=status.st_ino if status.st_dev == self._device else None,
        )

    def _survey(self, path: str, place: Path) -> list[Entry]:
        """The entry at `place` and, for a folder, every one below it, parents before children."""
        status = place.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return [self._entry(path, status)]
        below: list[Entry] = []
        digest = blake2b(digest_size=12)
        for name, child in self._names(path, place):
            with suppress(FileNotFoundError):  # gone since it was listed
                found = self._survey(join(path, name), child)
                digest.update(f"{name}/{found[0].etag}/".encode())
                below += found
        return [self._entry(path, status, digest.hexdigest()), *below]

    def _survey_children(self, path: str) -> Iterator[list[Entry]]:
        path = normalise(path)
        with translated(path):
            place = self._place(path)
            if not place.is_dir():
                raise WrongKind(f"“{path}” is a file, not a folder.")
            for name, child in self._names(path, place):
                with suppress(FileNotFoundError):
                    yield self._survey(join(path, name), child)

    def _names(self, path: str, place: Path) -> list[tuple[str, Path]]:
        """The files and folders in `place` with their names in the tree, in order.

        Links, devices, and names that no path can hold are left out; of two spellings of a name the composed one stays.
        """
        found: dict[str, Path] = {}
        with os.scandir(place) as scan:
            for child in scan:
                if not (child.is_file(follow_symlinks=False) or child.is_dir(follow_symlinks=False)):
                    continue
                name = unicodedata.normalize("NFC", child.name)
                if path == "/":
                    tree_path = None if name.casefold() == OWN else self._tops.to_tree([name])
                    if tree_path is None:
                        continue
                    name = name_of(tree_path)
                with suppress(BadPath):
                    normalise(name)
                    if name not in found or name == child.name:
                        found[name] = place / child.name
        return sorted(found.items())

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
        if not self._place(parent).is_dir():
            raise WrongKind(f"“{parent}” is a file, not a folder.")

    def _refuse_top(self, *paths: str) -> None:
        for path in paths:
            if path == "/" or path in self._tops.paths:
                raise Forbidden(f"“{path}” is one of the library's own folders; it stays where it is.")


class FolderUpload:
    """A write under way: bytes gather in a file of our own on the same disk, which is renamed onto the target."""

    def __init__(self, folder: Folder, path: str, size: int | None, modified: float | None, guard: Guard) -> None:
        self._folder = folder
        self._path = path
        self._size = size
        self._modified = modified
        self._guard = guard
        self._staged = folder._uploads / uuid4().hex
        self._file = self._staged.open("xb", buffering=0)
        self._written = 0

    def write(self, block: bytes) -> None:
        with translated(self._path):
            rest = memoryview(block)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._written += len(block)

    def commit(self) -> Entry:
        try:
            if self._size is not None and self._written != self._size:
                raise BadInput(
                    f"“{self._path}” arrived with {self._written} bytes instead of {self._size}. Send it again."
                )
            with translated(self._path), self._folder._changing:
                os.fsync(self._file.fileno())
                self._file.close()
                if self._modified is not None:
                    os.utime(self._staged, (self._modified, self._modified))
                self._folder._guarded(self._path, self._guard)
                target = self._folder._place(self._path, missing_ok=True)
                if target.exists():
                    shutil.copymode(target, self._staged)
                rename(self._staged, target)
                return self._folder.stat(self._path)
        except DavproxyError:
            self.abort()
            raise

    def abort(self) -> None:
        self._file.close()
        self._staged.unlink(missing_ok=True)

"""The local folder's tree: where each tree path is on the disk, and the entries that are there."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from davproxy.errors import BadPath, NotFound, WrongKind
from davproxy.model import Entry
from davproxy.paths import MOST_NAMES, join, name_of, normalise
from davproxy.remote.local.disk import child_of, translate_errors
from davproxy.remote.top_folders import TopFolders


class LocalTree:
    """Entries of the files and folders below `root`. Symbolic links are not followed: nothing outside is reached.

    A file's etag is made of its times, size and inode, a folder's of all etags below it: asking for one costs a walk
    of the folder. File ids are inode numbers.
    """

    def __init__(self, root: Path, reserved: str, tops: TopFolders) -> None:
        """`reserved` is the name at the top that no path leads into."""
        self.root = root
        self._device = 0
        self._reserved = reserved
        self._tops = tops

    def open(self) -> None:
        """Read the root's device number; the root exists by now."""
        self._device = self.root.stat().st_dev

    def names_of(self, path: str) -> list[str]:
        """The names of `path` on the disk, below the root. Raises BadPath."""
        names = self._tops.to_remote(path)
        if names and names[0].casefold() == self._reserved:
            raise BadPath(f"The name “{self._reserved}” is kept for the program itself. Choose another one.")
        return names

    def locate(self, path: str, *, missing_ok: bool = False) -> Path:
        """Where `path` is on the disk. Raises NotFound, for links too; `missing_ok` lets the last name be missing."""
        file, status = self.look_up(path)
        if status is None and not missing_ok:
            raise _nothing_at(path)
        return file

    def look_up(self, path: str) -> tuple[Path, os.stat_result | None]:
        """Where `path` is on the disk, and the status of what is there: None where only the last name is missing.

        Raises NotFound, for links too.
        """
        file = str(self.root)
        names = self.names_of(path)
        status = None if names else os.lstat(file)
        for index, name in enumerate(names):
            file = f"{file}{os.sep}{name}" if name.isascii() else str(child_of(Path(file), name))
            try:
                status = os.lstat(file)
            except (FileNotFoundError, NotADirectoryError):
                if index == len(names) - 1:
                    return Path(file), None
                raise _nothing_at(path) from None
            if not stat.S_ISDIR(status.st_mode) and not stat.S_ISREG(status.st_mode):
                raise NotFound(f"“{path}” is neither a file nor a folder here: links are not followed.")
        return Path(file), status

    def entry(self, path: str, status: os.stat_result, etag: str | None = None) -> Entry:
        """The entry of the file or folder with this status; a folder's `etag` is given."""
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

    def entries(self, path: str, file: Path) -> list[Entry]:
        """The entry of `file`, whose tree path is `path`; for a folder also every one below it, parents first."""
        status = file.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return [self.entry(path, status)]
        below: list[Entry] = []
        digest = blake2b(digest_size=12)
        for name, child in self._children(path, file):
            with suppress(FileNotFoundError):  # gone since it was listed
                of_child = self.entries(join(path, name), child)
                digest.update(f"{name}/{of_child[0].etag}/".encode())
                below += of_child
        return [self.entry(path, status, digest.hexdigest()), *below]

    def entries_by_child(self, path: str) -> Iterator[list[Entry]]:
        """`entries` of each child of the folder at `path`."""
        path = normalise(path)
        with translate_errors(path):
            folder = self.locate(path)
            if not folder.is_dir():
                raise WrongKind(f"“{path}” is a file, not a folder.")
            for name, child in self._children(path, folder):
                with suppress(FileNotFoundError):
                    yield self.entries(join(path, name), child)

    def _children(self, path: str, folder: Path) -> list[tuple[str, Path]]:
        """The files and folders in `folder` with their names in the tree, in order of the names; none below MOST_NAMES.

        Links, devices, and names that no path can hold are left out. Of two Unicode forms of a name the NFC one stays.
        """
        if path.count("/") >= MOST_NAMES:
            return []
        children: dict[str, Path] = {}
        with os.scandir(folder) as scan:
            for child in scan:
                if not (child.is_file(follow_symlinks=False) or child.is_dir(follow_symlinks=False)):
                    continue
                name = unicodedata.normalize("NFC", child.name)
                if path == "/":
                    tree_path = None if name.casefold() == self._reserved else self._tops.to_tree([name])
                    if tree_path is None:
                        continue
                    name = name_of(tree_path)
                with suppress(BadPath):
                    normalise(name)
                    if name not in children or name == child.name:
                        children[name] = folder / child.name
        return sorted(children.items())


def _nothing_at(path: str) -> NotFound:
    return NotFound(f"There is no “{path}”.")

"""The local folder's tree: where paths are on the disk, and what is there."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from davproxy.errors import BadPath, NotFound, WrongKind
from davproxy.model import Entry
from davproxy.paths import join, name_of, normalise
from davproxy.remote.local.disk import child_of, translated
from davproxy.remote.top_folders import TopFolders


class LocalTree:
    """Symbolic links are not followed: nothing outside `root` is reached.

    Etags are made of times, size and inode; a folder's is made of all etags below it, so asking for one costs a walk
    of the folder. File ids are inode numbers.
    """

    def __init__(self, root: Path, own: str, tops: TopFolders) -> None:
        """`own` is the name at the top that no path leads into."""
        self.root = root
        self._device = 0
        self._own = own
        self._tops = tops

    def open(self) -> None:
        """Look at the root, which exists by now."""
        self._device = self.root.stat().st_dev

    def names_of(self, path: str) -> list[str]:
        """The names of `path` on the disk, below the root. Raises BadPath."""
        names = self._tops.to_remote(path)
        if names and names[0].casefold() == self._own:
            raise BadPath(f"The name “{self._own}” is kept for the program itself. Choose another one.")
        return names

    def place(self, path: str, *, missing_ok: bool = False) -> Path:
        """Where `path` is on the disk. Raises NotFound, for links too; `missing_ok` lets the last name be missing."""
        place = self.root
        names = self.names_of(path)
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

    def entry(self, path: str, status: os.stat_result, etag: str | None = None) -> Entry:
        """The entry of what has this status; a folder's etag is given."""
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

    def survey(self, path: str, place: Path) -> list[Entry]:
        """The entry at `place` and, for a folder, every one below it, parents before children."""
        status = place.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return [self.entry(path, status)]
        below: list[Entry] = []
        digest = blake2b(digest_size=12)
        for name, child in self._names(path, place):
            with suppress(FileNotFoundError):  # gone since it was listed
                found = self.survey(join(path, name), child)
                digest.update(f"{name}/{found[0].etag}/".encode())
                below += found
        return [self.entry(path, status, digest.hexdigest()), *below]

    def survey_children(self, path: str) -> Iterator[list[Entry]]:
        """The survey of each child of the folder at `path`."""
        path = normalise(path)
        with translated(path):
            place = self.place(path)
            if not place.is_dir():
                raise WrongKind(f"“{path}” is a file, not a folder.")
            for name, child in self._names(path, place):
                with suppress(FileNotFoundError):
                    yield self.survey(join(path, name), child)

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
                    tree_path = None if name.casefold() == self._own else self._tops.to_tree([name])
                    if tree_path is None:
                        continue
                    name = name_of(tree_path)
                with suppress(BadPath):
                    normalise(name)
                    if name not in found or name == child.name:
                        found[name] = place / child.name
        return sorted(found.items())

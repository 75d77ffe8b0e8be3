"""Step: songs are staged whole under /Temp on the remote, and from there moved into the library, each in one move.

An artist who is not in the library yet is moved with all songs at once. Other songs are staged in numbered folders, of
which the first row is made and the further rows are copies. So no client ever sees half a song, and a pack of songs
costs far fewer requests than it has files.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from loguru import logger

from davproxy import paths
from davproxy.contents.contents import SMALL
from davproxy.errors import AlreadyExists, Conflict, DavproxyError, NotFound, Unavailable
from davproxy.formats.identify import INI_NAME, NOTES_NAMES
from davproxy.library import Library
from davproxy.model import Entry

BATCH_BYTES = 64 * 1024 * 1024
BATCH_FILES = 400
"""Limits of what is sent between two reports of progress."""
ROW = 16
"""Staging folders that are made one by one; each further row of as many is a copy."""
ABANDONED_SECONDS = 6 * 3600.0
"""Age at which an entry of /Temp belongs to no running instance."""


@dataclass(frozen=True, slots=True)
class StagedItem:
    """A folder or file for `target` in the library. `files` maps names in the folder to files in the work dir; a single
    file has an empty name."""

    target: str
    files: Mapping[str, Path]

    @property
    def is_file(self) -> bool:
        return "" in self.files


class Staging:
    """The folder of one job in /Temp, emptied before the job starts and after it ends."""

    def __init__(self, library: Library, job: str) -> None:
        self._library = library
        self._folder = paths.join(paths.TEMP, job)
        self._entries: list[Entry] = []
        self._staged: dict[str, str] = {}
        """Path in /Temp by path in the library."""

    def __enter__(self) -> "Staging":
        self._clear()
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._clear()
        except DavproxyError as error:  # the job's own result matters more; `remove_abandoned` tries again
            logger.warning("{} is left in /Temp: {}", self._folder, error.message)

    def _clear(self) -> None:
        try:
            self._library.temp.delete(self._folder)
        except NotFound:
            return

    def send(
        self, items: Sequence[StagedItem], report: Callable[[float], None], *, new_folders: Collection[str] = ()
    ) -> None:
        """Store all files of `items` in /Temp, and check that they are there with the right sizes.

        `new_folders` are the parent folders of items that the library does not have; each is staged and moved whole.
        Raises Unavailable if a file is missing.
        """
        if not items:
            return
        with self._naming_targets():
            self._make_folders(items, new_folders)
            total = sum(file.stat().st_size for item in items for file in item.files.values()) or 1
            sent = 0
            checksums: dict[str, str] = {}
            for batch in _batches(file for item in items for file in self._files(item)):
                report(sent / total)
                checksums |= self._library.temp.write_many(batch)
                sent += sum(file.stat().st_size for _, file in batch)
        staged = sorted(self._library.temp.walk(self._folder), key=lambda entry: entry.path)
        self._entries = [replace(entry, checksums=checksums.get(entry.path, "")) for entry in staged]
        there = {entry.path: entry.size for entry in self._entries if not entry.is_folder}
        if there != {path: file.stat().st_size for item in items for path, file in self._files(item)}:
            raise Unavailable("What was stored is not what was sent. It is tried again later.")

    def _make_folders(self, items: Sequence[StagedItem], new_folders: Collection[str]) -> None:
        """Choose the path in /Temp of every item and every new folder, and make the folders."""
        to_make: list[str] = []
        for number, folder in enumerate(sorted(new_folders)):
            self._staged[folder] = f"{self._folder}/whole/{number}"
            to_make.append(self._staged[folder])
        others = []
        for item in items:
            if (parent := paths.parent_of(item.target)) not in new_folders:
                others.append(item)
                continue
            self._staged[item.target] = paths.join(self._staged[parent], paths.name_of(item.target))
            if not item.is_file:
                to_make.append(self._staged[item.target])
        folders = [item.target for item in others if not item.is_file]
        files = [item.target for item in others if item.is_file]
        if files:
            to_make.append(f"{self._folder}/files")
        self._staged |= {target: f"{self._folder}/files/{number}" for number, target in enumerate(files)}
        self._library.temp.make_folders(to_make)
        self._staged |= zip(folders, self._make_rows(len(folders)), strict=True)

    def _make_rows(self, count: int) -> list[str]:
        """Make at least `count` empty folders, in rows, and return the paths of `count` of them."""
        first = f"{self._folder}/0"
        self._library.temp.make_folders(f"{first}/{column}" for column in range(min(count, ROW)))
        for row in range(1, ceil(count / ROW)):
            self._library.temp.copy(first, f"{self._folder}/{row}")
        return [f"{self._folder}/{number // ROW}/{number % ROW}" for number in range(count)]

    def move(self, items: Sequence[StagedItem]) -> list[StagedItem]:
        """Move `items`, all of one parent folder, to their targets. Returns those whose target is occupied."""
        folder = paths.parent_of(items[0].target)
        with self._naming_targets():
            if folder in self._staged:
                try:
                    self._library.tree.move_staged(self._entries_of(folder), folder, _small_files(folder, items))
                    return []
                except (AlreadyExists, Conflict):
                    self._library.tree.refresh(folder)
            try:
                self._library.tree.stat(folder)
            except NotFound:
                self._library.tree.make_folder(folder)
            return [item for item in items if not self._move_one(item)]

    def _move_one(self, item: StagedItem) -> bool:
        """Move one item to its target. Returns False if the target is occupied."""
        known = _small_files(item.target, [item])
        try:
            self._library.tree.move_staged(self._entries_of(item.target), item.target, known)
        except (AlreadyExists, Conflict):
            self._library.tree.refresh(item.target)
            return False
        return True

    def _entries_of(self, target: str) -> list[Entry]:
        """The staged entries for `target`: the file or folder itself first, then everything in it."""
        staged = self._staged[target]
        return [entry for entry in self._entries if paths.is_at_or_below(entry.path, staged)]

    @contextmanager
    def _naming_targets(self) -> Iterator[None]:
        """Raise errors about staged paths as errors about those in the library, which are what people know."""
        try:
            yield
        except NotFound as error:
            raise Unavailable("Something removed what was stored in /Temp. It is tried again later.") from error
        except DavproxyError as error:
            message = error.message
            for target, staged in sorted(self._staged.items(), key=lambda pair: len(pair[1]), reverse=True):
                message = message.replace(staged, target)
            raise type(error)(message) from error

    def _files(self, item: StagedItem) -> Iterator[tuple[str, Path]]:
        """The files of `item`, each with its path in /Temp."""
        staged = self._staged[item.target]
        for name, file in item.files.items():
            yield paths.join(staged, name) if name else staged, file


def remove_abandoned(library: Library) -> None:
    """Remove entries of /Temp that no instance uses any more; another instance may be staging there now.

    Their age is by the clock of the remote: ours can be a day ahead, and what others stage now would be old.
    """
    try:
        entries = library.temp.children()
        now = library.temp.now() if entries else 0.0
        for entry in entries:
            if now - entry.modified > ABANDONED_SECONDS:
                library.temp.delete(entry.path)
    except NotFound:
        return
    except DavproxyError as error:
        logger.warning("/Temp could not be cleared up: {}", error.message)


def _batches(files: Iterable[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    batch: list[tuple[str, Path]] = []
    size = 0
    for path, file in files:
        batch.append((path, file))
        size += file.stat().st_size
        if size >= BATCH_BYTES or len(batch) >= BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _small_files(folder: str, items: Sequence[StagedItem]) -> dict[str, bytes]:
    """The bytes of notes files and song.ini, by path below `folder`, so that the library need not fetch them again."""
    return {
        paths.join(item.target, name)[len(folder) + 1 :]: file.read_bytes()
        for item in items
        for name, file in item.files.items()
        if name in (INI_NAME, *NOTES_NAMES) and file.stat().st_size <= SMALL
    }

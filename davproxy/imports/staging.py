"""Step: songs go to the remote's /Temp whole, and from there into the library by one move each.

An artist who is not in the library yet is moved with all songs at once. The other songs wait in folders without names
of their own: few of them are made, the others are copies. So nobody ever sees half a song, and a pack of songs costs
far fewer requests than it has files.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from loguru import logger

from davproxy import paths
from davproxy.errors import AlreadyExists, Conflict, DavproxyError, NotFound, Unavailable
from davproxy.formats.identify import INI_NAME, NOTES_NAMES
from davproxy.library import Library
from davproxy.model import Entry

BATCH_BYTES = 64 * 1024 * 1024
BATCH_FILES = 400
"""What is sent between two reports of progress."""
SMALL = 1024 * 1024
ROW = 16
"""Waiting places that are made one by one; further rows of as many are copies."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A folder or file to publish at `target`. `files` maps names in it (`` for a single file) to files here."""

    target: str
    files: Mapping[str, Path]

    @property
    def is_file(self) -> bool:
        return "" in self.files


class Staging:
    """One job's folder in /Temp. What a former run of the job left there goes first, what this one leaves goes last."""

    def __init__(self, library: Library, job: str) -> None:
        self._library = library
        self._folder = paths.join(paths.TEMP, job)
        self._entries: list[Entry] = []
        self._places: dict[str, str] = {}
        """Where in /Temp waits what goes to a path."""

    def __enter__(self) -> "Staging":
        self._clear()
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._clear()
        except DavproxyError as error:  # the job's own end counts; the next start sweeps
            logger.warning("{} is left in /Temp: {}", self._folder, error.message)

    def _clear(self) -> None:
        try:
            self._library.temp.delete(self._folder)
        except NotFound:
            return

    def send(
        self, items: Sequence[Placed], report: Callable[[float], None], *, whole: Collection[str] = frozenset()
    ) -> None:
        """Store all files of `items` in /Temp, and see that they are there as they should be.

        `whole` are those of their parent folders that the library does not have: they go there with all in them.
        """
        if not items:
            return
        self._make_places(items, whole)
        total = sum(file.stat().st_size for item in items for file in item.files.values()) or 1
        sent = 0
        for batch in _batches(file for item in items for file in self._waiting(item)):
            report(sent / total)
            self._library.temp.write_many(batch)
            sent += sum(file.stat().st_size for _, file in batch)
        self._entries = sorted(self._library.temp.walk(self._folder), key=lambda entry: entry.path)
        there = {entry.path: entry.size for entry in self._entries if not entry.is_folder}
        if there != {path: file.stat().st_size for item in items for path, file in self._waiting(item)}:
            raise Unavailable("What was stored is not what was sent. It is tried again later.")

    def _make_places(self, items: Sequence[Placed], whole: Collection[str]) -> None:
        """Give every item its waiting place, and make those that are folders."""
        make_folder = self._library.temp.make_folder
        for number, folder in enumerate(sorted(whole)):
            self._places[folder] = f"{self._folder}/whole/{number}"
            make_folder(self._places[folder])
        others = [item for item in items if paths.parent_of(item.target) not in whole]
        for item in items:
            if (folder := paths.parent_of(item.target)) in whole:
                self._places[item.target] = paths.join(self._places[folder], paths.name_of(item.target))
                if not item.is_file:
                    make_folder(self._places[item.target])
        folders = [item.target for item in others if not item.is_file]
        self._places |= zip(folders, self._make_rows(len(folders)), strict=True)
        files = [item.target for item in others if item.is_file]
        if files:
            make_folder(f"{self._folder}/files")
        self._places |= {target: f"{self._folder}/files/{number}" for number, target in enumerate(files)}

    def _make_rows(self, count: int) -> list[str]:
        """`count` empty folders; the last row may have some to spare."""
        first = f"{self._folder}/0"
        for column in range(min(count, ROW)):
            self._library.temp.make_folder(f"{first}/{column}")
        for row in range(1, ceil(count / ROW)):
            self._library.temp.copy(first, f"{self._folder}/{row}")
        return [f"{self._folder}/{number // ROW}/{number % ROW}" for number in range(count)]

    def publish(self, items: Sequence[Placed]) -> list[Placed]:
        """Move `items`, all of one parent folder, to their targets; returns those whose place was taken meanwhile."""
        folder = paths.parent_of(items[0].target)
        if folder in self._places:
            try:
                self._library.tree.publish(self._listing(folder), folder, _known(folder, items))
                return []
            except (AlreadyExists, Conflict):
                self._library.tree.refresh(folder)
        try:
            self._library.tree.stat(folder)
        except NotFound:
            self._library.tree.make_folder(folder)
        return [item for item in items if not self._publish_one(item)]

    def _publish_one(self, item: Placed) -> bool:
        try:
            self._library.tree.publish(self._listing(item.target), item.target, _known(item.target, [item]))
        except (AlreadyExists, Conflict):
            self._library.tree.refresh(item.target)
            return False
        return True

    def _listing(self, path: str) -> list[Entry]:
        """What waits for `path`: itself first, then all below it."""
        place = self._places[path]
        return [entry for entry in self._entries if paths.is_at_or_below(entry.path, place)]

    def _waiting(self, item: Placed) -> Iterator[tuple[str, Path]]:
        """The files of `item`, each with the path where it waits."""
        place = self._places[item.target]
        for name, file in item.files.items():
            yield paths.join(place, name) if name else place, file


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


def _known(folder: str, items: Sequence[Placed]) -> dict[str, bytes]:
    """The small files that the library would read at once, by path below `folder`: it need not fetch them again."""
    return {
        paths.join(item.target, name)[len(folder) + 1 :]: file.read_bytes()
        for item in items
        for name, file in item.files.items()
        if name in (INI_NAME, *NOTES_NAMES) and file.stat().st_size <= SMALL
    }

"""Step: songs go to the remote's /Temp whole, and from there into the library by one move each.

An artist who is not in the library yet is moved with all songs at once. So nobody ever sees half a song, and a pack of
songs costs far fewer requests than it has files.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Placed:
    """A folder or file to publish at `target`. `files` maps names in it (`` for a single file) to files here."""

    target: str
    files: Mapping[str, Path]


class Staging:
    """One job's folder in /Temp. What a former run of the job left there goes first, what this one leaves goes last."""

    def __init__(self, library: Library, job: str) -> None:
        self._library = library
        self._folder = paths.join(paths.TEMP, job)
        self._entries: list[Entry] = []

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
            self._library.remote.delete(self._folder)
        except NotFound:
            return

    def send(self, items: list[Placed], report: Callable[[float], None]) -> None:
        """Store all files of `items` in /Temp, and see that they are there as they should be."""
        if not items:
            return
        total = sum(file.stat().st_size for item in items for file in item.files.values()) or 1
        sent = 0
        for batch in _batches(items):
            report(sent / total)
            self._library.remote.write_many([(self._staged(path), file) for path, file in batch])
            sent += sum(file.stat().st_size for _, file in batch)
        self._entries = sorted(self._library.remote.walk(self._folder), key=lambda entry: entry.path)
        there = {entry.path: entry.size for entry in self._entries if not entry.is_folder}
        if there != {self._staged(path): file.stat().st_size for item in items for path, file in _files(item)}:
            raise Unavailable("What was stored is not what was sent. It is tried again later.")

    def publish(self, items: list[Placed], *, whole_folder: bool) -> list[Placed]:
        """Move `items`, which share one parent folder, to their targets; returns those whose place was taken meanwhile.

        `whole_folder` says that the parent is not in the library yet: then it is moved as a whole.
        """
        folder = paths.parent_of(items[0].target)
        if whole_folder:
            try:
                self._library.publish(self._listing(folder), folder, _known(folder, items))
                return []
            except (AlreadyExists, Conflict):
                self._library.refresh(folder)
        try:
            self._library.stat(folder)
        except NotFound:
            self._library.make_folder(folder)
        return [item for item in items if not self._publish_one(item)]

    def _publish_one(self, item: Placed) -> bool:
        try:
            self._library.publish(self._listing(item.target), item.target, _known(item.target, [item]))
        except (AlreadyExists, Conflict):
            self._library.refresh(item.target)
            return False
        return True

    def _listing(self, path: str) -> list[Entry]:
        """What waits for `path`: itself first, then all below it."""
        place = self._staged(path)
        return [entry for entry in self._entries if paths.is_at_or_below(entry.path, place)]

    def _staged(self, path: str) -> str:
        """Where in /Temp what goes to `path` waits: the same names below the job's folder, without the top folder."""
        return self._folder + path.removeprefix(paths.top_of(path))


def _files(item: Placed) -> Iterator[tuple[str, Path]]:
    for name, file in item.files.items():
        yield paths.join(item.target, name) if name else item.target, file


def _batches(items: list[Placed]) -> Iterator[list[tuple[str, Path]]]:
    batch: list[tuple[str, Path]] = []
    size = 0
    for item in items:
        for path, file in _files(item):
            batch.append((path, file))
            size += file.stat().st_size
            if size >= BATCH_BYTES or len(batch) >= BATCH_FILES:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _known(folder: str, items: list[Placed]) -> dict[str, bytes]:
    """The small files that the library would read at once, by path below `folder`: it need not fetch them again."""
    return {
        paths.join(item.target, name)[len(folder) + 1 :]: file.read_bytes()
        for item in items
        for name, file in item.files.items()
        if name in (INI_NAME, *NOTES_NAMES) and file.stat().st_size <= SMALL
    }

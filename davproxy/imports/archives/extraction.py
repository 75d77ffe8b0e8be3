"""An extraction: the folder that an archive is unpacked into, with the limits on what may be written there."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from davproxy.errors import BadArchive, TooLarge
from davproxy.imports.archives.names import Names, is_junk_path, parts_of

MIB = 1024 * 1024
GROWTH = 100
GROWTH_FREE = 100 * MIB
"""Songs are compressed already, so what grows a hundredfold, beyond the first 100 MiB, is a zip bomb."""

ENCRYPTED = "The archive is encrypted. Unpack it with its password, pack it again without one, and put that here."
VOLUME = "The archive is one of several volumes. Unpack them together, and put the folder or one whole archive here."
BOMB = "The archive unpacks to far more than songs do, as a zip bomb would. It was not unpacked."
SPECIAL = "It is a link or a device, and was not unpacked. Pack the file itself."
DAMAGED_FILE = "It is damaged in the archive. Download or pack the archive again."
DAMAGED_FOLDER = "The archive is damaged here, and may have held more. Download or pack the archive again."
DAMAGED = "The archive is damaged or was cut short. Download it or pack it again."


class Extraction:
    """A folder that one archive, and those inside it, are unpacked into.

    `packed` is the archive's size in bytes; `max_size` bytes and `max_entries` files and folders may come out. `report`
    is called with the progress, 0 to 1, if the archive announces its size.
    """

    def __init__(
        self,
        folder: Path,
        *,
        packed: int,
        max_size: int,
        max_entries: int,
        report: Callable[[float], None] = lambda _progress: None,
    ) -> None:
        self.folder = folder
        self.max_size = max_size
        self.files: dict[str, int] = {}
        """Sizes in bytes of the files written so far, by path relative to `folder`, with `/`."""
        self.failed: list[tuple[str, str]] = []
        """(path, reason) of each member that could not be unpacked."""
        self._below = ""
        """The path, relative to `folder` and with `/` at its end, that members are written below."""
        self._names = Names()
        self._max_growth = GROWTH_FREE + GROWTH * packed
        self._entries_left = self._max_entries = max_entries
        self._bytes = self._removed = self._expected = self._reported = 0
        self._report = report

    def expect(self, entries: int, size: int) -> None:
        """Check what the archive announces, before a byte is written. Raises TooLarge, BadArchive."""
        if entries > self._entries_left:
            raise self._too_many()
        self._expected = self._bytes + size
        self._check(self._expected)

    def add_folder(self, name: str) -> None:
        """Check and count a folder of the archive. Nothing is made: folders are made for the files in them."""
        self._count_entry()
        parts_of(name)

    def path_for(self, name: str) -> str | None:
        """Count the member `name`. Returns its path below `folder`, None for junk. Raises BadArchive, TooLarge."""
        self._count_entry()
        parts = parts_of(name)
        if not parts or is_junk_path(parts):
            return None
        return self._names.path_for(parts, self._below)

    @contextlib.contextmanager
    def in_place_of(self, path: str) -> Iterator[None]:
        """Write members into a folder in place of the archive at `path`, which is no file of the extraction then."""
        del self.files[path]
        outer, self._below = self._below, self._names.folder_in_place_of(path)
        try:
            yield
        finally:
            self._below = outer

    def remove(self, paths: Iterable[str]) -> None:
        """Delete files of the extraction, and take their bytes off the count, but in all no more than may come out."""
        for path in paths:
            size = self.files.pop(path)
            self._removed += size
            if self._removed <= self._max_growth:
                self._bytes -= size
            (self.folder / path).unlink()

    def open(self, path: str | None) -> "Sink":
        """A sink for the content of the file at `path`; for None, one that discards it."""
        if path:
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        return Sink(self, path)

    def open_member(self, name: str) -> "Sink":
        """A sink for the content of the member `name`: `path_for` and `open` in one."""
        return self.open(self.path_for(name))

    def leave_out(self, name: str, reason: str = SPECIAL) -> None:
        """Count the member `name` and list it as failed: by default as a link or a device."""
        if path := self.path_for(name):
            self.failed.append((path, reason))

    def count_bytes(self, size: int) -> None:
        """Count `size` more bytes; a negative number takes back. Raises TooLarge, BadArchive over a limit."""
        self._bytes += size
        self._check(self._bytes)
        if self._expected and self._bytes - self._reported >= 16 * MIB:
            self._reported = self._bytes
            self._report(min(1.0, self._bytes / self._expected))

    def _count_entry(self) -> None:
        self._entries_left -= 1
        if self._entries_left < 0:
            raise self._too_many()

    def _too_many(self) -> TooLarge:
        return TooLarge(f"The archive holds more than {self._max_entries} files. Split it into smaller ones.")

    def _check(self, total: int) -> None:
        if total > self.max_size:
            raise TooLarge(f"The archive unpacks to more than {self.max_size // MIB} MiB. Split it into smaller ones.")
        if total > self._max_growth:
            raise BadArchive(BOMB)


class Sink:
    """One file of an extraction, open for writing. Without a path its bytes are counted and discarded."""

    def __init__(self, extraction: Extraction, path: str | None) -> None:
        self.path = path
        self.size = 0
        self._extraction = extraction
        self._file = (extraction.folder / path).open("xb") if path else None

    def write(self, block: bytes | bytearray | memoryview) -> int:
        """Write the next bytes, and return how many they were."""
        self._extraction.count_bytes(len(block))
        self.size += len(block)
        if self._file:
            self._file.write(block)
        return len(block)

    def close(self) -> None:
        """Close the file, and list it in the extraction."""
        if self._file and self.path and not self._file.closed:
            self._file.close()
            self._extraction.files[self.path] = self.size

    def discard(self) -> None:
        """Delete the file, and take its bytes off the count. `path` can be opened again."""
        self.close()
        self._extraction.count_bytes(-self.size)
        if self.path:
            del self._extraction.files[self.path]
            (self._extraction.folder / self.path).unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

"""The folder that an archive is unpacked into: counts what goes in, and stops what does not belong there."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from davproxy.errors import BadArchive, TooLarge
from davproxy.imports.archives.names import Names, is_dropped, parts_of
from davproxy.paths import printable

MIB = 1024 * 1024
GROWTH = 100
GROWTH_FREE = 100 * MIB
"""Songs are packed already: what grows a hundredfold, beyond the first 100 MiB, is a bomb."""

ENCRYPTED = "The archive is encrypted. Unpack it with its password, pack it again without one, and put that here."
VOLUME = "The archive is one of several volumes. Unpack them together, and put the folder or one whole archive here."
DAMAGED = "The archive is damaged or was cut short. Download it or pack it again."


class Tree:
    """A folder being filled, by one archive and those inside it.

    `packed` is the archive's size in bytes, `size` and `entries` are the limits for what comes out. `report` hears how
    far it is, from 0 to 1, where the archive tells that beforehand.
    """

    def __init__(
        self,
        folder: Path,
        *,
        packed: int,
        size: int,
        entries: int,
        report: Callable[[float], None] = lambda _progress: None,
    ) -> None:
        self.folder = folder
        self.limit = size
        self.files: dict[str, int] = {}
        """Sizes of the files so far by path, relative and with `/`."""
        self.inside = ""
        """The folder in here that names are taken to be relative to."""
        self._names = Names()
        self._grown = GROWTH_FREE + GROWTH * packed
        self._entries_left = self._entries = entries
        self._bytes = self._expected = self._reported = 0
        self._report = report

    def expect(self, entries: int, size: int) -> None:
        """What the archive's own directory says is to come: refused before a byte is written."""
        if entries > self._entries_left:
            raise self._too_many()
        self._expected = self._bytes + size
        self._check(self._expected)

    def folder_entry(self, name: str) -> None:
        """A folder of the archive: its name is checked, but only files make folders."""
        self._count_entry()
        parts_of(name)

    def place(self, name: str) -> str | None:
        """The path for the member `name`; None for junk. Raises BadArchive, TooLarge."""
        self._count_entry()
        parts = parts_of(name)
        if not parts or is_dropped(parts):
            return None
        return self._names.place([*self.inside.split("/"), *parts] if self.inside else parts)

    def open(self, path: str | None) -> "Sink":
        """Where the content of the file at `path` goes; None throws it away."""
        if path:
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        return Sink(self, path)

    def file(self, name: str) -> "Sink":
        """`place` and `open` in one."""
        return self.open(self.place(name))

    def special(self, name: str) -> BadArchive:
        """The error for a member that is neither file nor folder."""
        return BadArchive(f"The archive holds a link or a device, “{printable(name)[:80]}”. It was not unpacked.")

    def take(self, size: int) -> None:
        """Count `size` more bytes, or fewer where they were thrown away. Raises when it is too much."""
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
        return TooLarge(f"The archive holds more than {self._entries} files. Split it into smaller ones.")

    def _check(self, total: int) -> None:
        if total > self.limit:
            raise TooLarge(f"The archive unpacks to more than {self.limit // MIB} MiB. Split it into smaller ones.")
        if total > self._grown:
            raise BadArchive("The archive unpacks to far more than songs do, as a zip bomb would. It was not unpacked.")


class Sink:
    """One file being written; what has no path goes nowhere, but counts."""

    def __init__(self, tree: Tree, path: str | None) -> None:
        self.path = path
        self.size = 0
        self._tree = tree
        self._file = (tree.folder / path).open("xb") if path else None

    def write(self, block: bytes | bytearray | memoryview) -> int:
        """Take the next bytes, and return how many they were."""
        self._tree.take(len(block))
        self.size += len(block)
        if self._file:
            self._file.write(block)
        return len(block)

    def close(self) -> None:
        """Make the file one of the tree's."""
        if self._file and self.path and not self._file.closed:
            self._file.close()
            self._tree.files[self.path] = self.size

    def discard(self) -> None:
        """Undo it all, the counting too; `path` is free to be opened again."""
        self.close()
        self._tree.take(-self.size)
        if self.path:
            del self._tree.files[self.path]
            (self._tree.folder / self.path).unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

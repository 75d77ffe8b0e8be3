"""A text file of this program that people edit too. Changes keep every line that the program does not understand."""

from collections.abc import Callable
from dataclasses import dataclass

from davproxy import paths
from davproxy.errors import BadInput, Conflict, NotFound
from davproxy.formats import encoding
from davproxy.formats.encoding import UTF8, Encoding
from davproxy.library import Library
from davproxy.model import ABSENT, Guard

MOST_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class _Read:
    """The lines of the file, its encoding and line ends, and the guard for writing it back."""

    lines: list[str]
    encoding: Encoding
    newline: str
    guard: Guard


class TextFile:
    """The file at `path`, which may be missing.

    Bytes that its encoding cannot decode become lone surrogates in the lines, and the same bytes when it is written.
    """

    def __init__(self, library: Library, path: str) -> None:
        self._library, self._path = library, path

    def lines(self) -> list[str]:
        """The lines of the file; none where there is no file. Raises BadInput where it is too large."""
        return self._read().lines

    def change(self, edit: Callable[[list[str]], list[str]]) -> None:
        """Write the lines that `edit` returns. It is called again where the file was written elsewhere meanwhile.

        Raises BadInput, Conflict.
        """
        with self._library.own_writes.lock:
            try:
                self._change(edit)
            except Conflict:
                self._change(edit)

    def _change(self, edit: Callable[[list[str]], list[str]]) -> None:
        read = self._read()
        if (lines := edit(list(read.lines))) != read.lines:
            content = self._encode("".join(line + read.newline for line in lines), read.encoding)
            if len(content) > MOST_BYTES:
                raise self._too_large()
            self._library.tree.write(self._path, content, guard=read.guard)

    def _encode(self, text: str, former: Encoding) -> bytes:
        try:
            return former.encode(text)
        except UnicodeEncodeError:
            try:
                return text.encode()
            except UnicodeEncodeError:
                name = paths.name_of(self._path)
                raise BadInput(f"“{name}” has bytes that are no text. Save it as UTF-8 with an editor first.") from None

    def _too_large(self) -> BadInput:
        return BadInput(f"“{paths.name_of(self._path)}” is not a text file of at most {MOST_BYTES >> 20} MiB.")

    def _read(self) -> _Read:
        try:
            return self._read_once()
        except Conflict:
            return self._read_once()

    def _read_once(self) -> _Read:
        try:
            entry = self._library.tree.stat(self._path)
            if entry.is_folder or entry.size > MOST_BYTES:
                raise self._too_large()
            data = self._library.tree.content(entry)
        except NotFound:
            return _Read([], UTF8, "\n", ABSENT)
        found = encoding.detect(data)
        text = found.decode(data)
        return _Read(text.splitlines(), found, "\r\n" if "\r\n" in text else "\n", Guard(etag=entry.etag))

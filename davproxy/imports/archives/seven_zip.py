"""7z archives: py7zr unpacks them into sinks of ours, so that every byte is counted."""

import contextlib
from pathlib import Path, PurePath

import py7zr
from py7zr.io import Py7zIO, WriterFactory

from davproxy.errors import BadArchive
from davproxy.imports.archives.extraction import DAMAGED, ENCRYPTED, Extraction, Sink


def unpack(archive: Path, extraction: Extraction) -> None:
    """Unpack every member of the 7z file at `archive` into `extraction`. Raises BadArchive, TooLarge."""
    try:
        with archive.open("rb") as file, py7zr.SevenZipFile(file) as opened:  # an open file: one thread, in order
            if opened.needs_password():
                raise BadArchive(ENCRYPTED)
            members = opened.list()
            extraction.expect(len(members), sum(member.uncompressed or 0 for member in members))
            for member in members:
                if member.is_directory:
                    extraction.add_folder(member.filename)
                elif not member.is_file:
                    raise extraction.special_member(member.filename)
            with contextlib.ExitStack() as writers:
                opened.extractall(path=extraction.folder, factory=_Writers(extraction, writers))
    except py7zr.exceptions.PasswordRequired:
        raise BadArchive(ENCRYPTED) from None
    except py7zr.exceptions.UnsupportedCompressionMethodError:
        raise BadArchive(
            "The archive is packed with a method that is not supported. Pack it again as a plain zip."
        ) from None
    except py7zr.exceptions.ArchiveError:
        raise BadArchive(DAMAGED) from None


class _Writers(WriterFactory):
    """Gives py7zr a writer for each member."""

    def __init__(self, extraction: Extraction, writers: contextlib.ExitStack) -> None:
        self._extraction, self._writers = extraction, writers

    def create(self, filename: str) -> Py7zIO:
        name = PurePath(filename).relative_to(self._extraction.folder).as_posix()
        writer = _Writer(self._extraction.open_member(name))
        self._writers.callback(writer.close)  # py7zr leaves it open where it fails
        return writer


class _Writer(Py7zIO):
    """A sink with the methods that py7zr calls. It only writes from front to back, so read and seek do nothing."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, s: bytes | bytearray) -> int:
        return self._sink.write(s)

    def close(self) -> None:
        self._sink.close()

    def read(self, size: int | None = None) -> bytes:  # noqa: ARG002 - py7zr's names
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002
        return 0

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return self._sink.size

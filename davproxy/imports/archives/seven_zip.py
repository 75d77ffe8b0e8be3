"""7z archives: py7zr unpacks them into sinks of ours, so that every byte is counted.

py7zr ends at the first damage. So checksums are compared here, and where a solid block cannot be decompressed any
further, only its remaining files are lost: the other blocks follow in another turn.
"""

import zlib
from pathlib import Path, PurePath
from typing import Any

import py7zr
from py7zr.io import Py7zIO, WriterFactory

from davproxy.errors import BadArchive, DavproxyError
from davproxy.imports.archives.extraction import DAMAGED, DAMAGED_FILE, ENCRYPTED, Extraction, Sink

UNSUPPORTED = "The archive is packed with a method that is not supported. Pack it again as a plain zip."

Member = Any  # a py7zr.FileInfo: the library is untyped


def unpack(archive: Path, extraction: Extraction) -> None:
    """Unpack every member of the 7z file at `archive` into `extraction`. Raises BadArchive, TooLarge."""
    try:
        with archive.open("rb") as file, py7zr.SevenZipFile(file) as opened:  # an open file: one thread, in order
            if opened.needs_password():
                raise BadArchive(ENCRYPTED)
            members = opened.list()
            extraction.expect(len(members), sum(member.uncompressed or 0 for member in members))
            files: dict[int, Member] = {}
            for number, member in enumerate(members):
                if member.is_directory:
                    extraction.add_folder(member.filename)
                elif not member.is_file:
                    extraction.leave_out(member.filename)
                elif opened.files[number].emptystream:
                    extraction.open_member(member.filename).close()
                else:
                    files[number] = member
            _unpack_files(opened, files, extraction)
    except py7zr.exceptions.PasswordRequired:
        raise BadArchive(ENCRYPTED) from None
    except py7zr.exceptions.UnsupportedCompressionMethodError:
        raise BadArchive(UNSUPPORTED) from None
    except py7zr.exceptions.ArchiveError:
        raise BadArchive(DAMAGED) from None


def _unpack_files(opened: Any, files: dict[int, Member], extraction: Extraction) -> None:
    """Unpack the files with content, by their numbers in the archive. What is damaged is listed as failed."""
    for number, properties in enumerate(opened.files.files_list):
        properties["filename"] = str(number)  # names need not be unique
        properties["digest"] = None  # so that py7zr continues after damage; the writers compare
    while files:
        writers = _Writers(files, extraction)
        lost: dict[int, Member] = {}
        reason = DAMAGED_FILE
        try:
            opened.extract(extraction.folder, {str(number) for number in files}, factory=writers)
        except (DavproxyError, MemoryError):
            raise
        except Exception as error:  # decompressors raise errors of every kind
            if not writers.opened or (isinstance(error, OSError) and error.errno is not None):
                raise
            if isinstance(error, py7zr.exceptions.UnsupportedCompressionMethodError):
                reason = UNSUPPORTED
            at = max(writers.opened)
            writers.opened[at].end()
            block = opened.files[at].folder
            lost = {n: files[n] for n in files if n not in writers.opened and opened.files[n].folder is block}
        for member in lost.values():
            extraction.leave_out(member.filename, reason)
        files = {n: member for n, member in files.items() if n not in writers.opened and n not in lost}
        opened.reset()


class _Writers(WriterFactory):
    """Gives py7zr a writer for each of the `files`, whose names are their numbers."""

    def __init__(self, files: dict[int, Member], extraction: Extraction) -> None:
        self._files, self._extraction = files, extraction
        self.opened: dict[int, _Writer] = {}

    def create(self, filename: str) -> Py7zIO:
        number = int(PurePath(filename).name)
        self.opened[number] = _Writer(self._files[number], self._extraction)
        return self.opened[number]


class _Writer(Py7zIO):
    """A sink with the methods that py7zr calls. It only writes from front to back, so read and seek do nothing."""

    def __init__(self, member: Member, extraction: Extraction) -> None:
        self._member, self._extraction = member, extraction
        self._sink: Sink = extraction.open_member(member.filename)
        self._crc = 0

    def write(self, s: bytes | bytearray) -> int:
        self._crc = zlib.crc32(s, self._crc)
        return self._sink.write(s)

    def end(self) -> None:
        """Close the sink, and discard what is not whole."""
        self._sink.close()
        if self._sink.size != self._member.uncompressed or self._member.crc32 not in (None, self._crc):
            self._sink.discard()
            self._extraction.failed.append((self._sink.path or self._member.filename, DAMAGED_FILE))

    def close(self) -> None:  # py7zr leaves it open where it fails
        self.end()

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

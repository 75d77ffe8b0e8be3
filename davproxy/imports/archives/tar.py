"""Tar archives, plain or compressed, read once from front to back without keeping them in memory.

What is damaged costs what is whole nothing: a header that cannot be read is passed over, and where the archive breaks
off, the files before are kept.
"""

import bz2
import contextlib
import gzip
import io
import lzma
import posixpath
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

import zstandard

from davproxy.errors import BadArchive
from davproxy.formats.identify import SNIFF_BYTES, Content, content
from davproxy.imports.archives.extraction import DAMAGED, DAMAGED_FILE, DAMAGED_FOLDER, MIB, Extraction
from davproxy.imports.archives.names import encoding_of

HEADERS = 64 * 1024
"""Bytes that may describe one file: its header, a long name, PAX records, the map of a sparse file."""
PASSED_OVER = 64 * MIB
"""Bytes that may be neither headers nor files: padding, and what follows a damaged header."""
IN_DOUBT = 2 * MIB
"""Bytes before the point where a decompressor notices damage that may be wrong: what one chunk of xz holds."""
HEADER_BOMB = "The archive describes a file in more bytes than any needs, as a bomb would. It was not unpacked."

_CUT = (tarfile.TarError, EOFError)
_WRONG = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError)


def unpack(archive: Path, extraction: Extraction) -> None:
    """Unpack every member of the tar file at `archive` into `extraction`. Raises BadArchive, TooLarge."""
    with _plain(archive) as raw:
        blocks = _Blocks(raw)
        stream = io.BufferedReader(blocks, tarfile.RECORDSIZE)
        if content(stream.peek(SNIFF_BYTES)) is not Content.TAR:
            raise BadArchive("The file is compressed, but holds no archive. Pack the song's folder as a zip.")
        reader = _Reader(blocks, extraction)
        try:
            reader.read(stream)
        except _CUT:
            reader.lose_the_rest()
        except _WRONG as error:
            if isinstance(error, OSError) and error.errno is not None:  # from the disk, not about the archive
                raise
            reader.lose_the_rest(in_doubt=IN_DOUBT)


class _Reader:
    """Reads one tar, and knows how far."""

    def __init__(self, blocks: "_Blocks", extraction: Extraction) -> None:
        self._blocks = blocks
        self._extraction = extraction
        self._folder = ""
        """The folder of the last file."""
        self._ends: list[tuple[str, int]] = []
        """(path, where its content ended) of each file that is whole."""

    def read(self, stream: "io.BufferedReader[_Blocks]") -> None:
        """Unpack all members. Raises an error of tarfile or of the decompressor where the archive breaks off."""
        with tarfile.open(
            fileobj=stream,
            mode="r|",
            encoding="utf-8",
            errors="surrogateescape",
            ignore_zeros=True,  # passes over headers that it cannot read
            tarinfo=self._blocks.header_class(),
        ) as opened:
            while member := opened.next():
                if member.isdir():
                    self._extraction.add_folder(_name(member))
                elif not member.isfile():
                    self._extraction.leave_out(_name(member))
                else:
                    self._unpack_file(opened, member)
                member.pax_headers = opened.pax_headers = {}  # tarfile keeps every member, and a copy of these in each
                self._blocks.allow(0)
        if self._blocks.damaged:
            self.lose_the_rest()

    def lose_the_rest(self, in_doubt: int = 0) -> None:
        """Name the folder in which the archive breaks off. The files in its last `in_doubt` bytes may be wrong."""
        if self._blocks.damaged or not self._blocks.ended:
            doubtful = [path for path, end in self._ends if end > self._blocks.position - in_doubt]
            self._extraction.remove(doubtful)
            self._extraction.failed += [(path, DAMAGED_FILE) for path in doubtful]
            self._extraction.failed.append((self._folder, DAMAGED_FOLDER))
        elif in_doubt:  # only the checksum of the whole is wrong: it may be any file
            raise BadArchive(DAMAGED)

    def _unpack_file(self, opened: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        self._extraction.expect(0, member.size)
        self._blocks.allow(member.size)
        source = opened.extractfile(member)
        assert source is not None  # it is a file
        sink = self._extraction.open_member(_name(member))
        before, self._folder = self._folder, posixpath.dirname(sink.path) if sink.path else self._folder
        if self._blocks.damaged:
            self._extraction.failed += [(folder, DAMAGED_FOLDER) for folder in sorted({before, self._folder})]
            self._blocks.damaged = False
        try:
            with sink:
                shutil.copyfileobj(source, sink, MIB)
        finally:
            if sink.size != member.size:
                sink.discard()
                self._extraction.failed.append((sink.path or _name(member), DAMAGED_FILE))
            elif sink.path:
                self._ends.append((sink.path, self._blocks.position))


def _name(member: tarfile.TarInfo) -> str:
    raw = member.name.encode("utf-8", "surrogateescape")
    return raw.decode(encoding_of([raw]))


_DECOMPRESSORS: dict[Content, Callable[[BinaryIO], Any]] = {
    Content.GZIP: lambda file: gzip.GzipFile(fileobj=file),
    Content.BZIP2: bz2.BZ2File,
    Content.XZ: lzma.LZMAFile,
    Content.ZSTD: lambda file: zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True),
}


@contextlib.contextmanager
def _plain(archive: Path) -> Iterator[BinaryIO]:
    """The bytes of the tar, decompressed."""
    with archive.open("rb") as file:
        kind = content(file.read(SNIFF_BYTES))
        file.seek(0)
        if kind in _DECOMPRESSORS:
            with _DECOMPRESSORS[kind](file) as plain:
                yield plain
        else:
            yield file


class _Blocks(io.RawIOBase):
    """The stream that tarfile reads. It bounds what one file's description may take, which can be a bomb."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source
        self._left = HEADERS
        self._passed_over = 0
        self.position = 0
        self.damaged = False
        """Whether something was passed over where a header should be."""
        self.ended = False
        """Whether the mark of the end was read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """The next bytes. Raises BadArchive where more are read than is allowed."""
        block = self._source.read(len(buffer))
        self.position += len(block)
        self._left -= len(block)
        if self._left < 0:
            raise BadArchive(HEADER_BOMB)
        buffer[: len(block)] = block
        return len(block)

    def allow(self, size: int) -> None:
        """Let a file's content of `size` bytes be read, with its padding and the next one's headers."""
        self._left = size + HEADERS

    def header_class(self) -> type[tarfile.TarInfo]:
        """What tarfile makes of each block that it reads as a header."""
        blocks = self

        class Header(tarfile.TarInfo):
            @classmethod
            def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
                try:
                    return super().frombuf(buf, encoding, errors)
                except tarfile.HeaderError:
                    blocks.pass_over(buf)
                    raise

        return Header

    def pass_over(self, block: bytes | bytearray) -> None:
        """Note a block that is no header. Raises tarfile.ReadError once there are too many."""
        self.damaged = self.damaged or (any(block) and not self.ended)
        self.ended = self.ended or not any(block)
        self.allow(0)
        self._passed_over += len(block)
        if self._passed_over > PASSED_OVER:
            raise tarfile.ReadError("no header any more")

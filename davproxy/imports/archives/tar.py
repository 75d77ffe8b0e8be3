"""Tar archives, plain or compressed, read once from front to back without keeping them in memory."""

import bz2
import contextlib
import gzip
import io
import lzma
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from davproxy.errors import BadArchive, TooLarge
from davproxy.formats.identify import SNIFF_BYTES, Content, content
from davproxy.imports.archives.extraction import DAMAGED, MIB, Extraction
from davproxy.imports.archives.names import encoding_of

HEADERS = 64 * MIB
"""Bytes that the headers and padding of a tar may have, besides its files."""


def unpack(archive: Path, extraction: Extraction) -> None:
    """Unpack every member of the tar file at `archive` into `extraction`. Raises BadArchive, TooLarge."""
    with _plain(archive) as raw:
        stream = io.BufferedReader(_Bounded(raw, extraction.max_size + HEADERS), MIB)
        if content(stream.peek(SNIFF_BYTES)) is not Content.TAR:
            raise BadArchive("The file is compressed, but holds no archive. Pack the song's folder as a zip.")
        with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as opened:
            for member in opened:
                name = _name(member)
                if member.isdir():
                    extraction.add_folder(name)
                elif not member.isfile():
                    raise extraction.special_member(name)
                else:
                    _unpack_member(opened, member, name, extraction)


def _unpack_member(opened: tarfile.TarFile, member: tarfile.TarInfo, name: str, extraction: Extraction) -> None:
    extraction.expect(0, member.size)
    source = opened.extractfile(member)
    assert source is not None  # it is a file
    with extraction.open_member(name) as sink:
        shutil.copyfileobj(source, sink, MIB)
    if sink.size != member.size:
        raise BadArchive(DAMAGED)


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


class _Bounded(io.RawIOBase):
    """A stream that raises TooLarge after `limit` bytes, because headers alone can be a bomb."""

    def __init__(self, source: BinaryIO, limit: int) -> None:
        self._source = source
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self._source.read(len(buffer))
        self._left -= len(block)
        if self._left < 0:
            raise TooLarge("The archive unpacks to more than is allowed here. Split it into smaller ones.")
        buffer[: len(block)] = block
        return len(block)

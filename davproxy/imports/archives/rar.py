"""RAR archives: rarfile reads the headers, a free tool unpacks, and the headers check what the tool gives.

No free tool reads every RAR (unar is best for versions up to 4, bsdtar for version 5), and their exit codes are not
reliable. So each tool in turn writes the contents of all files, one after the other, to a pipe. That way no name from
the archive reaches the disk, and sizes and checksums show at once if something is wrong.
"""

import shutil
import subprocess
import zlib
from pathlib import Path
from typing import IO, Any

import rarfile

from davproxy.errors import BadArchive
from davproxy.imports.archives.extraction import DAMAGED, ENCRYPTED, MIB, VOLUME, Extraction
from davproxy.imports.archives.names import encoding_of

_UNAR = ("unar", "-quiet", "-no-recursion", "-forks", "skip", "-output-directory", "-")
_BSDTAR = ("bsdtar", "-x", "-O", "-f")
_VERSION_5 = b"Rar!\x1a\x07\x01\x00"

Header = Any  # a rarfile.RarInfo: the library is untyped


class _WrongContent(Exception):
    """The tool gave other bytes than the headers announce."""


def unpack(archive: Path, extraction: Extraction) -> None:
    """Unpack every member of the RAR file at `archive` into `extraction`. Raises BadArchive, TooLarge."""
    headers = _headers(archive)
    extraction.expect(len(headers), sum(header.file_size for header in headers))
    files: list[tuple[Header, str | None]] = []
    copies: list[tuple[Header, str]] = []
    encoding = encoding_of(header.orig_filename for header in headers if _is_plain(header))
    for header in headers:
        name = header.orig_filename.decode(encoding) if _is_plain(header) else header.filename
        if header.is_dir():
            extraction.add_folder(name)
        elif header.file_redir and header.file_redir[0] == rarfile.RAR5_XREDIR_FILE_COPY:
            copies.append((header, name))
        elif header.file_redir or not header.is_file():
            raise extraction.special_member(name)
        else:
            files.append((header, extraction.path_for(name)))
    _unpack_files(archive, files, extraction)
    for header, name in copies:
        _copy(header, name, files, extraction)


def _headers(archive: Path) -> list[Header]:
    """The header of every member. Raises BadArchive if the archive is encrypted, one of several volumes, or damaged."""
    volumes: list[bool] = []

    def note_volume(header: Header) -> None:
        if header.type == rarfile.RAR_BLOCK_MAIN:
            volumes.append(bool(header.flags & rarfile.RAR_MAIN_VOLUME))

    try:
        opened = rarfile.RarFile(archive, part_only=True, info_callback=note_volume)
    except rarfile.Error:
        raise BadArchive(DAMAGED) from None
    with opened:
        if opened.needs_password():
            raise BadArchive(ENCRYPTED)
        if any(volumes):
            raise BadArchive(VOLUME)
        if opened.strerror() or not volumes:
            raise BadArchive(DAMAGED)
        return list(opened.infolist())


def _is_plain(header: Header) -> bool:
    """Whether the name is in an unknown encoding: in versions up to 4, without the Unicode flag."""
    old = isinstance(header, rarfile.Rar3Info)
    return old and not header.flags & rarfile.RAR_FILE_UNICODE and not header.orig_filename.isascii()


def _unpack_files(archive: Path, files: list[tuple[Header, str | None]], extraction: Extraction) -> None:
    with archive.open("rb") as file:
        newer = file.read(len(_VERSION_5)) == _VERSION_5
    tools = [tool for tool in ((_BSDTAR, _UNAR) if newer else (_UNAR, _BSDTAR)) if shutil.which(tool[0])]
    if not tools:
        raise BadArchive("This server has no program that unpacks RAR. Put a zip here, or have unar installed there.")
    for tool in tools:
        try:
            return _unpack_with(tool, archive, files, extraction)
        except _WrongContent:
            continue
    raise BadArchive(DAMAGED)


def _unpack_with(
    tool: tuple[str, ...], archive: Path, files: list[tuple[Header, str | None]], extraction: Extraction
) -> None:
    """Unpack with one tool. Raises _WrongContent, with nothing left in the extraction."""
    command = [*tool, str(archive)]
    process = subprocess.Popen(  # noqa: S603 - a fixed command, and a path of ours
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    sinks = []
    try:
        for header, path in files:
            with extraction.open(path) as sink:
                sinks.append(sink)
                _read_member(process.stdout, header, sink.write)
        if process.stdout.read(1):
            raise _WrongContent
    except _WrongContent:
        for sink in sinks:
            sink.discard()
        raise
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _read_member(source: IO[bytes], header: Header, write: Any) -> None:
    """Copy one member from the pipe. Raises _WrongContent if size or checksum differ from its header."""
    left, crc, blake = header.file_size, 0, rarfile.Blake2SP() if header.blake2sp_hash else None
    while left:
        block = source.read(min(left, MIB))
        if not block:
            raise _WrongContent
        left -= len(block)
        crc = zlib.crc32(block, crc)
        if blake:
            blake.update(block)
        write(block)
    if header.CRC not in (None, crc) or (blake and blake.digest() != header.blake2sp_hash):
        raise _WrongContent


def _copy(header: Header, name: str, files: list[tuple[Header, str | None]], extraction: Extraction) -> None:
    """Copy a file that was unpacked before: RAR 5 stores equal files once, and the others only name the first."""
    for original, path in files:
        if original.filename == header.file_redir[2] and path:
            with extraction.open_member(name) as sink, (extraction.folder / path).open("rb") as source:
                shutil.copyfileobj(source, sink, MIB)
            return
    raise extraction.special_member(name)

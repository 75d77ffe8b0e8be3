"""RAR archives: rarfile reads the headers, a free tool unpacks, and the headers check what the tool gives.

No free tool reads every RAR (unar is best for versions up to 4, bsdtar for version 5), and their exit codes are not
reliable. So each tool in turn writes the contents of all files, one after the other, to a pipe. That way no name from
the archive reaches the disk, and sizes and checksums show at once if something is wrong. If no tool gives everything,
the archive is damaged: then unar unpacks what is left after each damaged file.
"""

import itertools
import posixpath
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import rarfile

from davproxy.errors import BadArchive
from davproxy.imports.archives.extraction import (
    DAMAGED,
    DAMAGED_FILE,
    DAMAGED_FOLDER,
    ENCRYPTED,
    MIB,
    VOLUME,
    Extraction,
    Sink,
)
from davproxy.imports.archives.names import encoding_of

_UNAR = ("unar", "-quiet", "-no-recursion", "-forks", "skip", "-output-directory", "-")
_BSDTAR = ("bsdtar", "-x", "-O", "-f")
_VERSION_5 = b"Rar!\x1a\x07\x01\x00"

Header = Any  # a rarfile.RarInfo: the library is untyped


LOST_IN_A_ROW = 8
"""Consecutive damaged files after which the rest is listed as damaged too, because each costs a run of unar."""


class File(NamedTuple):
    """A file of the archive: its number among the headers, its header, its path in the extraction (None for junk)."""

    number: int
    header: Header
    path: str | None


def unpack(archive: Path, extraction: Extraction) -> None:
    """Unpack every member of the RAR file at `archive` into `extraction`. Raises BadArchive, TooLarge."""
    headers, broken_off = _headers(archive, extraction)
    extraction.expect(len(headers), sum(header.file_size for header in headers))
    files: list[File] = []
    copies: list[tuple[Header, str]] = []
    encoding = encoding_of(header.orig_filename for header in headers if _is_plain(header))
    for number, header in enumerate(headers):
        name = header.orig_filename.decode(encoding) if _is_plain(header) else header.filename
        if header.is_dir():
            extraction.add_folder(name)
        elif header.file_redir and header.file_redir[0] == rarfile.RAR5_XREDIR_FILE_COPY:
            copies.append((header, name))
        elif header.file_redir or not header.is_file():
            extraction.leave_out(name)
        else:
            files.append(File(number, header, extraction.path_for(name)))
    _unpack_files(archive, files, extraction)
    for header, name in copies:
        _copy(header, name, files, extraction)
    if broken_off:
        last = next((file.path for file in reversed(files) if file.path), "")
        extraction.failed.append((posixpath.dirname(last), DAMAGED_FOLDER))


def _headers(archive: Path, extraction: Extraction) -> tuple[list[Header], bool]:
    """The header of every member, and whether they break off.

    Raises BadArchive if the archive is encrypted, one of several volumes, or holds no header that can be read; TooLarge
    if there are too many.
    """
    volumes: list[bool] = []
    numbers = itertools.count(1)

    def note(header: Header) -> None:
        if header.type == rarfile.RAR_BLOCK_FILE:
            extraction.expect(next(numbers), 0)
        if header.type == rarfile.RAR_BLOCK_MAIN:
            volumes.append(bool(header.flags & rarfile.RAR_MAIN_VOLUME))

    try:
        opened = rarfile.RarFile(archive, part_only=True, info_callback=note)
    except rarfile.Error:
        raise BadArchive(DAMAGED) from None
    with opened:
        if opened.needs_password():
            raise BadArchive(ENCRYPTED)
        if any(volumes):
            raise BadArchive(VOLUME)
        if not volumes:
            raise BadArchive(DAMAGED)
        return list(opened.infolist()), bool(opened.strerror())


def _is_plain(header: Header) -> bool:
    """Whether the name is in an unknown encoding: in versions up to 4, without the Unicode flag."""
    old = isinstance(header, rarfile.Rar3Info)
    return old and not header.flags & rarfile.RAR_FILE_UNICODE and not header.orig_filename.isascii()


def _unpack_files(archive: Path, files: Sequence[File], extraction: Extraction) -> None:
    with archive.open("rb") as file:
        newer = file.read(len(_VERSION_5)) == _VERSION_5
    tools = [tool for tool in ((_BSDTAR, _UNAR) if newer else (_UNAR, _BSDTAR)) if shutil.which(tool[0])]
    if not tools:
        raise BadArchive("This server has no program that unpacks RAR. Put a zip here, or have unar installed there.")
    for tool in tools:
        whole = _unpack_with([*tool, str(archive)], files, extraction)
        if len(whole) == len(files):
            return
        _discard(whole)
    _unpack_damaged(archive, files, extraction)


def _unpack_damaged(archive: Path, files: Sequence[File], extraction: Extraction) -> None:
    """Unpack the files that are whole, and list the others as failed. After a damaged one, unar starts again."""
    lost_in_a_row = 0
    while files:
        numbers = [str(number) for number, _, _ in files]
        can = shutil.which("unar") and lost_in_a_row < LOST_IN_A_ROW
        whole = _unpack_with([*_UNAR, "-indexes", str(archive), *numbers], files, extraction) if can else []
        lost_in_a_row = 0 if whole else lost_in_a_row + 1
        for _, header, path in files[len(whole) : len(whole) + 1]:
            extraction.failed.append((path or header.filename, DAMAGED_FILE))
        files = files[len(whole) + 1 :]


def _unpack_with(command: list[str], files: Sequence[File], extraction: Extraction) -> list[Sink]:
    """Run a tool that writes the contents of `files` to a pipe. Returns the sinks of those before the first wrong one.

    If it writes more than the files hold, it has unpacked something else: then none of them counts.
    """
    process = subprocess.Popen(  # noqa: S603 - a fixed command, and a path of ours
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    whole: list[Sink] = []
    try:
        for _, header, path in files:
            with extraction.open(path) as sink:
                is_whole = _read_member(process.stdout, header, sink)
            if not is_whole:
                sink.discard()
                return whole
            whole.append(sink)
        if process.stdout.read(1):
            _discard(whole)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
    return whole


def _discard(sinks: list[Sink]) -> None:
    while sinks:
        sinks.pop().discard()


def _read_member(source: IO[bytes], header: Header, sink: Sink) -> bool:
    """Copy one member from the pipe. False if size or checksum differ from its header."""
    left, crc, blake = header.file_size, 0, rarfile.Blake2SP() if header.blake2sp_hash else None
    while left:
        block = source.read(min(left, MIB))
        if not block:
            return False
        left -= len(block)
        crc = zlib.crc32(block, crc)
        if blake:
            blake.update(block)
        sink.write(block)
    return header.CRC in (None, crc) and not (blake and blake.digest() != header.blake2sp_hash)


def _copy(header: Header, name: str, files: Sequence[File], extraction: Extraction) -> None:
    """Copy a file that was unpacked before: RAR 5 stores equal files once, and the others only name the first."""
    for file in files:
        if file.header.filename == header.file_redir[2] and file.path:
            sink = extraction.open_member(name)
            if file.path in extraction.files:
                with sink, (extraction.folder / file.path).open("rb") as source:
                    shutil.copyfileobj(source, sink, MIB)
            else:
                sink.discard()
                extraction.failed.append((sink.path or name, DAMAGED_FILE))
            return
    extraction.leave_out(name)

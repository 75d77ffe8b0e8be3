"""Zip archives, with names in any encoding, as lenient as other programs about headers that contradict each other.

Volumes and overlapping members are refused. A member whose content is damaged, or a link, costs the others nothing.
"""

import contextlib
import copy
import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from davproxy.errors import BadArchive
from davproxy.imports.archives.extraction import DAMAGED, DAMAGED_FILE, ENCRYPTED, MIB, VOLUME, Extraction
from davproxy.imports.archives.names import encoding_of

_UTF8 = 0x800
_ENCRYPTED = 0x1
_UNICODE_PATH = 0x7075
_LOCAL_HEADER = 30
_DIRECTORY_ENTRY = struct.Struct("<4s4xH18xHHH12x")  # signature, flags, lengths of name, extra field and comment
_LARGE_ENTRY = 1024
"""Bytes of a directory entry with a long name and much in its extra field."""
_END_64 = 76
"""Bytes before the end record at which that of a zip64 begins, with its locator."""
_DOS_FOLDER = 0x10
_SPECIAL = (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK)


def unpack(archive: Path, extraction: Extraction) -> None:
    """Unpack every member of the zip file at `archive` into `extraction`. Raises BadArchive, TooLarge."""
    _check_end(archive, extraction)
    with _open_zip(archive) as opened:
        members = opened.infolist()
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise BadArchive(ENCRYPTED)
        extraction.expect(len(members), sum(member.file_size for member in members))
        _refuse_overlap(opened, members)
        encoding = encoding_of(_raw(member) for member in members if not member.flag_bits & _UTF8)
        for member in members:
            name = name_of(member, encoding)
            if name.endswith(("/", "\\")) or _is_folder(member):
                extraction.add_folder(name)
            elif stat.S_IFMT(member.external_attr >> 16) in _SPECIAL:
                extraction.leave_out(name)
            else:
                _unpack_member(opened, member, name, extraction)


def _is_folder(member: zipfile.ZipInfo) -> bool:
    """Whether the attributes of Unix or DOS say that this is a folder."""
    return stat.S_ISDIR(member.external_attr >> 16) or bool(member.external_attr & _DOS_FOLDER and not member.file_size)


def _unpack_member(opened: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, extraction: Extraction) -> None:
    """Unpack one file. If its content is damaged, it is only listed as failed."""
    sink = extraction.open_member(name)
    try:
        with sink, opened.open(_with_header_name(opened, member)) as source:
            shutil.copyfileobj(source, sink, MIB)
        if sink.size != member.file_size:
            raise zipfile.BadZipFile
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError):
        sink.discard()
        extraction.failed.append((sink.path or name, DAMAGED_FILE))
    except NotImplementedError:
        method = zipfile.compressor_names.get(member.compress_type, str(member.compress_type))  # type: ignore[attr-defined]
        sink.discard()
        reason = f"It is packed with the method “{method}”, which is not supported. Pack it again as a plain zip."
        extraction.failed.append((sink.path or name, reason))


def _with_header_name(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """`member` with the name that stands before its content, which zipfile compares; some programs write another."""
    assert opened.fp is not None
    opened.fp.seek(member.header_offset)
    flags, length = struct.unpack("<6xH18xH2x", opened.fp.read(_LOCAL_HEADER))
    name = opened.fp.read(length)
    if flags & _UTF8 and not _is_utf8(name):
        flags &= ~_UTF8
        opened.fp.seek(member.header_offset + 6)
        opened.fp.write(struct.pack("<H", flags))
    same = copy.copy(member)
    same.orig_filename = name.decode("utf-8" if flags & _UTF8 else "cp437")
    return same


@contextlib.contextmanager
def _open_zip(archive: Path) -> Iterator[zipfile.ZipFile]:
    """The zip file, with headers corrected where zipfile fails on what other programs ignore."""
    with archive.open("r+b") as file:
        try:
            opened = zipfile.ZipFile(file)
        except (UnicodeDecodeError, zipfile.BadZipFile):
            _repair_directory(file)
            opened = zipfile.ZipFile(file)
        with opened:
            yield opened


def _repair_directory(file: BinaryIO) -> None:
    """Take the UTF-8 flag off names that are not UTF-8, and empty extra fields whose lengths are wrong."""
    file.seek(max(0, file.seek(0, 2) - 65557))
    start = file.tell()
    end = start + file.read().rfind(b"PK\x05\x06")
    file.seek(end + 12)
    size, _ = struct.unpack("<LL", file.read(8))
    at = end - size
    while start <= end and 0 <= at < end:
        file.seek(at)
        signature, flags, *lengths = _DIRECTORY_ENTRY.unpack(file.read(_DIRECTORY_ENTRY.size))
        if signature != b"PK\x01\x02":
            return
        name, extra = file.read(lengths[0]), file.read(lengths[1])
        if flags & _UTF8 and not _is_utf8(name):
            file.seek(at + 8)
            file.write(struct.pack("<H", flags & ~_UTF8))
        if not _is_whole(extra):
            file.seek(at + _DIRECTORY_ENTRY.size + len(name))
            file.write((struct.pack("<HH", 0, len(extra) - 4) + bytes(len(extra)))[: len(extra)])
        at += _DIRECTORY_ENTRY.size + sum(lengths)


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_whole(extra: bytes) -> bool:
    """Whether the fields of an extra field fill it."""
    while len(extra) >= 4:
        (length,) = struct.unpack_from("<H", extra, 2)
        if 4 + length > len(extra):
            return False
        extra = extra[4 + length :]
    return True


def _raw(member: zipfile.ZipInfo) -> bytes:
    """The bytes of a name without the UTF-8 flag, which zipfile decodes as cp437."""
    return member.orig_filename.encode("cp437")


def name_of(member: zipfile.ZipInfo, encoding: str) -> str:
    """The name of a member; `encoding` is that of names without the UTF-8 flag."""
    if member.flag_bits & _UTF8:
        return member.orig_filename
    raw = _raw(member)
    return _unicode_path(member.extra, raw) or raw.decode(encoding)


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The UTF-8 name that Info-ZIP and WinRAR add: version 1, CRC-32 of the plain name, text (APPNOTE.TXT 4.6.9)."""
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if tag == _UNICODE_PATH and len(field) > 5 and field[:5] == struct.pack("<BL", 1, zlib.crc32(raw)):
            return field[5:].decode("utf-8")
    return None


def _check_end(archive: Path, extraction: Extraction) -> None:
    """Raise BadArchive if the first bytes or the end record name several volumes (APPNOTE.TXT 4.3.16, 8.5).

    Raises TooLarge for a directory so large that reading it would take much memory.
    """
    with archive.open("rb") as file:
        spanned = file.read(4) == b"PK\x07\x08"
        packed = file.seek(0, 2)
        file.seek(max(0, packed - 65557 - _END_64))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if spanned or (at >= 0 and len(tail) >= at + 8 and struct.unpack_from("<HH", tail, at + 4)[0] not in (0, 0xFFFF)):
        raise BadArchive(VOLUME)
    if at >= 0 and len(tail) >= at + 16:
        size = struct.unpack_from("<L", tail, at + 12)[0]
        if at >= _END_64 and tail.startswith(b"PK\x06\x06", at - _END_64):
            size = struct.unpack_from("<Q", tail, at - _END_64 + 40)[0]
        if size < packed:
            extraction.expect(size // _LARGE_ENTRY, 0)


def _refuse_overlap(opened: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Raise BadArchive if members share bytes, by which a small file can declare terabytes (CVE-2024-0450)."""
    ends = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < ends:
            raise BadArchive("The archive's members overlap, as in a zip bomb. It was not unpacked.")
        ends = member.header_offset + _LOCAL_HEADER + member.compress_size
    if ends > opened.start_dir:
        raise BadArchive(DAMAGED)

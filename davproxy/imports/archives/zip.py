"""Zip archives, with names in any encoding. Volumes, links and overlapping members are refused."""

import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from davproxy.errors import BadArchive
from davproxy.imports.archives.extraction import DAMAGED, ENCRYPTED, MIB, VOLUME, Extraction
from davproxy.imports.archives.names import encoding_of

_UTF8 = 0x800
_ENCRYPTED = 0x1
_UNICODE_PATH = 0x7075
_LOCAL_HEADER = 30


def unpack(archive: Path, extraction: Extraction) -> None:
    """Unpack every member of the zip file at `archive` into `extraction`. Raises BadArchive, TooLarge."""
    _refuse_volumes(archive)
    with zipfile.ZipFile(archive) as opened:
        members = opened.infolist()
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise BadArchive(ENCRYPTED)
        extraction.expect(len(members), sum(member.file_size for member in members))
        _refuse_overlap(opened, members)
        encoding = encoding_of(_raw(member) for member in members if not member.flag_bits & _UTF8)
        for member in members:
            name = name_of(member, encoding)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if name.endswith(("/", "\\")):
                extraction.add_folder(name)
            elif kind not in (0, stat.S_IFREG):
                raise extraction.special_member(name)
            else:
                _unpack_member(opened, member, name, extraction)


def _unpack_member(opened: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, extraction: Extraction) -> None:
    try:
        with opened.open(member) as source, extraction.open_member(name) as sink:
            shutil.copyfileobj(source, sink, MIB)
    except NotImplementedError:
        method = zipfile.compressor_names.get(member.compress_type, str(member.compress_type))  # type: ignore[attr-defined]
        raise BadArchive(
            f"The archive is packed with the method “{method}”, which is not supported. Pack it again as a plain zip."
        ) from None
    if sink.size != member.file_size:
        raise BadArchive(DAMAGED)


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


def _refuse_volumes(archive: Path) -> None:
    """Raise BadArchive if the first bytes or the end record name several volumes (APPNOTE.TXT 4.3.16, 8.5)."""
    with archive.open("rb") as file:
        spanned = file.read(4) == b"PK\x07\x08"
        file.seek(max(0, file.seek(0, 2) - 65557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if spanned or (at >= 0 and len(tail) >= at + 8 and struct.unpack_from("<HH", tail, at + 4)[0] not in (0, 0xFFFF)):
        raise BadArchive(VOLUME)


def _refuse_overlap(opened: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Raise BadArchive if members share bytes, by which a small file can declare terabytes (CVE-2024-0450)."""
    ends = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < ends:
            raise BadArchive("The archive's members overlap, as in a zip bomb. It was not unpacked.")
        ends = member.header_offset + _LOCAL_HEADER + member.compress_size
    if ends > opened.start_dir:
        raise BadArchive(DAMAGED)

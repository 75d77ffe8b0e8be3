"""Songs packed in one .sng file: header, metadata (the song.ini), index of members, masked contents.

The layout is that of github.com/mdsitton/SngFileFormat; all numbers are little-endian.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from davproxy.errors import BadSng

MAGIC = b"SNGPKG"
VERSION = 1
MAX_SECTION = 1024 * 1024
"""Far above the metadata and the index of any real song."""

_START = struct.Struct("<6sI16sQ")  # magic, version, mask, length of the metadata section
_LENGTH = struct.Struct("<Q")
_MEMBER = struct.Struct("<QQ")  # size, offset from the start of the file
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside: its `size` bytes lie masked at `offset` of the .sng."""

    name: str
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Sng:
    """What stands before the contents. `pairs` is the song.ini: keys in lower case, values as written."""

    mask: bytes
    pairs: Mapping[str, str]
    members: Mapping[str, Member]


def header_size(start: bytes) -> int:
    """How many bytes from the start of the file `parse` needs, as far as `start` tells.

    Where the answer is more than `start` holds, read as many and ask again: three reads at most. Raises BadSng for
    what is no .sng.
    """
    if not start.startswith(MAGIC[: len(start)]):
        raise BadSng("This is not an .sng file: it does not begin like one.")
    if len(start) < _START.size:
        return _START.size
    metadata_end = _START.size + _section_length(_START.unpack_from(start)[3])
    if len(start) < metadata_end + _LENGTH.size:
        return metadata_end + _LENGTH.size
    return metadata_end + _LENGTH.size + _section_length(_LENGTH.unpack_from(start, metadata_end)[0])


def parse(start: bytes, size: int) -> Sng:
    """The header of an .sng of `size` bytes, from its first bytes (`header_size` says how many).

    Raises BadSng where anything is out of bounds: the members' names are unique and plain, their contents lie after the
    header and inside the file, and together are no larger than the file.
    """
    end = header_size(start)
    if end > len(start):
        raise BadSng("This .sng file is cut off. Copy or download it again.")
    _, _, mask, metadata_length = _START.unpack_from(start)
    metadata_end = _START.size + metadata_length
    pairs = dict(_pairs(start[_START.size : metadata_end]))
    members = {}
    for member in _members(start[metadata_end + _LENGTH.size : end]):
        if member.name in members:
            raise BadSng(f"This .sng file holds “{member.name}” twice. Make it again from the song folder.")
        if member.offset < end or member.offset + member.size > size:
            raise BadSng(f"“{member.name}” lies outside this .sng file, which may be cut off. Copy it again.")
        members[member.name] = member
    if sum(member.size for member in members.values()) > size:
        raise BadSng("The contents of this .sng file overlap. Make it again from the song folder.")
    return Sng(mask, pairs, members)


def read(file: BinaryIO) -> Sng:
    """The header of a seekable file."""
    size = file.seek(0, 2)
    file.seek(0)
    start = b""
    while (wanted := header_size(start)) > len(start):
        more = file.read(wanted - len(start))
        if not more:
            break
        start += more
    return parse(start, size)


def contents(file: BinaryIO, sng: Sng, member: Member) -> Iterator[bytes]:
    """The plain bytes of a member, in pieces. Raises BadSng if the file ends early."""
    file.seek(member.offset)
    place = 0
    while place < member.size:
        piece = file.read(min(_CHUNK, member.size - place))
        if not piece:
            raise BadSng("This .sng file is cut off. Copy or download it again.")
        yield unmask(sng, piece, place)
        place += len(piece)


def unmask(sng: Sng, data: bytes, place: int = 0) -> bytes:
    """The plain bytes of `data`, which stands `place` bytes into a member. Masking is the same."""
    # The mask repeats every 16 bytes, the position every 256.
    key = bytes(sng.mask[index % 16] ^ index for index in range(256))
    shift = place % 256
    keys = (key[shift:] + key[:shift]) * (len(data) // 256 + 1)
    plain = int.from_bytes(data, "little") ^ int.from_bytes(keys[: len(data)], "little")
    return plain.to_bytes(len(data), "little")


def render(pairs: Mapping[str, str], files: Mapping[str, bytes], mask: bytes) -> bytes:
    """An .sng with the song.ini `pairs` and `files`; `mask` is 16 random bytes.

    Pairs without a value are left out: games refuse them.
    """
    metadata = _metadata(pairs)
    names = [name.encode() for name in files]
    index_length = _LENGTH.size + sum(1 + len(name) + _MEMBER.size for name in names)
    offset = _START.size + len(metadata) + _LENGTH.size + index_length + _LENGTH.size
    index = _LENGTH.pack(len(names))
    sng = Sng(mask, {}, {})
    body = []
    for name, data in zip(names, files.values(), strict=True):
        index += bytes([len(name)]) + name + _MEMBER.pack(len(data), offset)
        offset += len(data)
        body.append(unmask(sng, data))
    total = sum(map(len, body))
    start = _START.pack(MAGIC, VERSION, mask, len(metadata))
    return b"".join([start, metadata, _LENGTH.pack(len(index)), index, _LENGTH.pack(total), *body])


def edit(start: bytes, pairs: Mapping[str, str]) -> tuple[bytes, int]:
    """(new header, where the old one ends): the header in `start` with other `pairs`.

    What follows the old header in the file follows the new one unchanged, byte by byte. `start` is what `parse` takes.
    Raises BadSng for more than a header may hold.
    """
    magic, version, mask, metadata_length = _START.unpack_from(start)
    place, end = _START.size + metadata_length, header_size(start)
    metadata, index = _metadata(pairs), bytearray(start[place:end])
    if len(metadata) > MAX_SECTION:
        raise BadSng("An .sng file holds at most 1 MiB of song fields. Shorten the longest ones.")
    at = 2 * _LENGTH.size  # after the section's length and the count
    while at < len(index):
        at += 1 + index[at]
        size, offset = _MEMBER.unpack_from(index, at)
        _MEMBER.pack_into(index, at, size, offset + len(metadata) - metadata_length)
        at += _MEMBER.size
    return _START.pack(magic, version, mask, len(metadata)) + metadata + index, end


def _metadata(pairs: Mapping[str, str]) -> bytes:
    kept = [(key.encode(), value.encode()) for key, value in pairs.items() if value]
    return _LENGTH.pack(len(kept)) + b"".join(
        struct.pack("<i", len(part)) + part for key, value in kept for part in (key, value)
    )


def _section_length(length: int) -> int:
    if not _LENGTH.size <= length <= MAX_SECTION:
        raise BadSng("The header of this .sng file is damaged. Copy or download it again.")
    return length


def _pairs(section: bytes) -> Iterator[tuple[str, str]]:
    place = _LENGTH.size
    for _ in range(_count(section, 8)):
        key, place = _string(section, place)
        value, place = _string(section, place)
        yield key.strip().lower(), value.strip()


def _string(section: bytes, place: int) -> tuple[str, int]:
    if place + 4 > len(section):
        raise BadSng("The metadata of this .sng file is damaged. Copy or download it again.")
    (length,) = struct.unpack_from("<i", section, place)
    end = place + 4 + length
    if length < 0 or end > len(section):
        raise BadSng("The metadata of this .sng file is damaged. Copy or download it again.")
    return section[place + 4 : end].decode("utf-8", "replace"), end


def _members(section: bytes) -> Iterator[Member]:
    place = _LENGTH.size
    for _ in range(_count(section, 1 + _MEMBER.size)):
        name_end = place + 1 + (section[place] if place < len(section) else 0)
        if name_end + _MEMBER.size > len(section):
            raise BadSng("The list of files in this .sng file is damaged. Copy or download it again.")
        name = section[place + 1 : name_end].decode("utf-8", "replace")
        if not name or name in (".", "..") or not name.isprintable() or any(sign in name for sign in "/\\:\ufffd"):
            raise BadSng("This .sng file holds a file whose name cannot be used. Make it again from the song folder.")
        yield Member(name, *_MEMBER.unpack_from(section, name_end))
        place = name_end + _MEMBER.size


def _count(section: bytes, least: int) -> int:
    """The count at the start of a section whose items take `least` bytes or more."""
    (count,) = _LENGTH.unpack_from(section)
    if count * least > len(section) - _LENGTH.size:
        raise BadSng("The header of this .sng file is damaged. Copy or download it again.")
    return int(count)

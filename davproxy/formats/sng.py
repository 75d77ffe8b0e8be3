"""Songs packed in one .sng file: header, metadata (in place of a song.ini), index of members, masked contents.

The layout is documented in github.com/mdsitton/SngFileFormat; all numbers are little-endian.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from davproxy.errors import BadSng

MAGIC = b"SNGPKG"
VERSION = 1
MAX_SECTION = 1024 * 1024
"""Bytes, far above the metadata and the index of any real song."""

_START = struct.Struct("<6sI16sQ")  # magic, version, mask, length of the metadata section
_LENGTH = struct.Struct("<Q")
_MEMBER = struct.Struct("<QQ")  # size, offset from the start of the file
_CHUNK = 1024 * 1024
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside: its `size` masked bytes are at `offset` of the .sng. `name` has a `/` after each folder."""

    name: str
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Sng:
    """The header. `pairs` are those of the metadata: keys in lower case, values as written."""

    mask: bytes
    pairs: Mapping[str, str]
    members: Mapping[str, Member]

    @property
    def sizes(self) -> dict[str, int]:
        """The size in bytes of each member, by name."""
        return {name: member.size for name, member in self.members.items()}


def header_size(start: bytes) -> int:
    """How many bytes of the file's start `parse` needs, as far as `start` shows.

    Where that is more than `start` has, read as many and call this again: three reads are enough. Raises BadSng for
    anything but an .sng.
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

    Raises BadSng unless the members' names are unique relative paths, and their contents are after the header, inside
    the file, and together no larger than the file.
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
        if member.size and (member.offset < end or member.offset + member.size > size):
            raise BadSng(f"“{member.name}” lies outside this .sng file, which may be cut off. Copy it again.")
        members[member.name] = member
    if sum(member.size for member in members.values()) > size:
        raise BadSng("The contents of this .sng file overlap. Make it again from the song folder.")
    return Sng(mask, pairs, members)


def read(file: BinaryIO) -> Sng:
    """The header of the .sng in a seekable file. Raises BadSng."""
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
    """The unmasked bytes of a member, in pieces. Raises BadSng if the file ends early."""
    file.seek(member.offset)
    offset = 0
    while offset < member.size:
        piece = file.read(min(_CHUNK, member.size - offset))
        if not piece:
            raise BadSng("This .sng file is cut off. Copy or download it again.")
        yield unmask(sng, piece, offset)
        offset += len(piece)


def unmask(sng: Sng, data: bytes, start: int = 0) -> bytes:
    """The unmasked bytes of `data`, which begins `start` bytes into a member. Masking is the same operation."""
    # byte ^ mask[i % 16] ^ (i & 255): the mask repeats every 16 bytes, the position every 256.
    key = bytes(sng.mask[index % 16] ^ index for index in range(256))
    shift = start % 256
    keys = (key[shift:] + key[:shift]) * (len(data) // 256 + 1)
    plain = int.from_bytes(data, "little") ^ int.from_bytes(keys[: len(data)], "little")
    return plain.to_bytes(len(data), "little")


def render(pairs: Mapping[str, str], files: Mapping[str, bytes], mask: bytes) -> bytes:
    """The bytes of an .sng with these `pairs` and `files`; `mask` is 16 random bytes.

    Pairs without a value are left out, because games refuse them.
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

    The bytes after the old header follow the new one unchanged. `start` is as in `parse`. Raises BadSng where the
    pairs are longer than a header may be.
    """
    magic, version, mask, metadata_length = _START.unpack_from(start)
    index_start, end = _START.size + metadata_length, header_size(start)
    metadata, index = _metadata(pairs), bytearray(start[index_start:end])
    if len(metadata) > MAX_SECTION:
        raise BadSng("An .sng file holds at most 1 MiB of song fields. Shorten the longest ones.")
    cursor = 2 * _LENGTH.size  # after the section's length and the count
    while cursor < len(index):
        cursor += 1 + index[cursor]
        size, offset = _MEMBER.unpack_from(index, cursor)
        _MEMBER.pack_into(index, cursor, size, offset + len(metadata) - metadata_length)
        cursor += _MEMBER.size
    return _START.pack(magic, version, mask, len(metadata)) + metadata + index, end


def extend(start: bytes, size: int, pairs: Mapping[str, str], sizes: Mapping[str, int]) -> tuple[bytes, int]:
    """(new start, where the rest of the old file begins): the .sng of `size` bytes with these `pairs` and more files.

    The rest follows unchanged, and then the contents of the new files, of these `sizes`, each masked. `start` is as in
    `parse`. Raises BadSng where a header may not be that long, or a name in it.
    """
    sng, end = parse(start, size), header_size(start)
    rest = end + _LENGTH.size
    if any(member.size and member.offset < rest for member in sng.members.values()):
        raise BadSng("This .sng file has no length before its contents. Make it again from the song folder.")
    names = {name: name.encode() for name in (*sng.members, *sizes)}
    if len(names) < len(sng.members) + len(sizes) or max(map(len, names.values()), default=0) > _LONGEST_NAME:
        raise BadSng("A file of this name cannot be added to this .sng file.")
    metadata = _metadata(pairs)
    index_length = _LENGTH.size + sum(1 + len(name) + _MEMBER.size for name in names.values())
    if max(len(metadata), index_length) > MAX_SECTION:
        raise BadSng("An .sng file holds at most 1 MiB of song fields and of names. Shorten the longest ones.")
    contents_start = _START.size + len(metadata) + _LENGTH.size + index_length + _LENGTH.size
    spans = {name: (member.size, max(0, member.offset - rest) + contents_start) for name, member in sng.members.items()}
    offset = contents_start + size - rest
    for name, added in sizes.items():
        spans[name] = added, offset
        offset += added
    index = b"".join(bytes([len(names[name])]) + names[name] + _MEMBER.pack(*span) for name, span in spans.items())
    header = _START.pack(MAGIC, VERSION, sng.mask, len(metadata)) + metadata
    header += _LENGTH.pack(index_length) + _LENGTH.pack(len(spans)) + index
    return header + _LENGTH.pack(offset - contents_start), rest


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
    offset = _LENGTH.size
    for _ in range(_count(section, 8)):
        key, offset = _string(section, offset)
        value, offset = _string(section, offset)
        yield key.strip().lower(), value.strip()


def _string(section: bytes, offset: int) -> tuple[str, int]:
    if offset + 4 > len(section):
        raise BadSng("The metadata of this .sng file is damaged. Copy or download it again.")
    (length,) = struct.unpack_from("<i", section, offset)
    end = offset + 4 + length
    if length < 0 or end > len(section):
        raise BadSng("The metadata of this .sng file is damaged. Copy or download it again.")
    return section[offset + 4 : end].decode("utf-8", "replace"), end


def _members(section: bytes) -> Iterator[Member]:
    offset = _LENGTH.size
    for _ in range(_count(section, 1 + _MEMBER.size)):
        name_end = offset + 1 + (section[offset] if offset < len(section) else 0)
        if name_end + _MEMBER.size > len(section):
            raise BadSng("The list of files in this .sng file is damaged. Copy or download it again.")
        name = section[offset + 1 : name_end].decode("utf-8", "replace")
        if (
            not name.isprintable()
            or "\\" in name
            or ":" in name
            or not set(name.split("/")).isdisjoint(("", ".", ".."))
        ):
            raise BadSng("This .sng file holds a file whose name cannot be used. Make it again from the song folder.")
        yield Member(name, *_MEMBER.unpack_from(section, name_end))
        offset = name_end + _MEMBER.size


def _count(section: bytes, least: int) -> int:
    """The count at the start of a section, checked against its length: each item has at least `least` bytes."""
    (count,) = _LENGTH.unpack_from(section)
    if count * least > len(section) - _LENGTH.size:
        raise BadSng("The header of this .sng file is damaged. Copy or download it again.")
    return int(count)

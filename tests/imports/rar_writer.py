"""Writes RAR archives with stored members, versions 4 and 5, because no free program does.

The layouts are those of RARLAB's format notes (technote.txt of RAR 5, and of RAR 4).
"""

import struct
import zlib
from collections.abc import Mapping

RAR5_LINK = 1
"""The redirection type of a Unix symbolic link."""


def _number(value: int) -> bytes:
    """A variable-length integer: seven bits a byte, lowest first, the high bit where more follows."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _block5(kind: int, flags: int, body: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
    flags |= (1 if extra else 0) | (2 if data else 0)
    head = _number(kind) + _number(flags)
    head += _number(len(extra)) if extra else b""
    head += _number(len(data)) if data else b""
    head += body + extra
    head = _number(len(head)) + head
    return struct.pack("<L", zlib.crc32(head)) + head + data


def rar5(
    files: Mapping[str, bytes],
    *,
    links: Mapping[str, str] | None = None,
    encrypted: bool = False,
    volume: bool = False,
    sizes: Mapping[str, int] | None = None,
) -> bytes:
    """A RAR 5 archive. `sizes` are the unpacked sizes that the headers give, where they are wrong."""
    out = b"Rar!\x1a\x07\x01\x00" + _block5(1, 0, _number(1 if volume else 0))
    for name, content in files.items():
        raw = name.encode()
        size = (sizes or {}).get(name, len(content))
        body = _number(4) + _number(size) + _number(0o644) + struct.pack("<L", zlib.crc32(content))
        body += _number(0) + _number(1) + _number(len(raw)) + raw
        record = _number(1) + _number(0) + _number(0) + bytes([15]) + bytes(32)  # AES-256, salt and vector
        out += _block5(2, 0, body, content, _number(len(record)) + record if encrypted else b"")
    for name, target in (links or {}).items():
        raw, aim = name.encode(), target.encode()
        body = _number(0) + _number(0) + _number(0o120777) + _number(0) + _number(1) + _number(len(raw)) + raw
        record = _number(5) + _number(RAR5_LINK) + _number(0) + _number(len(aim)) + aim
        out += _block5(2, 0, body, b"", _number(len(record)) + record)
    return out + _block5(5, 0, _number(1 if volume else 0))


def _block4(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


def rar4(
    files: Mapping[str, bytes],
    *,
    links: Mapping[str, str] | None = None,
    encrypted: bool = False,
    volume: bool = False,
    sizes: Mapping[str, int] | None = None,
    encoding: str = "ascii",
) -> bytes:
    """A RAR 4 archive, its names as plain bytes in `encoding`."""
    out = b"Rar!\x1a\x07\x00" + _block4(0x73, 0x11 if volume else 0, bytes(6))
    members = [(name, content, 0o100644) for name, content in files.items()]
    members += [(name, target.encode(), 0o120777) for name, target in (links or {}).items()]
    for name, content, mode in members:
        raw = name.encode(encoding, "replace").replace(b"/", b"\\")
        size = (sizes or {}).get(name, len(content))
        body = struct.pack(
            "<LLBLLBBHL", len(content), size, 3, zlib.crc32(content), 0x35000000, 29, 0x30, len(raw), mode
        )
        out += _block4(0x74, 0x8000 | (4 if encrypted else 0), body + raw, content)
    return out + _block4(0x7B, 0x4000 | (1 if volume else 0), b"")

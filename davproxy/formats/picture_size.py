"""The width and height of a PNG or JPEG, from its first bytes: no pixel is decoded.

JPEG's segments are those of ITU T.81, annex B; PNG's first chunk is that of the PNG specification, 11.2.2.
"""

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of frames, which hold the size; the three others define tables."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""


def size_of(start: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels; None where `start` is not the start of such a picture, or ends before its size."""
    if start.startswith(_PNG):
        return struct.unpack_from(">II", start, 16) if len(start) >= 24 and start[12:16] == b"IHDR" else None
    return _of_jpeg(start) if start.startswith(b"\xff\xd8\xff") else None


def _of_jpeg(start: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(start) and start[at] == 0xFF:
        marker = start[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", start, at + 5)
            return width, height
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(start[at + 2 : at + 4]))
    return None

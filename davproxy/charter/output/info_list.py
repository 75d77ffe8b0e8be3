"""The texts in the INFO list of a WAV file (RIFF, Microsoft's Multimedia Programming Interface 1.0), which mutagen does
not read. PyAV reads them, but which of its versions gives the bytes of a text that is not UTF-8 differs."""

from collections.abc import Iterator
from typing import BinaryIO

KEYS = {
    b"INAM": "title", b"IART": "artist", b"IPRD": "album", b"IGNR": "genre", b"ICRD": "date", b"IPRT": "tracknumber",
    b"ITRK": "tracknumber",
}  # fmt: skip
"""The names that mutagen has for these texts."""
LONGEST = 64 * 1024
"""Bytes of a list that are read."""


def read(file: BinaryIO) -> dict[str, str]:
    """The texts of a WAV file, decoded as Latin-1; none where it has no list, or is no WAV file."""
    if file.read(12)[8:] != b"WAVE":
        return {}
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        after = file.tell() + size + size % 2
        if head[:4] == b"LIST" and file.read(4) == b"INFO":
            return {KEYS[key]: text for key, text in _texts(file.read(min(max(size - 4, 0), LONGEST))) if key in KEYS}
        file.seek(after)
    return {}


def _texts(chunks: bytes) -> Iterator[tuple[bytes, str]]:
    """Key and text of each chunk of a list."""
    at = 0
    while at + 8 <= len(chunks):
        size = int.from_bytes(chunks[at + 4 : at + 8], "little")
        yield chunks[at : at + 4], chunks[at + 8 : at + 8 + size].split(b"\0", 1)[0].decode("latin-1")
        at += 8 + size + size % 2

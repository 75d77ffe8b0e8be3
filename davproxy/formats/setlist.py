"""Clone Hero's .setlist files: songs by identity, each at a speed.

Clone Hero does not document the layout; this is what version 1.1 reads and writes. Little-endian: `EA EC 33 01`, the
number of songs in four bytes, then for each song `20`, the MD5 of its notes file in 32 upper-case hex digits, the speed
in percent in one byte, and `00`.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from davproxy.errors import BadInput

_START = struct.Struct("<4sI")
_SONG = struct.Struct("<B32sBB")
_MAGIC = b"\xea\xec\x33\x01"
_DIGITS = 32
NORMAL_SPEED = 100
_HEX = re.compile(rb"[0-9A-Fa-f]{32}")


@dataclass(frozen=True, slots=True)
class SetlistSong:
    """A song by its `identity` (32 hex digits in lower case, see `identify.identity`), and its `speed` in percent."""

    identity: str
    speed: int = NORMAL_SPEED


def parse(data: bytes) -> tuple[SetlistSong, ...]:
    """The songs in order. Raises BadInput for anything but a whole setlist."""
    if not data.startswith(_MAGIC) or len(data) < _START.size:
        raise BadInput("This is not a setlist of Clone Hero.")
    (_, count) = _START.unpack_from(data)
    if len(data) < _START.size + count * _SONG.size:
        raise BadInput("This setlist is cut off. Save it again in the game.")
    songs = []
    for offset in range(_START.size, _START.size + count * _SONG.size, _SONG.size):
        digits, identity, speed, _ = _SONG.unpack_from(data, offset)
        if digits != _DIGITS or not _HEX.fullmatch(identity):
            raise BadInput("This setlist is damaged. Save it again in the game.")
        songs.append(SetlistSong(identity.decode().lower(), speed))
    return tuple(songs)


def render(songs: Sequence[SetlistSong]) -> bytes:
    """The bytes of a .setlist. A speed is between 1 and 255 %."""
    start = _START.pack(_MAGIC, len(songs))
    return start + b"".join(_SONG.pack(_DIGITS, song.identity.upper().encode(), song.speed, 0) for song in songs)

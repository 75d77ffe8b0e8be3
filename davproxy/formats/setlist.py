"""Clone Hero's .setlist files: songs by identity, each at a speed.

Little-endian: `EA EC 33 01`, the number of songs, then for each `20`, 32 upper-case hex digits of the MD5 of its notes
file, the speed in percent, and `00`.
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
_HEX = re.compile(rb"[0-9A-Fa-f]{32}")


@dataclass(frozen=True, slots=True)
class SetlistSong:
    """One song: its `identity` (32 hex digits in lower case, as `identify.identity` gives) and `speed` in percent."""

    identity: str
    speed: int = 100


def parse(data: bytes) -> tuple[SetlistSong, ...]:
    """The songs in order. Raises BadInput for what is no setlist or is cut off."""
    if not data.startswith(_MAGIC) or len(data) < _START.size:
        raise BadInput("This is not a setlist of Clone Hero.")
    (_, count) = _START.unpack_from(data)
    if len(data) < _START.size + count * _SONG.size:
        raise BadInput("This setlist is cut off. Save it again in the game.")
    songs = []
    for place in range(_START.size, _START.size + count * _SONG.size, _SONG.size):
        digits, identity, speed, _ = _SONG.unpack_from(data, place)
        if digits != _DIGITS or not _HEX.fullmatch(identity):
            raise BadInput("This setlist is damaged. Save it again in the game.")
        songs.append(SetlistSong(identity.decode().lower(), speed))
    return tuple(songs)


def render(songs: Sequence[SetlistSong]) -> bytes:
    """The file that the game reads. A speed lies between 1 and 255 %."""
    start = _START.pack(_MAGIC, len(songs))
    return start + b"".join(_SONG.pack(_DIGITS, song.identity.upper().encode(), song.speed, 0) for song in songs)

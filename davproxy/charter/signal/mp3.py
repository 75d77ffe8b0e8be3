"""The Xing or Info header, which encoders write into the first frame of an mp3.

Layout: gabriel.mp3-tech.org/mp3infotag.html (LAME), and the Xing SDK before it.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # of MPEG 1, 2 and 2.5
ENCODERS = (b"LAME", b"Lavf", b"Lavc")
"""Encoders whose delay field FFmpeg, mpg123 and games read."""
READ = 4096  # bytes after the ID3 tag


@dataclass(frozen=True)
class Info:
    """What the header declares: the length in `seconds`, and whether it gives the encoder's delay, which players then
    skip."""

    seconds: float
    has_delay: bool


def info(path: Path) -> Info | None:
    """The header in the first frame of an mp3, after an ID3 tag if there is one. None if there is no such header."""
    with path.open("rb") as file:
        start = file.read(10)
        if start[:3] == b"ID3" and len(start) == 10:
            size = sum(byte << shift for byte, shift in zip(start[6:], (21, 14, 7, 0), strict=True))
            file.seek(10 + size + (10 if start[5] & 0x10 else 0))
        else:
            file.seek(0)
        return _of_frame(file.read(READ))


def _of_frame(frame: bytes) -> Info | None:
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:  # frame sync and Layer III
        return None
    version, rate = frame[1] >> 3 & 3, frame[2] >> 2 & 3
    if version not in RATES or rate == 3:
        return None
    mono = frame[3] >> 6 == 3
    side = (17 if mono else 32) if version == 3 else (9 if mono else 17)
    at = 4 + side
    if frame[at : at + 4] not in (b"Xing", b"Info") or len(frame) < at + 8:
        return None
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    if not flags & 1 or len(frame) < at + 12:
        return None
    (frames,) = struct.unpack_from(">I", frame, at + 8)
    encoder = at + 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    samples = frames * (1152 if version == 3 else 576)
    delays = frame[encoder + 21 : encoder + 24]
    known = frame[encoder : encoder + 4] in ENCODERS and len(delays) == 3
    if known:
        samples -= (delays[0] << 4 | delays[1] >> 4) + ((delays[1] & 15) << 8 | delays[2])
    return Info(samples / RATES[version][rate], known)

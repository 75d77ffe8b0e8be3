"""Standard MIDI files, as far as notes.mid needs them: tempo, time signatures, texts, and notes with their lengths.

The format is the MIDI Association's "Standard MIDI Files 1.0" (RP-001). This is our own reader, because a hostile file
then costs linear time and raises one error, and a pack of songs is read quickly.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from davproxy.errors import BadChart
from davproxy.formats.encoding import decode

MAX_BYTES = 8 * 1024 * 1024
"""Far above the largest notes.mid that people play; it bounds the memory that a hostile file takes."""

_NAME, _END, _TEMPO, _SIGNATURE = 0x03, 0x2F, 0x51, 0x58
_TEXTS = (0x01, 0x05)  # text and lyric
_DATA_BYTES = {0xC0: 1, 0xD0: 1, 0xF1: 1, 0xF2: 2, 0xF3: 1}


class MidiNote(NamedTuple):
    """A key held from `tick` for `length` ticks. A tuple, because it is cheap and every note of a file is one."""

    tick: int
    number: int
    length: int
    velocity: int


@dataclass(slots=True)
class MidiTrack:
    """One track. Every item begins with its tick.

    Tempos are in microseconds per quarter note, signatures are numerator and denominator. `exclusive` are the system
    exclusive messages without their first byte.
    """

    name: str = ""
    notes: list[MidiNote] = field(default_factory=list)
    texts: list[tuple[int, str]] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    signatures: list[tuple[int, int, int]] = field(default_factory=list)
    exclusive: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MidiFile:
    """`resolution` is the number of ticks in a quarter note."""

    resolution: int
    tracks: tuple[MidiTrack, ...]


def parse(data: bytes) -> MidiFile:
    """The MIDI file in `data`. Raises BadChart if it is none, is cut off, or counts seconds instead of beats."""
    if len(data) > MAX_BYTES:
        raise BadChart(f"This notes.mid is larger than {MAX_BYTES >> 20} MiB; no game plays such a chart.")
    if data[:4] != b"MThd" or len(data) < 14:
        raise BadChart("This notes.mid is not a MIDI file. Export it again from your editor.")
    resolution = int.from_bytes(data[12:14], "big")
    if not 0 < resolution < 0x8000:
        raise BadChart("This notes.mid has no resolution in ticks per beat, so no game can play it. Export it again.")
    try:
        return MidiFile(resolution, tuple(_track(chunk) for chunk in _track_chunks(data)))
    except IndexError:
        raise BadChart("This notes.mid is cut off. Copy or download it again.") from None


def _track_chunks(data: bytes) -> Iterator[bytes]:
    offset = 8 + int.from_bytes(data[4:8], "big")
    while offset + 8 <= len(data):
        kind, size = data[offset : offset + 4], int.from_bytes(data[offset + 4 : offset + 8], "big")
        offset += 8
        if offset + size > len(data):
            raise IndexError(offset)
        if kind == b"MTrk":
            yield data[offset : offset + size]
        offset += size


def _track(data: bytes) -> MidiTrack:
    """The track in a chunk. Raises IndexError where the data end inside an event."""
    track = MidiTrack()
    sounding: dict[int, list[tuple[int, int]]] = {}
    offset = tick = status = 0
    end = len(data)
    while offset < end:
        byte = data[offset]
        if byte < 0x80:
            tick += byte
            offset += 1
        else:
            delta, offset = _quantity(data, offset)
            tick += delta
        if data[offset] >= 0x80:
            status = data[offset]
            offset += 1
        elif not 0x80 <= status < 0xF0:
            raise BadChart("This notes.mid is damaged. Copy or download it again.")
        if status < 0xA0:
            number, velocity = data[offset], data[offset + 1]
            offset += 2
            key = status & 0x0F | number << 4
            if status >= 0x90 and velocity:
                sounding.setdefault(key, []).append((tick, velocity))
            elif started := sounding.get(key):
                start, struck = started.pop()
                track.notes.append(MidiNote(start, number, tick - start, struck))
        elif status == 0xFF:
            kind = data[offset]
            size, offset = _quantity(data, offset + 1)
            if kind == _END:
                break
            _meta(track, tick, kind, _slice(data, offset, size))
            offset += size
        elif status in (0xF0, 0xF7):
            size, offset = _quantity(data, offset)
            track.exclusive.append((tick, _slice(data, offset, size)))
            offset += size
        else:
            offset += _DATA_BYTES.get(status if status >= 0xF0 else status & 0xF0, 2 if status < 0xF0 else 0)
    track.notes.sort(key=attrgetter("tick"))
    return track


def _meta(track: MidiTrack, tick: int, kind: int, data: bytes) -> None:
    if kind == _NAME and tick == 0:
        track.name = decode(data).strip()
    elif kind in _TEXTS:
        track.texts.append((tick, decode(data).strip()))
    elif kind == _TEMPO:
        track.tempos.append((tick, int.from_bytes(data[:3], "big")))
    elif kind == _SIGNATURE and len(data) >= 2:
        track.signatures.append((tick, data[0], 2 ** min(data[1], 10)))


def _quantity(data: bytes, offset: int) -> tuple[int, int]:
    """A variable-length quantity of one to four bytes, and the offset after it."""
    value = 0
    for end in range(offset + 1, offset + 5):
        byte = data[end - 1]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, end


def _slice(data: bytes, offset: int, size: int) -> bytes:
    if offset + size > len(data):
        raise IndexError(offset)
    return data[offset : offset + size]

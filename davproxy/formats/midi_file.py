"""Standard MIDI files, as far as notes.mid needs them: tempo, time signatures, texts, and notes with their lengths.

Our own reader, so that a hostile file costs little time and raises one error, and a pack of songs is read quickly.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from davproxy.errors import BadChart
from davproxy.formats.encoding import decode

MAX_BYTES = 8 * 1024 * 1024
"""Far above the largest notes.mid people play; it bounds the memory that a hostile file can take."""

_NAME, _END, _TEMPO, _SIGNATURE = 0x03, 0x2F, 0x51, 0x58
_TEXTS = (0x01, 0x05)  # text and lyric
_DATA_BYTES = {0xC0: 1, 0xD0: 1, 0xF1: 1, 0xF2: 2, 0xF3: 1}


class MidiNote(NamedTuple):
    """A key held down, from `tick` for `length` ticks. A tuple, being made for every note of a file."""

    tick: int
    number: int
    length: int
    velocity: int


@dataclass(slots=True)
class MidiTrack:
    """One track, everything with its tick. Tempos are microseconds in a quarter note, signatures n and d of n/d.

    `exclusive` are the system exclusive messages, without the byte they begin with.
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
    """The file in `data`. Raises BadChart for what is cut off, no MIDI, or timed in seconds instead of beats."""
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
    place = 8 + int.from_bytes(data[4:8], "big")
    while place + 8 <= len(data):
        kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "big")
        place += 8
        if place + size > len(data):
            raise IndexError(place)
        if kind == b"MTrk":
            yield data[place : place + size]
        place += size


def _track(data: bytes) -> MidiTrack:
    """One track's events. Raises IndexError where the data end inside one."""
    track = MidiTrack()
    held: dict[int, list[tuple[int, int]]] = {}
    place = tick = status = 0
    end = len(data)
    while place < end:
        byte = data[place]
        if byte < 0x80:
            tick += byte
            place += 1
        else:
            delta, place = _variable(data, place)
            tick += delta
        if data[place] >= 0x80:
            status = data[place]
            place += 1
        elif not 0x80 <= status < 0xF0:
            raise BadChart("This notes.mid is damaged. Copy or download it again.")
        if status < 0xA0:
            number, velocity = data[place], data[place + 1]
            place += 2
            key = status & 0x0F | number << 4
            if status >= 0x90 and velocity:
                held.setdefault(key, []).append((tick, velocity))
            elif started := held.get(key):
                start, struck = started.pop()
                track.notes.append(MidiNote(start, number, tick - start, struck))
        elif status == 0xFF:
            kind = data[place]
            size, place = _variable(data, place + 1)
            if kind == _END:
                break
            _meta(track, tick, kind, _slice(data, place, size))
            place += size
        elif status in (0xF0, 0xF7):
            size, place = _variable(data, place)
            track.exclusive.append((tick, _slice(data, place, size)))
            place += size
        else:
            place += _DATA_BYTES.get(status if status >= 0xF0 else status & 0xF0, 2 if status < 0xF0 else 0)
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


def _variable(data: bytes, place: int) -> tuple[int, int]:
    """A number of one to four bytes, and the place after it."""
    value = 0
    for end in range(place + 1, place + 5):
        byte = data[end - 1]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, end


def _slice(data: bytes, place: int, size: int) -> bytes:
    if place + size > len(data):
        raise IndexError(place)
    return data[place : place + size]

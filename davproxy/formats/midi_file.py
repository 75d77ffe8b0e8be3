"""Standard MIDI files, as far as notes.mid needs them: tempo, time signatures, texts, and notes with their lengths.

The format is the MIDI Association's "Standard MIDI Files 1.0" (RP-001). This is our own reader, because a hostile file
then costs linear time and raises one error, and a pack of songs is read quickly.
"""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from davproxy.errors import BadChart
from davproxy.formats.encoding import decode

MAX_BYTES = 8 * 1024 * 1024
"""Far above the largest notes.mid that people play; it bounds the memory that a hostile file takes."""

_NAME, _END, _TEMPO, _SIGNATURE = 0x03, 0x2F, 0x51, 0x58
_TEXTS = frozenset(range(0x01, 0x10)) - {0x02, _NAME}
"""Text, lyric, marker …: every kind but a copyright notice and the name of the track."""
_DATA_BYTES = {0xC0: 1, 0xD0: 1, 0xF1: 1, 0xF2: 2, 0xF3: 1}
_HEADER_BYTES = 6
_FIRST_CHUNK = 8 + _HEADER_BYTES


class MidiNote(NamedTuple):
    """A key held from `tick` for `length` ticks. A tuple, because it is cheap and every note of a file is one."""

    tick: int
    number: int
    length: int
    velocity: int


@dataclass(slots=True)
class MidiTrack:
    """One track. Every item but a name begins with its tick.

    `names` are those at tick 0, of which a good track has one. Tempos are in microseconds per quarter note, signatures
    are numerator and denominator. `exclusive` are the system exclusive messages without their first byte. `ended` says
    whether the track has its end event.
    """

    names: list[str] = field(default_factory=list)
    notes: list[MidiNote] = field(default_factory=list)
    texts: list[tuple[int, str]] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    signatures: list[tuple[int, int, int]] = field(default_factory=list)
    exclusive: list[tuple[int, bytes]] = field(default_factory=list)
    ended: bool = False


@dataclass(frozen=True, slots=True)
class MidiFile:
    """`resolution` is the number of ticks in a quarter note.

    `format` is 1 for several tracks at once, the only kind that games read. `strict` says whether header, chunks and
    tracks have the lengths and ends that the format asks for; bytes after the last track do not count.
    """

    resolution: int
    tracks: tuple[MidiTrack, ...]
    format: int = 1
    strict: bool = True


def check_size(size: int) -> None:
    """Raise BadChart for a file of more than MAX_BYTES bytes."""
    if size > MAX_BYTES:
        raise BadChart(f"This notes.mid is larger than {MAX_BYTES >> 20} MiB; no game plays such a chart.")


def parse(data: bytes) -> MidiFile:
    """The MIDI file in `data`. Raises BadChart if it is none, is cut off, or counts seconds instead of beats."""
    check_size(len(data))
    if data[:4] != b"MThd" or len(data) < 14:
        raise BadChart("This notes.mid is not a MIDI file. Export it again from your editor.")
    header, kind, count, resolution = (
        int.from_bytes(data[start:end], "big") for start, end in ((4, 8), (8, 10), (10, 12), (12, 14))
    )
    if not 0 < resolution < 0x8000:
        raise BadChart("This notes.mid has no resolution in ticks per beat, so no game can play it. Export it again.")
    try:
        tracks, strict = _tracks(data, 8 + header, count)
    except IndexError:
        raise BadChart("This notes.mid is cut off. Copy or download it again.") from None
    return MidiFile(resolution, tuple(tracks), kind, strict and header == _HEADER_BYTES)


def _tracks(data: bytes, offset: int, count: int) -> tuple[list[MidiTrack], bool]:
    """(the first `count` tracks, whether each chunk up to the last of them is as the format asks for).

    Games read nothing after these tracks. A length that reaches past the end of the file is fine where the track ends
    before; otherwise this raises IndexError.
    """
    tracks: list[MidiTrack] = []
    strict = data.startswith(b"MTrk", offset)
    if not strict:
        offset = max(data.find(b"MTrk", _FIRST_CHUNK), _FIRST_CHUNK)
    while len(tracks) < count and offset + 8 <= len(data):
        start = offset + 8
        is_track, size = data.startswith(b"MTrk", offset), int.from_bytes(data[offset + 4 : start], "big")
        offset = start + size
        if is_track:
            tracks.append(_track(data[start:offset]))
            strict = strict and tracks[-1].ended
            if offset > len(data) and not tracks[-1].ended:
                raise IndexError(offset)
        else:
            strict = False
    return tracks, strict and not data.startswith(b"MTrk", offset)


def _track(data: bytes) -> MidiTrack:
    """The track in a chunk. Raises IndexError where the data end inside an event.

    A channel status runs on over system and meta events, as in files of Rock Band 2 and Phase Shift.
    """
    track = MidiTrack()
    sounding: dict[int, list[tuple[int, int]]] = {}
    offset = tick = running = 0
    end = len(data)
    while offset < end:
        byte = data[offset]
        if byte < 0x80:
            tick += byte
            offset += 1
        else:
            delta, offset = _quantity(data, offset)
            tick += delta
        status = data[offset]
        if status < 0x80:
            status = running
            if not status:
                raise BadChart("This notes.mid is damaged. Copy or download it again.")
        else:
            offset += 1
            if status < 0xF0:
                running = status
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
                track.ended = True
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
        track.names.append(decode(data))
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

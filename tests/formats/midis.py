"""mido, which has no types, writes the MIDI files that our reader must read."""

import io
from typing import Any

import mido as untyped_mido

mido: Any = untyped_mido

Keys = list[tuple[int, int, int]]
"""Tick, number and length of each key."""


def save(midi: Any) -> bytes:
    """The bytes of a mido.MidiFile."""
    file = io.BytesIO()
    midi.save(file=file)
    return file.getvalue()


def midi(tracks: dict[str, Keys], texts: dict[str, list[tuple[int, str]]] | None = None, velocity: int = 100) -> bytes:
    """A file with a track of each name that has keys or texts, after one with a tempo and a time signature."""
    texts = texts or {}
    return midi_of(
        *((name, tracks.get(name, []), texts.get(name, [])) for name in {**tracks, **texts}), velocity=velocity
    )


def midi_of(*tracks: tuple[str, Keys, list[tuple[int, str]]], velocity: int = 100) -> bytes:
    """A file with these tracks, each (name, keys, texts); names may be the same."""
    out = mido.MidiFile(ticks_per_beat=480)
    out.tracks.append(
        mido.MidiTrack(
            [
                mido.MetaMessage("set_tempo", tempo=400_000),
                mido.MetaMessage("time_signature", numerator=3, denominator=4),
            ]
        )
    )
    for name, keys, texts in tracks:
        events: list[tuple[int, Any]] = [(0, mido.MetaMessage("track_name", name=name))]
        events += [(tick, mido.MetaMessage("text", text=text)) for tick, text in texts]
        for tick, number, length in keys:
            events.append((tick, mido.Message("note_on", note=number, velocity=velocity)))
            events.append((tick + length, mido.Message("note_off", note=number)))
        track, now = mido.MidiTrack(), 0
        for tick, event in sorted(events, key=lambda pair: pair[0]):
            track.append(event.copy(time=tick - now))
            now = tick
        out.tracks.append(track)
    return save(out)

"""mido, which has no types, writes the MIDI files that our reader must read."""

import io
from typing import Any

import mido as untyped_mido

mido: Any = untyped_mido


def save(midi: Any) -> bytes:
    """The bytes of a mido.MidiFile."""
    file = io.BytesIO()
    midi.save(file=file)
    return file.getvalue()

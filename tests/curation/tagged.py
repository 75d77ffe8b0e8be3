"""Short .mp3 files with tags, made for tests."""

# mypy: disable-error-code="no-untyped-call"

import io
from collections.abc import Mapping
from functools import cache

import numpy as np
import soundfile
from mutagen.id3 import APIC, ID3, TALB, TCON, TDRC, TIT2, TPE1, TRCK

_FRAMES = {"title": TIT2, "artist": TPE1, "album": TALB, "genre": TCON, "year": TDRC, "track": TRCK}


def mp3(texts: Mapping[str, str], cover: bytes = b"") -> bytes:
    """An .mp3 with these tags: title, artist, album, genre, year, track; and the picture `cover`."""
    tags = ID3()
    for name, frame in _FRAMES.items():
        if name in texts:
            tags.add(frame(encoding=3, text=[texts[name]]))
    if cover:
        tags.add(APIC(encoding=3, mime="image/png", type=3, data=cover))
    file = io.BytesIO(_sound())
    tags.save(file)
    return file.getvalue()


@cache
def _sound() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(8000, np.float32), 16000, format="MP3")
    return file.getvalue()

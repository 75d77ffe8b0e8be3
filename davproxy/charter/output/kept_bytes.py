"""Which recordings are kept as they are: those that every game decodes alike, and that games find by their ending."""

from pathlib import Path

from davproxy.charter.signal import mp3, ogg
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.stream import RATES

CLOSE = 0.1  # seconds that an mp3 may last longer or shorter than its header declares
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE  # of a WAV file: how its samples are coded


def ending(source: Path, audio: Audio) -> str:
    """The ending under which games play `source` as it is, empty where it has to be written in another form. `audio` is
    `source` decoded.

    The container counts, not the codec: Opus inside of WebM is no .opus. A damaged or chained file, and an mp3 that
    does not say how long its encoder's delay is, are heard in one way by one player and in another way by the next.
    """
    if audio.remarks or audio.channels > 2:
        return ""
    if audio.format in ("ogg", "opus") and ogg.is_ogg(source):
        return f".{audio.format}"
    if audio.format == "mp3":
        info = mp3.info(source)
        exact = info is not None and info.has_delay and abs(info.seconds - audio.seconds) < CLOSE
        return ".mp3" if exact else ""
    return ".wav" if audio.format == "wav" and _is_plain_wav(source) else ""


def _is_plain_wav(source: Path) -> bool:
    """Whether it is RIFF WAVE of whole numbers of up to 32 bits, or of 32-bit floats, at a usual rate."""
    with source.open("rb") as file:
        start = file.read(36)
    coding, rate, bits = (int.from_bytes(start[at:end], "little") for at, end in ((20, 22), (24, 28), (34, 36)))
    if start[:4] != b"RIFF" or start[12:16] != b"fmt " or rate not in RATES:
        return False
    return coding in (PCM, FLOAT, EXTENSIBLE) and bits <= 32

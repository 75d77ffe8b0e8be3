"""Which recordings are copied unchanged: those that every game decodes alike and finds by their file ending."""

from pathlib import Path

from davproxy.charter.signal import mp3, ogg
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.stream import RATES

CLOSE = 0.1  # seconds by which the length of an mp3 may differ from that in its header
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE  # format tags of a WAV file


def ending(source: Path, audio: Audio) -> str:
    """The file ending under which games play `source` unchanged; empty if it has to be converted. `audio` is the
    decoded `source`.

    The container decides, not the codec: Opus in WebM is no .opus. Players differ in how they play a damaged or chained
    file, or an mp3 that does not give its encoder's delay, so these are converted.
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
    """Whether it is RIFF WAVE with integers of up to 32 bits or 32-bit floats, at a common rate."""
    with source.open("rb") as file:
        start = file.read(36)
    coding, rate, bits = (int.from_bytes(start[at:end], "little") for at, end in ((20, 22), (24, 28), (34, 36)))
    if start[:4] != b"RIFF" or start[12:16] != b"fmt " or rate not in RATES:
        return False
    return coding in (PCM, FLOAT, EXTENSIBLE) and bits <= 32

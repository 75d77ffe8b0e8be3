"""The audio of a song folder: the original bytes if games play them, else Ogg Vorbis with silence before it."""

import shutil
from pathlib import Path

import numpy as np
import soundfile

from davproxy.charter.output import kept_bytes
from davproxy.charter.signal import ogg
from davproxy.charter.signal.audio import Audio

COMPRESSION = 0.4  # of Vorbis, 0 (best) to 1 (smallest): about 190 kbit/s for stereo
BLOCK = 1 << 15  # frames
SERIAL = 1  # of the Ogg stream, where libvorbis uses a random one: the same song should give the same bytes


def write(source: Path, audio: Audio, silence: float, folder: Path, stem: str) -> Path:
    """Write `source` into `folder` as `stem`, after `silence` seconds, and return the path of the new file.

    It is a copy if games play `source` as it is and it has this silence already, else Ogg Vorbis of one or two
    channels, without the silence that it had. `audio` is the decoded `source`. Raises BadAudio if the file can no
    longer be decoded.
    """
    if round((silence - audio.silence) * audio.rate) == 0 and (ending := kept_bytes.ending(source, audio)):
        target = folder / f"{stem}{ending}"
        shutil.copyfile(source, target)
        return target
    target = folder / f"{stem}.ogg"
    channels = min(audio.channels, 2)
    with (
        audio.reader(source) as stream,
        target.open("w+b") as file,
        soundfile.SoundFile(
            file, "w", stream.rate, channels, format="OGG", subtype="VORBIS", compression_level=COMPRESSION
        ) as out,
    ):
        quiet = round(silence * stream.rate)
        for start in range(0, quiet, BLOCK):
            out.write(np.zeros((min(BLOCK, quiet - start), channels), dtype=np.float32))
        skipped = round(audio.silence * stream.rate)
        for block in stream.blocks:
            heard = block[skipped:]
            skipped -= len(block) - len(heard)
            for start in range(0, len(heard), BLOCK):
                out.write(np.clip(heard[start : start + BLOCK], -1.0, 1.0))
    _set_serial(target)
    return target


def _set_serial(target: Path) -> None:
    """Set the serial number of every page of an Ogg file to SERIAL."""
    renumbered = target.with_suffix(".tmp")
    with target.open("rb") as old, renumbered.open("wb") as new:
        for page in ogg.pages(old):
            page.serial = SERIAL
            new.write(ogg.page_bytes(page))
    renumbered.replace(target)

"""The audio of a song folder: the original bytes where a game plays them, else Ogg Vorbis with silence before it."""

import shutil
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import soundfile
from mutagen.ogg import OggPage
from numpy.typing import NDArray

from davproxy.charter.signal.audio import Audio
from davproxy.errors import BadAudio

PLAYABLE = {"ogg": ".ogg", "opus": ".opus", "mp3": ".mp3", "wav": ".wav"}
COMPRESSION = 0.4  # of Vorbis, 0 best to 1 smallest: about 190 kbit/s for stereo
BLOCK = 1 << 15  # frames
SERIAL = 1  # of the Ogg stream: libvorbis draws a random one, and the same song should give the same bytes

Block = NDArray[np.float32]


def write(source: Path, audio: Audio, silence: float, folder: Path, stem: str) -> Path:
    """Put `source` into `folder` as `stem` with `silence` seconds before it, and return the file written: a copy where
    games play the format and no silence is wanted, else Ogg Vorbis of one or two channels. `audio` is `source` decoded.

    Raises BadAudio where the file can no longer be decoded.
    """
    if silence <= 0 and audio.format in PLAYABLE and audio.channels <= 2:
        target = folder / f"{stem}{PLAYABLE[audio.format]}"
        shutil.copyfile(source, target)
        return target
    target = folder / f"{stem}.ogg"
    channels = min(audio.channels, 2)
    with (
        target.open("w+b") as file,
        soundfile.SoundFile(
            file, "w", audio.rate, channels, format="OGG", subtype="VORBIS", compression_level=COMPRESSION
        ) as out,
    ):
        quiet = round(silence * audio.rate)
        for start in range(0, quiet, BLOCK):
            out.write(np.zeros((min(BLOCK, quiet - start), channels), dtype=np.float32))
        with closing(_blocks(source, channels)) as blocks:
            for block in blocks:
                out.write(np.clip(np.nan_to_num(block, posinf=0.0, neginf=0.0), -1.0, 1.0))
    _set_serial(target)
    return target


def _blocks(source: Path, channels: int) -> Generator[Block, None, None]:
    """(frames, channels) at the file's own rate; more than two channels are mixed down to two."""
    try:
        with soundfile.SoundFile(source) as file:
            for block in file.blocks(BLOCK, dtype="float32", always_2d=True):
                frames = np.asarray(block, dtype=np.float32)
                yield _stereo(frames) if frames.shape[1] > channels else frames
        return
    except soundfile.LibsndfileError:
        pass
    try:
        with av.open(source) as container:
            stream = container.streams.audio[0]
            layout = "mono" if channels == 1 else "stereo"
            resampler = av.AudioResampler(format="flt", layout=layout, rate=stream.rate)
            for frame in container.decode(stream):
                for part in resampler.resample(frame):
                    yield np.asarray(part.to_ndarray(), dtype=np.float32).reshape(-1, channels)
            for part in resampler.resample(None):
                yield np.asarray(part.to_ndarray(), dtype=np.float32).reshape(-1, channels)
    except (av.FFmpegError, ValueError) as error:
        raise BadAudio(f"{source.name} cannot be decoded. Save it again as mp3, ogg, opus, flac or wav.") from error


def _stereo(block: Block) -> Block:
    """Left and right, (frames, 2), from the usual order of channels: left, right, centre, low, surround left, surround
    right … (about the weights of ITU-R BS.775, without the low channel)."""
    centre = block[:, 2:3] * 0.7
    sides = [block[:, 4 + side :: 2].sum(axis=1, keepdims=True) * 0.7 for side in (0, 1)]
    mixed = np.concatenate([block[:, 0:1] + centre + sides[0], block[:, 1:2] + centre + sides[1]], axis=1)
    return np.asarray(mixed * 0.6)


def _set_serial(target: Path) -> None:
    """Give every page of an Ogg file the same stream number."""
    renumbered = target.with_suffix(".tmp")
    with target.open("rb") as old, renumbered.open("wb") as new:
        while True:
            try:
                page = OggPage(old)  # type: ignore[no-untyped-call]
            except EOFError:
                break
            page.serial = SERIAL
            new.write(page.write())  # type: ignore[no-untyped-call]
    renumbered.replace(target)

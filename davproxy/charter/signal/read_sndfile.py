"""Decoding by libsndfile, which reads Ogg, FLAC, WAV and AIFF to the sample."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr

from davproxy.charter.signal import ogg
from davproxy.charter.signal.stream import BLOCK, RATES, USUAL_RATE, Block, Stream, finite, mix_down, undecodable

FORMATS = {"OGG": "ogg", "FLAC": "flac", "WAV": "wav", "WAVEX": "wav", "AIFF": "aiff"}
"""The format names of libsndfile, and the file ending of each."""
OPEN_ENDED = 0x7FFF0000  # bytes; a larger size in a header stands for one that was not known when it was written


@contextmanager
def by_libsndfile(path: Path) -> Iterator[Stream]:
    """Open `path` with libsndfile; a chained Ogg file is read link by link."""
    remarks = []
    parts: list[Path | BytesIO] = [path]
    if ogg.is_ogg(path):
        links = ogg.links(path)
        if not links[-1].ended:
            remarks.append("Its last page is missing, so it may have been cut short.")
        if len(links) > 1:
            remarks.append(f"It holds {len(links)} recordings one after the other, which became one song.")
            content = path.read_bytes()
            parts = [BytesIO(content[link.start : link.stop]) for link in links]
    elif missing := _missing(path):
        remarks.append(f"The last {missing:.0%} of it are missing.")
    try:
        with soundfile.SoundFile(parts[0]) as first:
            kind = "opus" if first.subtype == "OPUS" else FORMATS.get(first.format, first.format.lower())
            rate = first.samplerate if first.samplerate in RATES else USUAL_RATE
            yield Stream(rate, first.channels, kind, _blocks(path, parts, rate, min(first.channels, 2)), remarks)
    except soundfile.LibsndfileError as error:
        raise undecodable(path) from error


def _blocks(path: Path, parts: list[Path | BytesIO], rate: int, channels: int) -> Iterator[Block]:
    """The blocks of all parts, at one rate and channel count."""
    for part in parts:
        if isinstance(part, BytesIO):
            part.seek(0)
        try:
            with soundfile.SoundFile(part) as file:
                resampler = soxr.ResampleStream(file.samplerate, rate, channels, dtype="float32")
                last = False
                while not last:
                    read = file.read(BLOCK, dtype="float32", always_2d=True)
                    last = len(read) == 0
                    block = _with_channels(mix_down(finite(read)), channels)
                    if file.samplerate != rate:
                        block = resampler.resample_chunk(block, last=last).reshape(-1, channels)
                    yield block
                if file.tell() < file.frames and file.format == "FLAC":
                    raise undecodable(path)
        except soundfile.LibsndfileError as error:
            raise undecodable(path) from error


def _with_channels(block: Block, channels: int) -> Block:
    """The block with this many channels: one channel is doubled, two are averaged."""
    if block.shape[1] == channels:
        return block
    return np.repeat(block, 2, axis=1) if channels == 2 else block.mean(axis=1, keepdims=True)


def _missing(path: Path) -> float:
    """The share, 0 to 1, of the bytes declared by a RIFF or AIFF header that the file does not have."""
    with path.open("rb") as file:
        kind, declared = file.read(4), file.read(4)
    order = {b"RIFF": "little", b"FORM": "big"}.get(kind)
    size = int.from_bytes(declared, "big" if order == "big" else "little") + 8 if order else 0
    return max(0.0, 1 - path.stat().st_size / size) if size < OPEN_ENDED and size else 0.0

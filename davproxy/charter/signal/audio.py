"""Audio files in, one mono signal out, on which the rest of the charter works."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from davproxy.charter.signal.read_ffmpeg import by_ffmpeg
from davproxy.charter.signal.read_sndfile import by_libsndfile
from davproxy.charter.signal.stream import Block, Reader
from davproxy.errors import BadAudio, TooLarge

RATE = 22050  # samples a second of every signal
LONGEST = 30 * 60.0  # seconds
SHORTEST = 5.0  # seconds
QUIET = 0.02  # share of the whole signal's RMS; nothing is played in a frame below it
AUDIBLE = 1e-3  # absolute value of a sample from which something is played; less is dither, or noise of a codec
PRE_ECHO = 0.1  # seconds before a sound in which a codec may leave some of it
CANCELLED = 0.1  # share of the left channel's energy; if the mean of both has less, they are in opposite phase
SNDFILE = (b"OggS", b"fLaC", b"RIFF", b"RF64", b"FORM")
"""First bytes of the files that libsndfile reads better. Not of mp3: it trusts the length that the header declares."""


@dataclass(frozen=True, eq=False)
class Audio:
    """A decoded file.

    `samples` are mono at RATE, (samples,), float32, finite and within -8 to 8. `rate` (Hz) and `channels` are the
    file's own; `format` is ogg, opus, mp3, flac, wav, aiff or the name of another codec. `reader` decodes the file.
    `remarks` say what is missing or damaged. The file has `silence` seconds before the samples.
    """

    samples: NDArray[np.float32]
    rate: int
    channels: int
    format: str
    reader: Reader = by_libsndfile
    remarks: tuple[str, ...] = ()
    silence: float = 0.0

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE

    def without_start(self, silence: float) -> "Audio":
        """The same audio without the `silence` with which it begins, in seconds. Raises BadAudio if that is not
        silent."""
        cut = round(silence * RATE)
        start = self.samples[: max(cut - round(PRE_ECHO * RATE), 0)]
        if cut >= len(self.samples) or np.abs(start).max(initial=0.0) > AUDIBLE:
            raise BadAudio("The audio is not the one that this chart was made of.")
        return replace(self, samples=self.samples[cut:], silence=silence)

    @property
    def first_sound(self) -> float:
        """Seconds before the first frame of 10 ms with an RMS above QUIET; 0 if there is none."""
        return float(np.argmax(self._sounding)) / 100

    @property
    def last_sound(self) -> float:
        """Seconds until the end of the last such frame; the whole length if there is none."""
        return self.seconds - float(np.argmax(self._sounding[::-1])) / 100

    @property
    def _sounding(self) -> NDArray[np.bool_]:
        width = RATE // 100
        blocks = self.samples[: len(self.samples) // width * width].reshape(-1, width)
        loudness = np.sqrt(np.mean(blocks**2, axis=1))
        return np.asarray(loudness > QUIET * np.sqrt(np.mean(loudness**2)))


def load(path: Path) -> Audio:
    """Decode a file of any common format. Raises BadAudio, or TooLarge if it lasts longer than LONGEST."""
    if path.stat().st_size == 0:
        raise BadAudio(f"{path.name} is empty. Copy it again.")
    with path.open("rb") as file:
        first = file.read(4) in SNDFILE
    audio = None
    if first:  # if it fails midway, FFmpeg starts over
        with suppress(BadAudio):
            audio = _load(path, by_libsndfile)
    audio = audio or _load(path, by_ffmpeg)
    if audio.seconds < SHORTEST:
        raise BadAudio(f"{path.name} holds only {audio.seconds:.1f} seconds of sound. Give a whole song.")
    return audio


def mix(stems: Sequence[Audio]) -> Audio:
    """The sum of all stems. Rate, channels and format are those of the stem with most channels, then highest rate."""
    samples = np.zeros(max(len(stem.samples) for stem in stems), dtype=np.float32)
    for stem in stems:
        samples[: len(stem.samples)] += stem.samples
    best = max(stems, key=lambda stem: (stem.channels, stem.rate))
    return Audio(samples, best.rate, best.channels, best.format)


def _load(path: Path, reader: Reader) -> Audio:
    with reader(path) as stream:
        parts, length = [np.zeros((0, 2), dtype=np.float32)], 0
        for part in _resample(map(_mean_and_left, stream.blocks), stream.rate):
            parts.append(part)
            length += len(part)
            if length > LONGEST * RATE:
                raise TooLarge(f"{path.name} is longer than {LONGEST / 60:.0f} minutes. Cut it into songs.")
        samples = to_mono(np.concatenate(parts))
        return Audio(samples, stream.rate, stream.channels, stream.format, reader, tuple(stream.remarks))


def to_mono(mean_and_left: Block) -> NDArray[np.float32]:
    """A mono signal, (samples,), from the columns mean and left, (samples, 2): the mean of both channels, or the left
    one if the mean cancels out."""
    mean, left = np.einsum("ij,ij->j", mean_and_left, mean_and_left, dtype=np.float64)
    return np.ascontiguousarray(mean_and_left[:, int(mean < CANCELLED * left)])


def _mean_and_left(block: Block) -> Block:
    return np.stack([block.mean(axis=1), block[:, 0]], axis=1)


def _resample(blocks: Iterator[Block], rate: int) -> Iterator[Block]:
    stream = soxr.ResampleStream(rate, RATE, 2, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros((0, 2), dtype=np.float32), last=True)

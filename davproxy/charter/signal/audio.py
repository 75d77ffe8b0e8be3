"""Audio files in, one mono signal out, which the rest of the charter works on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from davproxy.errors import BadAudio, TooLarge

RATE = 22050  # samples a second of every signal
LONGEST = 30 * 60.0  # seconds
SHORTEST = 5.0  # seconds
BLOCK = 1 << 16  # frames decoded at a time, so that a long file never lies in memory at its own rate
QUIET = 0.02  # of the RMS of the whole: below it nothing is played yet

FORMATS = {"OGG": "ogg", "MPEG": "mp3", "MP3": "mp3", "FLAC": "flac", "WAV": "wav", "WAVEX": "wav", "AIFF": "aiff"}
"""File endings by what libsndfile calls a format."""


@dataclass(frozen=True, eq=False)
class Audio:
    """A decoded file. `rate` and `channels` are the file's own, `format` is ogg, opus, mp3, flac, wav, aiff or the name
    of another codec; `samples` are mono, (samples,), float32, at RATE, finite and within -8 to 8."""

    samples: NDArray[np.float32]
    rate: int
    channels: int
    format: str

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE

    @property
    def first_sound(self) -> float:
        """Seconds before the first hundredth of a second whose RMS is above QUIET of the usual; 0 if none is."""
        width = RATE // 100
        blocks = self.samples[: len(self.samples) // width * width].reshape(-1, width)
        loudness = np.sqrt(np.mean(blocks**2, axis=1))
        return float(np.argmax(loudness > QUIET * np.sqrt(np.mean(loudness**2)))) / 100


def load(path: Path) -> Audio:
    """Decode a file of any common format. Raises BadAudio, or TooLarge for more than LONGEST."""
    if path.stat().st_size == 0:
        raise BadAudio(f"{path.name} is empty. Copy it again.")
    try:
        audio = _load_soundfile(path)
    except soundfile.LibsndfileError:
        audio = _load_av(path)
    if audio.seconds < SHORTEST:
        raise BadAudio(f"{path.name} holds only {audio.seconds:.1f} seconds of sound. Give a whole song.")
    return audio


def mix(stems: Sequence[Audio]) -> Audio:
    """The sum of all stems; rate, channels and format are those of the best one."""
    samples = np.zeros(max(len(stem.samples) for stem in stems), dtype=np.float32)
    for stem in stems:
        samples[: len(stem.samples)] += stem.samples
    best = max(stems, key=lambda stem: (stem.channels, stem.rate))
    return Audio(samples, best.rate, best.channels, best.format)


def _load_soundfile(path: Path) -> Audio:
    with soundfile.SoundFile(path) as file:
        blocks = (_finite(block).mean(axis=1) for block in file.blocks(BLOCK, dtype="float32", always_2d=True))
        samples = _collect(path, _resampled(blocks, file.samplerate))
        kind = "opus" if file.subtype == "OPUS" else FORMATS.get(file.format, file.format.lower())
        return Audio(samples, file.samplerate, file.channels, kind)


def _load_av(path: Path) -> Audio:
    try:
        with av.open(path) as container:
            if not container.streams.audio:
                raise BadAudio(f"{path.name} holds no sound. Give an mp3, ogg, opus, flac, wav or m4a file.")
            stream = container.streams.audio[0]
            samples = _collect(path, _decoded(container, stream))
            return Audio(samples, stream.rate, stream.channels, stream.codec_context.name)
    except (av.FFmpegError, ValueError) as error:
        raise BadAudio(f"{path.name} cannot be decoded. Save it again as mp3, ogg, opus, flac or wav.") from error


def _decoded(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[NDArray[np.float32]]:
    resampler = av.AudioResampler(format="fltp", rate=RATE)
    for frame in container.decode(stream):
        for part in resampler.resample(frame):
            yield _finite(part.to_ndarray()).mean(axis=0)
    for part in resampler.resample(None):
        yield _finite(part.to_ndarray()).mean(axis=0)


def _resampled(blocks: Iterator[NDArray[np.float32]], rate: int) -> Iterator[NDArray[np.float32]]:
    stream = soxr.ResampleStream(rate, RATE, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)


def _collect(path: Path, blocks: Iterator[NDArray[np.float32]]) -> NDArray[np.float32]:
    parts, length = [], 0
    for block in blocks:
        parts.append(_finite(block))
        length += len(block)
        if length > LONGEST * RATE:
            raise TooLarge(f"{path.name} is longer than {LONGEST / 60:.0f} minutes. Cut it into songs.")
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def _finite(block: NDArray[Any]) -> NDArray[np.float32]:
    """Broken samples (NaN, infinite) as silence; far too loud ones at the limit, so that sums stay finite."""
    return np.asarray(np.clip(np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0), -8.0, 8.0), dtype=np.float32)

"""One piece of sound in the forms that people have it in, each made with libsndfile or FFmpeg's libraries."""

import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Sounds = Callable[[int, int], Sound]
"""Makes a sound with a number of channels at a rate."""

RATE = 44100
TOOLS = "ffmpeg", "lame"

needs_tools = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {' and '.join(TOOLS)}")


def bursts(seconds: float = 8.0, channels: int = 1, rate: int = RATE) -> Sound:
    """Bursts of noise at distances that never come back, so that any shift shows: (samples, channels)."""
    chance = np.random.default_rng(1)
    sound = np.zeros((int(seconds * rate), channels), dtype=np.float32)
    start = 0.3
    while start < seconds - 0.2:
        fade = np.exp(-np.arange(int(0.1 * rate)) / (0.02 * rate))
        sound[int(start * rate) :][: len(fade)] += (0.4 * chance.normal(size=len(fade)) * fade)[:, None]
        start += chance.uniform(0.15, 0.4)
    return np.clip(sound, -1, 1)


def lag(later: Sound, sooner: Sound, rate: int) -> float:
    """Seconds by which `later` is behind `sooner`, both (samples,)."""
    size = 1 << (len(later) + len(sooner)).bit_length()
    likeness = np.abs(np.fft.irfft(np.fft.rfft(later, size) * np.conj(np.fft.rfft(sooner, size)), size))
    best = int(np.argmax(likeness))
    return (best - size if best > size // 2 else best) / rate


def libsndfile(path: Path, sound: Sound, rate: int = RATE, subtype: str | None = None) -> Path:
    soundfile.write(path, sound, rate, subtype, format="OGG" if path.suffix == ".opus" else None)
    return path


def ffmpeg(path: Path, sound: Sound, codec: str, container: str | None = None, **options: str) -> Path:
    """Encoded by FFmpeg's `codec` at RATE; by opus at 48 kHz, the only rate that it has here."""
    muxer = {"write_xing": options.pop("xing")} if "xing" in options else {}
    with av.open(str(path), "w", format=container, options=muxer) as out:
        rate = 48000 if "opus" in codec else RATE
        stream = out.add_stream(codec, rate=rate, layout="mono" if sound.shape[1] == 1 else "stereo", options=options)
        assert isinstance(stream, av.AudioStream)
        resampler = av.AudioResampler(stream.format, stream.layout, rate, frame_size=stream.codec_context.frame_size)
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1).copy(), "flt", stream.layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            out.mux(stream.encode(part))
    return path


def tool(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=120)


def damage(path: Path, change: Callable[[bytearray], bytes]) -> Path:
    path.write_bytes(change(bytearray(path.read_bytes())))
    return path


def without_lame(content: bytearray) -> bytes:
    """An mp3 whose Info header does not say what wrote it, and so not how long the encoder's delay is."""
    at = content.find(b"Lav", content.find(b"Info"))
    content[at : at + 36] = bytes(36)
    return bytes(content)


def with_hole(content: bytearray, size: int = 3000) -> bytes:
    """Zeros in the middle."""
    middle = len(content) // 2
    content[middle : middle + size] = bytes(size)
    return bytes(content)


VBR = {"global_quality": "236", "flags": "+qscale"}

FORMS: dict[str, Callable[[Path, Sounds], Path]] = {
    "wav": lambda file, sound: libsndfile(file / "a.wav", sound(1, RATE)),
    "wav, 24 bit": lambda file, sound: libsndfile(file / "a.wav", sound(1, RATE), subtype="PCM_24"),
    "wav, 64 bit": lambda file, sound: libsndfile(file / "a.wav", sound(1, RATE), subtype="DOUBLE"),
    "wav, mu-law": lambda file, sound: libsndfile(file / "a.wav", sound(1, RATE), subtype="ULAW"),
    "wav, 8 kHz": lambda file, sound: libsndfile(file / "a.wav", sound(1, 8000), 8000),
    "wav, 6 kHz": lambda file, sound: libsndfile(file / "a.wav", sound(1, 6000), 6000),
    "wav, 192 kHz": lambda file, sound: libsndfile(file / "a.wav", sound(1, 192000), 192000),
    "wav, 384 kHz": lambda file, sound: libsndfile(file / "a.wav", sound(1, 384000), 384000),
    "wav, 5.1": lambda file, sound: libsndfile(file / "a.wav", sound(6, RATE)),
    "aiff": lambda file, sound: libsndfile(file / "a.aiff", sound(2, RATE)),
    "flac": lambda file, sound: libsndfile(file / "a.flac", sound(2, RATE)),
    "vorbis": lambda file, sound: libsndfile(file / "a.ogg", sound(2, RATE)),
    "opus": lambda file, sound: libsndfile(file / "a.opus", sound(1, 48000), 48000, "OPUS"),
    "mp3 with a header": lambda file, sound: ffmpeg(file / "a.mp3", sound(2, RATE), "libmp3lame"),
    "mp3 of libsndfile": lambda file, sound: libsndfile(file / "a.mp3", sound(2, RATE)),
    "mp3 without a header": lambda file, sound: ffmpeg(file / "a.mp3", sound(1, RATE), "libmp3lame", xing="0"),
    "mp3 without a header, VBR": lambda file, sound: ffmpeg(
        file / "a.mp3", sound(1, RATE), "libmp3lame", xing="0", **VBR
    ),
    "mp3 without LAME's part": lambda file, sound: damage(
        ffmpeg(file / "a.mp3", sound(1, RATE), "libmp3lame"), without_lame
    ),
    "mp3 behind zeros": lambda file, sound: damage(
        ffmpeg(file / "a.mp3", sound(1, RATE), "libmp3lame"), lambda all: bytes(5000) + all
    ),
    "mp3 in matroska": lambda file, sound: ffmpeg(file / "a.mka", sound(1, RATE), "libmp3lame", "matroska"),
    "opus in webm": lambda file, sound: ffmpeg(file / "a.webm", sound(1, RATE), "libopus"),
    "opus in mp4": lambda file, sound: ffmpeg(file / "a.mp4", sound(1, RATE), "libopus"),
    "webm named opus": lambda file, sound: ffmpeg(file / "a.opus", sound(1, RATE), "libopus", "webm"),
    "mp4 named mp3": lambda file, sound: ffmpeg(file / "a.mp3", sound(1, RATE), "aac", "mp4"),
    "flac in ogg": lambda file, sound: ffmpeg(file / "a.ogg", sound(1, RATE), "flac", "ogg"),
    "aac in mp4": lambda file, sound: ffmpeg(file / "a.m4a", sound(2, RATE), "aac"),
    "aac alone": lambda file, sound: ffmpeg(file / "a.aac", sound(1, RATE), "aac", "adts"),
    "alac": lambda file, sound: ffmpeg(file / "a.m4b", sound(1, RATE), "alac", "mp4"),
}
"""Each writes a file of that form into a folder, of the sound that it is given."""

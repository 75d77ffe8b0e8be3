"""Decoding by FFmpeg, which reads almost any audio or video format, and continues after damage."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from davproxy.charter.signal import mp3
from davproxy.charter.signal.stream import RATES, USUAL_RATE, Block, Stream, finite, undecodable
from davproxy.errors import BadAudio

LEAST, MOST = 0.02, 10.0  # seconds of a gap between two frames: less is rounding, more is a jump of the time stamps
SHORT = 0.3  # seconds missing at the end that are worth a remark
DEMUXERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,"
    "mpegts,ogg,rm,tak,tta,w64,wav,wv"
)
"""The demuxers that FFmpeg may use: containers, but no playlists, since these name other files."""
DECLARING = ("flac", "aiff", "w64", "caf", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "asf")
"""Containers whose declared length is exact."""


class Decoded(NamedTuple):
    """A frame, the seconds missing before it, and whether a packet before it could not be decoded."""

    frame: av.AudioFrame
    gap: float
    damaged: bool


@contextmanager
def by_ffmpeg(path: Path) -> Iterator[Stream]:
    """Open `path` with FFmpeg. What cannot be decoded becomes silence, so that the rest stays in time."""
    options = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
    try:
        with av.open(str(path), options=options) as container:
            if not container.streams.audio:
                raise BadAudio(f"{path.name} holds no sound. Give an mp3, ogg, opus, flac, wav or m4a file.")
            source = container.streams.audio[0]
            source.codec_context.options = {"err_detect": "crccheck"}
            frames = _frames(container, source)
            begin = next(frames, None)
            if begin is None:
                raise undecodable(path)
            first = begin.frame
            rate = first.sample_rate if first.sample_rate in RATES else USUAL_RATE
            stream = Stream(rate, first.layout.nb_channels, source.codec_context.codec.canonical_name, iter(()))
            frames = _with_remarks(chain([begin], frames), stream, _declared_seconds(path, container, source))
            stream.blocks = _blocks(path, frames, min(stream.channels, 2), rate)
            yield stream
    except (av.FFmpegError, ValueError, AttributeError) as error:  # a stream of no known codec has no context
        raise undecodable(path) from error


def _declared_seconds(path: Path, container: av.container.InputContainer, source: av.AudioStream) -> float | None:
    """The length in seconds that the header declares; None if it only estimates it."""
    if container.format.name == "mp3":
        info = mp3.info(path)
        return info.seconds if info else None
    if container.format.name not in DECLARING:
        return None
    if source.duration is not None and source.time_base is not None:
        return float(source.duration * source.time_base)
    alone = len(container.streams) == 1 and container.duration is not None
    return float(container.duration or 0) / av.time_base if alone else None


def _frames(container: av.container.InputContainer, source: av.AudioStream) -> Iterator[Decoded]:
    """The frames of a stream that can be decoded."""
    expected: float | None = None
    damaged = False
    for packet in container.demux(source):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damaged = True
            continue
        for frame in frames:
            time = frame.time if frame.time is not None else expected
            gap = time - expected if time is not None and expected is not None else 0.0
            expected = time + frame.samples / frame.sample_rate if time is not None else None
            yield Decoded(frame, gap if LEAST <= gap <= MOST else 0.0, damaged)
            damaged = False


def _with_remarks(frames: Iterator[Decoded], stream: Stream, declared: float | None) -> Iterator[Decoded]:
    """The same frames. Adds the remarks to `stream` after the last one."""
    length = lost = 0.0
    first: float | None = None
    for decoded in frames:
        if first is None and (decoded.gap or decoded.damaged):
            first = length
        lost += decoded.gap
        length += decoded.gap + decoded.frame.samples / decoded.frame.sample_rate
        yield decoded
    if first is not None:
        stream.remarks.append(f"It is damaged at {clock(first)}: {max(lost, 0.1):.1f} seconds or more are lost.")
    if declared is not None and declared - length > SHORT:
        stream.remarks.append(f"It ends at {clock(length)}, but should last {clock(declared)}.")


def _blocks(path: Path, frames: Iterator[Decoded], channels: int, rate: int) -> Iterator[Block]:
    """The frames, of any format, as blocks of one rate and channel count; gaps become silence."""
    form: tuple[int, str, str] | None = None
    resampler: av.AudioResampler | None = None

    def rest() -> Iterator[Block]:
        for part in resampler.resample(None) if resampler else []:
            yield finite(part.to_ndarray().reshape(-1, channels))

    try:
        for frame, gap, _ in frames:
            shape = frame.sample_rate, frame.layout.name, frame.format.name
            if resampler is None or shape != form:
                yield from rest()
                form, resampler = shape, av.AudioResampler("flt", "mono" if channels == 1 else "stereo", rate)
            yield np.zeros((round(gap * rate), channels), dtype=np.float32)
            for part in resampler.resample(frame):
                yield finite(part.to_ndarray().reshape(-1, channels))
        yield from rest()
    except (av.FFmpegError, ValueError) as error:
        raise undecodable(path) from error


def clock(seconds: float) -> str:
    """Minutes and seconds, such as 3:07."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"

"""Decoding: every format a player may bring, and every way a file can be broken."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.signal import audio
from davproxy.errors import BadAudio, DavproxyError, TooLarge
from tests.examples import at_most


def tone(seconds: float, rate: int, channels: int = 1) -> NDArray[np.float32]:
    times = np.arange(int(seconds * rate)) / rate
    return np.repeat(0.5 * np.sin(2 * np.pi * 440 * times)[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "rate", "channels", "kind"),
    [
        ("a.wav", 44100, 2, "wav"),
        ("a.flac", 96000, 1, "flac"),
        ("a.ogg", 44100, 2, "ogg"),
        ("a.opus", 48000, 2, "opus"),
        ("a.mp3", 44100, 1, "mp3"),
        ("a.aiff", 8000, 8, "aiff"),
        ("a.wav", 48000, 6, "wav"),
    ],
)
def test_formats_of_libsndfile(tmp_path: Path, name: str, rate: int, channels: int, kind: str) -> None:
    path = tmp_path / name
    container, codec = ("OGG", "OPUS") if kind == "opus" else (None, None)
    soundfile.write(path, tone(6, rate, channels), rate, format=container, subtype=codec)
    loaded = audio.load(path)
    assert (loaded.rate, loaded.channels, loaded.format) == (rate, channels, kind)
    assert loaded.seconds == pytest.approx(6, abs=0.06)
    level = np.sqrt(np.mean(loaded.samples**2)) / (0.5 / np.sqrt(2))
    assert level == pytest.approx(1, rel=0.05) if channels <= 2 else 1 < level < 2  # the same in all channels adds up


def test_aac_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    with av.open(path, "w") as container:
        stream = container.add_stream("aac", rate=44100, layout="stereo")
        frame = av.AudioFrame.from_ndarray(tone(6, 44100, 2).T.copy(), format="fltp", layout="stereo")
        frame.rate = 44100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    loaded = audio.load(path)
    assert (loaded.rate, loaded.channels, loaded.format) == (44100, 2, "aac")
    assert loaded.seconds == pytest.approx(6, abs=0.1)
    assert np.sqrt(np.mean(loaded.samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_broken_samples_are_silenced(tmp_path: Path) -> None:
    samples = tone(6, 22050)
    samples[1000:2000], samples[3000], samples[5000:6000] = np.nan, np.inf, 1e30
    soundfile.write(tmp_path / "a.wav", samples, 22050, subtype="FLOAT")
    loaded = audio.load(tmp_path / "a.wav")
    assert np.all(np.isfinite(loaded.samples))
    assert np.max(np.abs(loaded.samples)) <= 8


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.touch()
    with pytest.raises(BadAudio, match="is empty"):
        audio.load(path)


def test_too_short(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(0.02, 44100), 44100)
    with pytest.raises(BadAudio, match="whole song"):
        audio.load(tmp_path / "a.wav")


def test_too_long(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "a.flac", "w", 8000, 1) as file:
        for _ in range(31):
            file.write(np.zeros(60 * 8000))
    with pytest.raises(TooLarge, match="30 minutes"):
        audio.load(tmp_path / "a.flac")


def test_video_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=24, width=64, height=64, pix_fmt="yuv420p")
        for packet in [*stream.encode(av.VideoFrame(64, 64, "yuv420p")), *stream.encode(None)]:
            container.mux(packet)
    with pytest.raises(BadAudio, match="no sound"):
        audio.load(path)


@settings(max_examples=at_most(60))
@given(st.data())
def test_damaged_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("damaged") / f"a.{data.draw(st.sampled_from(['wav', 'flac', 'ogg', 'mp3', 'aiff']))}"
    soundfile.write(path, tone(5.5, 8000, 2), 8000)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, min(len(content) - 1, 4000)))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        loaded = audio.load(path)
    except DavproxyError:
        return
    assert loaded.samples.dtype == np.float32
    assert np.all(np.isfinite(loaded.samples))


@given(st.binary(min_size=1, max_size=2000))
def test_files_that_are_no_audio(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(BadAudio, match=r"a\.mp3"):
        audio.load(path)


def test_stems_are_mixed() -> None:
    one = audio.Audio(np.ones(4, np.float32), 44100, 2, "ogg")
    two = audio.Audio(np.ones(2, np.float32), 48000, 1, "wav")
    mixed = audio.mix([one, two])
    assert list(mixed.samples) == [2, 2, 1, 1]
    assert (mixed.rate, mixed.channels, mixed.format) == (44100, 2, "ogg")


@pytest.mark.parametrize("silence", [0.0, 0.5, 2.25])
def test_the_first_sound_is_where_the_silence_ends(silence: float) -> None:
    samples = np.concatenate([np.zeros(int(silence * audio.RATE), np.float32), tone(3, audio.RATE)[:, 0]])
    assert audio.Audio(samples, audio.RATE, 1, "wav").first_sound == pytest.approx(silence, abs=0.011)


def test_only_silence_is_cut_off() -> None:
    samples = np.concatenate([np.zeros(2 * audio.RATE), np.full(3 * audio.RATE, 0.1)]).astype(np.float32)
    whole = audio.Audio(samples, audio.RATE, 1, "wav")
    assert whole.without_start(2.0).seconds == 3.0
    for silence in (2.5, 5.0, 60.0):
        with pytest.raises(BadAudio, match="not the one that this chart was made of"):
            whole.without_start(silence)


def test_silence_has_no_first_sound() -> None:
    assert audio.Audio(np.zeros(audio.RATE, np.float32), audio.RATE, 1, "wav").first_sound == 0.0

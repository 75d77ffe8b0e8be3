"""Whatever form a recording has: only what was decoded is music, and it sounds when the charter heard it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from davproxy.charter.output import audio_files, kept_bytes
from davproxy.charter.signal import audio
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.read_ffmpeg import by_ffmpeg
from davproxy.charter.signal.read_sndfile import by_libsndfile
from davproxy.charter.signal.stream import Reader
from davproxy.errors import BadAudio
from tests.charter import forms
from tests.charter.forms import RATE, damage, libsndfile

pytestmark = pytest.mark.slow

SECONDS = 8.0
FRAME = 0.06  # seconds that the last frame of a codec may be longer than what was encoded
SOUND = forms.bursts(SECONDS)
STEREO = forms.bursts(SECONDS, channels=2)
KEPT = {
    "wav": ".wav", "wav, 24 bit": ".wav", "wav, 8 kHz": ".wav", "wav, 192 kHz": ".wav", "vorbis": ".ogg",
    "opus": ".opus", "mp3 with a header": ".mp3", "mp3 of libsndfile": ".mp3",
}  # fmt: skip
"""The forms whose bytes games play as they are."""


def made(form: str, folder: Path) -> Path:
    return forms.FORMS[form](folder, lambda channels, rate: forms.bursts(SECONDS, channels, rate))


def samples(file: Path, reader: Reader) -> NDArray[np.float32]:
    """The mean of all channels at RATE."""
    with reader(file) as stream:
        return np.asarray(soxr.resample(np.concatenate(list(stream.blocks)).mean(axis=1), stream.rate, RATE))


def lag(file: Path, heard: Audio, reader: Reader = by_libsndfile) -> float:
    """Seconds by which the sound of `file` is behind what the charter heard."""
    return forms.lag(samples(file, reader), soxr.resample(heard.samples, audio.RATE, RATE), RATE)


@pytest.mark.parametrize("form", forms.FORMS)
def test_a_recording_sounds_when_the_charter_heard_it(form: str, tmp_path: Path) -> None:
    file = made(form, tmp_path)
    heard = audio.load(file)
    assert SECONDS - 0.001 <= heard.seconds <= SECONDS + FRAME
    assert heard.remarks == ()
    padded = audio_files.write(file, heard, 0.5, tmp_path, "padded")
    assert padded.suffix == ".ogg"
    assert lag(padded, heard) == pytest.approx(0.5, abs=0.0002)
    assert len(samples(padded, by_libsndfile)) / RATE == pytest.approx(heard.seconds + 0.5, abs=0.001)
    assert kept_bytes.ending(file, heard) == KEPT.get(form, "")
    written = audio_files.write(file, heard, 0.0, tmp_path, "song")
    for reader in (by_libsndfile, by_ffmpeg):  # all players agree on it
        assert lag(written, heard, reader) == pytest.approx(0, abs=0.0002)
    assert (written.read_bytes() == file.read_bytes()) == (form in KEPT)


@pytest.mark.parametrize(
    "parts",
    [
        ("a.ogg", RATE, 2, "b.ogg", RATE, 2),
        ("a.ogg", RATE, 1, "b.ogg", 48000, 2),
        ("a.ogg", RATE, 2, "b.opus", 48000, 1),
        ("a.opus", 48000, 2, "b.opus", 48000, 2),
    ],
)
def test_a_chained_ogg_is_one_recording(parts: tuple[str, int, int, str, int, int], tmp_path: Path) -> None:
    files = [
        libsndfile(tmp_path / name, forms.bursts(SECONDS, channels, rate), rate, "OPUS" if "opus" in name else None)
        for name, rate, channels in (parts[:3], parts[3:])
    ]
    chained = tmp_path / "chained.ogg"
    chained.write_bytes(b"".join(file.read_bytes() for file in files))
    heard = audio.load(chained)
    assert heard.seconds == pytest.approx(2 * SECONDS, abs=FRAME)
    alone = audio.load(files[1]).samples
    assert forms.lag(heard.samples[len(alone) :], alone, audio.RATE) == pytest.approx(0, abs=0.0002)
    assert "2 recordings" in heard.remarks[0]
    assert kept_bytes.ending(chained, heard) == ""
    written = audio_files.write(chained, heard, 0.0, tmp_path, "song")
    assert soundfile.info(written).duration == pytest.approx(heard.seconds, abs=0.001)


@pytest.mark.parametrize("form", ["flac", "vorbis", "aac in mp4", "mp3 with a header", "mp3 without a header, VBR"])
def test_a_damaged_middle_is_silent_and_the_music_comes_once(form: str, tmp_path: Path) -> None:
    file = damage(made(form, tmp_path), forms.with_hole)
    heard = audio.load(file)
    assert SECONDS - 0.6 <= heard.seconds <= SECONDS + FRAME
    assert any("damaged" in remark for remark in heard.remarks)
    written = audio_files.write(file, heard, 0.0, tmp_path, "song")
    assert written.suffix == ".ogg"
    assert soundfile.info(written).duration == pytest.approx(heard.seconds, abs=0.001)
    if form == "flac":  # its frames are numbered, so what follows stays in time
        whole = audio.load(made(form, tmp_path)).samples
        half = len(whole) // 2 + audio.RATE
        assert forms.lag(heard.samples[half:], whole[half:], audio.RATE) == pytest.approx(0, abs=0.0002)


@pytest.mark.parametrize("form", ["wav", "aiff", "flac", "vorbis", "opus", "mp3 with a header"])
def test_what_is_cut_short_is_read_as_far_as_it_goes(form: str, tmp_path: Path) -> None:
    file = damage(made(form, tmp_path), lambda content: bytes(content[: len(content) * 7 // 8]))
    heard = audio.load(file)
    assert SECONDS * 0.7 < heard.seconds < SECONDS * 0.95
    assert len(heard.remarks) == 1
    assert kept_bytes.ending(file, heard) == ""


@pytest.mark.parametrize("form", ["aac in mp4", "alac"])
def test_what_is_lost_with_its_end_is_refused(form: str, tmp_path: Path) -> None:
    file = damage(made(form, tmp_path), lambda content: bytes(content[: len(content) // 2]))
    with pytest.raises(BadAudio, match="download it again"):
        audio.load(file)


def test_two_mp3s_in_a_row_are_no_longer_what_the_header_says(tmp_path: Path) -> None:
    file = damage(made("mp3 with a header", tmp_path), lambda content: bytes(content * 2))
    heard = audio.load(file)
    assert heard.seconds == pytest.approx(2 * SECONDS, abs=2 * FRAME)
    assert kept_bytes.ending(file, heard) == ""


@pytest.mark.parametrize("quieter", [1.0, 0.98])
def test_channels_in_opposite_phase_are_heard(quieter: float, tmp_path: Path) -> None:
    file = libsndfile(tmp_path / "a.wav", np.hstack([SOUND, -quieter * SOUND]))
    alone = audio.load(libsndfile(tmp_path / "b.wav", SOUND))
    assert audio.load(file).samples == pytest.approx(alone.samples, abs=1e-4)


@pytest.mark.parametrize("right", [0.0, 1.0, -0.3])
def test_channels_that_do_not_cancel_out_are_both_heard(right: float, tmp_path: Path) -> None:
    alone = audio.load(libsndfile(tmp_path / "b.wav", SOUND))
    heard = audio.load(libsndfile(tmp_path / "a.wav", np.hstack([SOUND, right * SOUND])))
    assert heard.samples == pytest.approx((1 + right) / 2 * alone.samples, abs=1e-4)


@pytest.mark.parametrize(
    "text", ["#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.wav\n", "ffconcat version 1.0\nfile a.wav\n"]
)
def test_a_playlist_is_not_followed(text: str, tmp_path: Path) -> None:
    libsndfile(tmp_path / "a.wav", SOUND)
    (tmp_path / "list.mp3").write_text(text)
    with pytest.raises(BadAudio, match=r"list\.mp3"):
        audio.load(tmp_path / "list.mp3")


@forms.needs_tools
def test_forms_of_ffmpeg_and_lame(tmp_path: Path) -> None:
    """Those that libsndfile and FFmpeg's libraries here cannot make."""
    wav = libsndfile(tmp_path / "a.wav", STEREO)
    made = {
        "t.mp3": ("lame", "--quiet", "-V2", "-t", wav),
        "abr.mp3": ("lame", "--quiet", "--abr", "160", wav),
        "a.wma": ("ffmpeg", "-v", "error", "-i", wav),
        "v.webm": ("ffmpeg", "-v", "error", "-i", wav, "-c:a", "libvorbis"),
        "a.ac3": ("ffmpeg", "-v", "error", "-i", wav),
        "a.m4b": ("ffmpeg", "-v", "error", "-i", wav, "-c:a", "aac", "-f", "mp4"),
        "video.mp4": (
            "ffmpeg",
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=64x48:rate=5",
            "-i",
            wav,
            "-shortest",
        ),
    }
    for name, command in made.items():
        forms.tool(*command, tmp_path / name)
        heard = audio.load(tmp_path / name)
        assert SECONDS - FRAME <= heard.seconds <= SECONDS + FRAME, name
        assert heard.remarks == ()
        written = audio_files.write(tmp_path / name, heard, 0.0, tmp_path, "song")
        assert lag(written, heard, by_ffmpeg) == pytest.approx(0, abs=0.0002), name

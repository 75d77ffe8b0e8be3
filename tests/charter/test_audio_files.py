"""The audio of a song folder: the original bytes where a game plays them, else Ogg Vorbis with silence before it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from davproxy.charter.output import audio_files
from davproxy.charter.signal.audio import load

RATE = 44100
SECONDS = 6


def source(file: Path, channels: int = 1) -> Path:
    """A tone on the left, one twice as low in level on the right, and nothing on other channels."""
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(SECONDS * RATE) / RATE)
    soundfile.write(file, np.stack([tone / (side + 1) * (side < 2) for side in range(channels)], axis=1), RATE)
    return file


@pytest.mark.parametrize("ending", ["ogg", "wav", "mp3"])
def test_what_a_game_plays_keeps_its_bytes(ending: str, tmp_path: Path) -> None:
    file = source(tmp_path / f"take.{ending}")
    written = audio_files.write(file, load(file), 0.0, tmp_path, "song")
    assert written.name == f"song.{ending}"
    assert written.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(("ending", "channels", "silence"), [("wav", 1, 1.5), ("flac", 2, 0.0), ("wav", 6, 0.25)])
def test_anything_else_becomes_vorbis_after_the_silence(
    ending: str, channels: int, silence: float, tmp_path: Path
) -> None:
    file = source(tmp_path / f"take.{ending}", channels)
    written = audio_files.write(file, load(file), silence, tmp_path, "song")
    samples, rate = soundfile.read(written, always_2d=True)
    assert (written.name, soundfile.info(written).subtype, rate) == ("song.ogg", "VORBIS", RATE)
    assert samples.shape == (round((silence + SECONDS) * RATE), min(channels, 2))
    quiet = round(silence * RATE) - 200
    assert np.abs(samples[: max(quiet, 0)]).max(initial=0.0) < 0.01
    levels = np.sqrt(np.mean(samples[quiet + 4000 :] ** 2, axis=0))
    assert levels[0] > 0.1
    if channels > 1:
        assert levels[0] / levels[1] == pytest.approx(2, rel=0.1)


def test_the_same_audio_gives_the_same_bytes(tmp_path: Path) -> None:
    file = source(tmp_path / "take.flac", 2)
    first, second = (audio_files.write(file, load(file), 0.5, tmp_path, stem) for stem in ("song", "guitar"))
    assert first.read_bytes() == second.read_bytes()


def test_silence_that_is_there_already_keeps_the_bytes(tmp_path: Path) -> None:
    written = audio_files.write(source(tmp_path / "take.flac"), load(tmp_path / "take.flac"), 1.234, tmp_path, "song")
    heard = load(written).without_start(1.234)
    (tmp_path / "again").mkdir()
    again = audio_files.write(written, heard, 1.234, tmp_path / "again", "song")
    assert again.read_bytes() == written.read_bytes()
    assert heard.samples[:20] == pytest.approx(load(tmp_path / "take.flac").samples[:20], abs=0.05)


@pytest.mark.parametrize("silence", [0.0, 0.4, 3.0])
def test_silence_of_before_is_cut_exactly(silence: float, tmp_path: Path) -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, 6 * RATE)
    soundfile.write(tmp_path / "take.wav", np.concatenate([np.zeros(2 * RATE), samples]), RATE)
    audio = load(tmp_path / "take.wav").without_start(2.0)
    written, _ = soundfile.read(audio_files.write(tmp_path / "take.wav", audio, silence, tmp_path, "song"))
    quiet = round(silence * RATE)
    assert len(written) == quiet + 6 * RATE
    assert np.corrcoef(written[quiet:], samples)[0, 1] > 0.9

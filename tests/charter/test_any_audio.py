"""Any audio gives a playable song or a clear error, never an unplayable folder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.generate import generate
from davproxy.charter.options import Options
from davproxy.errors import BadInput, TooLarge
from davproxy.formats import rules
from tests.charter import music

RATE = music.RATE


def song() -> NDArray[np.float64]:
    return np.asarray(sum(music.band(120, 14).values()), dtype=np.float64)


def broken() -> NDArray[np.float64]:
    samples = song()
    samples[1000::777] = np.nan
    samples[5000::9999] = np.inf
    return samples


def tuned_to_silence() -> NDArray[np.float64]:
    return np.concatenate([song()[: 12 * RATE], np.zeros(20 * RATE)])


SOUNDS: dict[str, tuple[Callable[[], NDArray[np.float64]], int]] = {
    "silence": (lambda: np.zeros(20 * RATE), RATE),
    "noise": (lambda: music.noise(25), RATE),
    "speech": (lambda: music.speech(40), RATE),
    "20 ms": (lambda: music.noise(0.02), RATE),
    "nothing": (lambda: np.zeros(0), RATE),
    "one click": (lambda: np.eye(1, 20 * RATE, 7 * RATE)[0], RATE),
    "a constant": (lambda: np.full(20 * RATE, 0.5), RATE),
    "a tone": (lambda: np.sin(np.arange(20 * RATE) * 0.1), RATE),
    "clipped": (lambda: np.sign(song()), RATE),
    "far too loud": (lambda: song() * 1e6, RATE),
    "hardly to be heard": (lambda: song() * 1e-4, RATE),
    "broken samples": (broken, RATE),
    "8 kHz": (lambda: song()[::2], 8000),
    "8 channels": (lambda: np.stack([song() * k / 8 for k in range(8)], axis=1), RATE),
    "silence after the song": (tuned_to_silence, RATE),
    "silence before the song": (lambda: np.concatenate([np.zeros(15 * RATE), song()]), RATE),
}


def chart_or_error(source: Path, folder: Path) -> bool:
    """Whether a song came of it; if so it is playable, if not nothing was written."""
    try:
        generate([source], folder, Options())
    except (BadInput, TooLarge):
        assert not folder.exists() or not any(folder.iterdir())
        return False
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    found = rules.check_song(files, (folder / "song.ini").read_bytes(), (folder / "notes.chart").read_bytes())
    assert [problem for problem in found if problem.severity is not rules.Severity.WARNING] == []
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", SOUNDS)
def test_any_sound(name: str, tmp_path: Path) -> None:
    make, rate = SOUNDS[name]
    soundfile.write(tmp_path / "x.wav", make(), rate, subtype="FLOAT")
    charted = chart_or_error(tmp_path / "x.wav", tmp_path / "song")
    if name in ("clipped", "broken samples", "8 kHz", "8 channels", "silence before the song", "far too loud"):
        assert charted
    if name in ("silence", "noise", "speech", "one click", "a tone", "20 ms", "nothing"):
        assert not charted


@pytest.mark.slow
def test_a_song_of_ten_minutes(tmp_path: Path) -> None:
    once = song()
    with soundfile.SoundFile(tmp_path / "x.wav", "w", RATE, 1) as file:
        for _ in range(int(10 * 60 * RATE / len(once))):
            file.write(once)
    assert chart_or_error(tmp_path / "x.wav", tmp_path / "song")


@pytest.mark.slow
def test_too_long_a_recording_is_refused(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "x.flac", "w", 8000, 1) as file:
        for _ in range(31):
            file.write(np.zeros(60 * 8000))
    with pytest.raises(TooLarge):
        generate([tmp_path / "x.flac"], tmp_path / "song", Options())


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    kind = data.draw(st.sampled_from(["ogg", "flac", "wav", "mp3"]))
    soundfile.write(folder / f"x.{kind}", song()[: 6 * RATE], RATE)
    content = bytearray((folder / f"x.{kind}").read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, min(len(content) - 1, 400)))] = data.draw(st.integers(0, 255))
    (folder / f"x.{kind}").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    chart_or_error(folder / f"x.{kind}", folder / "song")

"""Which files are the stems of a song, and what is charted of which."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from davproxy.charter.signal.audio import RATE, Audio
from davproxy.charter.signal.stems import Stems, read_stems
from davproxy.errors import BadAudio


def write(folder: Path, *names: str) -> list[Path]:
    files = [folder / name for name in names]
    for file in files:
        soundfile.write(file, np.full(6 * RATE, 0.1), RATE)
    return files


def stems(**loudness: float) -> Stems:
    """A stem of a second for each name, all its samples the same."""
    return Stems(
        {name: Path("Band - Song", f"{name}.wav") for name in loudness},
        {name: Audio(np.full(RATE, level, np.float32), RATE, 1, "wav") for name, level in loudness.items()},
    )


def test_one_file_is_the_song_whatever_its_name(tmp_path: Path) -> None:
    found = read_stems(write(tmp_path, "My take.wav"))
    assert (list(found.paths), found.name) == (["song"], "My take")
    assert found.lead is None
    assert found.drums is None


def test_stems_are_named_as_games_name_them(tmp_path: Path) -> None:
    folder = tmp_path / "Band - Song"
    folder.mkdir()
    found = read_stems(write(folder, "Drums.wav", "guitar.wav"))
    assert (list(found.audio), found.name) == (["guitar", "drums"], "Band - Song")


def test_a_mix_beside_all_stems_is_not_heard_twice(tmp_path: Path) -> None:
    found = read_stems(write(tmp_path, "vocals.wav", "drums.wav", "bass.wav", "other.wav", "instrumental.wav"))
    assert found.mix.samples[RATE] == pytest.approx(0.4, abs=0.01)
    assert found.remarks == ["instrumental.wav: It is left out, since it is a mix of the other stems."]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "no audio"),
        (("guitar.wav", "take 2.wav"), "take 2.wav is no stem"),
        (("guitar.wav", "guitar.flac"), "two files for one stem"),
    ],
)
def test_what_is_no_song_is_refused(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadAudio, match=said):
        read_stems(write(tmp_path, *names))


def test_a_preview_and_a_crowd_are_no_music() -> None:
    assert stems(song=0.1, guitar=0.2, crowd=0.4, preview=0.4).mix.samples[0] == pytest.approx(0.3)
    assert stems(crowd=0.4).mix.samples[0] == pytest.approx(0.4)


def test_a_silent_guitar_is_no_lead() -> None:
    assert stems(song=0.1, guitar=1e-4).lead is None
    lead = stems(song=0.1, guitar=0.2).lead
    assert lead is not None
    assert lead.samples[0] == pytest.approx(0.2)


def test_all_drums_are_one_kit() -> None:
    kit = stems(song=0.1, drums_1=0.2, drums_2=0.3).drums
    assert kit is not None
    assert kit.samples[0] == pytest.approx(0.5)

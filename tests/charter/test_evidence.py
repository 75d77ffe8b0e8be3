"""Whether a recording is music: its beat, and the notes that ring in it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from davproxy.charter.generate import generate
from davproxy.charter.options import Options
from davproxy.charter.signal import audio
from davproxy.charter.signal.note_activations import ACTIVATION_RATE, NoteActivations
from davproxy.charter.signal.onset_strength import EARLY, OnsetStrength, onset_strength
from davproxy.charter.signal.spectrum import FRAME_RATE, log_mel
from davproxy.charter.structure.evidence import FAINT_BEAT, NO_BEAT, Evidence, beat_clarity, held_notes
from davproxy.charter.timing.beat_tracking import find_grid
from davproxy.charter.timing.grid import Grid, Segment
from davproxy.errors import BadAudio
from tests.charter import music

METAL = Path("/usr/share/games/fretsonfire/data/songs/muldjord/armygeddon")
GRID = Grid((Segment(0.0, 0.5, 120.0),))


def strength_at(seconds: np.ndarray[tuple[int], np.dtype[np.float64]]) -> OnsetStrength:
    bands = np.zeros((3, int(62 * FRAME_RATE)), dtype=np.float32)
    bands[:, np.round(seconds * FRAME_RATE).astype(int)] = 1.0
    return OnsetStrength(bands)


def test_what_begins_on_the_grid_makes_a_clear_beat() -> None:
    assert beat_clarity(GRID, strength_at(np.arange(0.5, 60, 0.5) - EARLY)) > 0.9
    assert beat_clarity(GRID, strength_at(np.arange(0.5, 60, 0.5 / 3) - EARLY)) > 0.9
    at_random = np.sort(np.random.default_rng(0).uniform(0, 60, 300))
    assert beat_clarity(GRID, strength_at(at_random)) < 0.2


def test_only_notes_that_last_are_held() -> None:
    notes = np.zeros((88, int(10 * ACTIVATION_RATE)), dtype=np.float16)
    for start, length in ((1.0, 1.0), (3.0, 0.1), (4.0, 0.5), (9.5, 0.5)):
        notes[40, int(start * ACTIVATION_RATE) :][: int(length * ACTIVATION_RATE)] = 0.9
    assert held_notes(NoteActivations(notes, notes, notes)) == pytest.approx(0.3, rel=0.01)


def test_what_has_neither_beat_nor_notes_is_refused() -> None:
    with pytest.raises(BadAudio, match="no music"):
        Evidence(beat=0.1, held_notes=0.1, seconds=60).doubts()
    assert Evidence(beat=0.1, held_notes=1.0, seconds=60).doubts() == (NO_BEAT,)
    assert Evidence(beat=0.2, held_notes=0.0, seconds=60).doubts() == (FAINT_BEAT,)
    assert Evidence(beat=0.6, held_notes=0.0, seconds=60).doubts() == ()


def test_the_shorter_a_recording_the_clearer_its_beat_has_to_be() -> None:
    assert Evidence(beat=0.25, held_notes=0.0, seconds=240).doubts() == ()
    with pytest.raises(BadAudio):
        Evidence(beat=0.25, held_notes=0.0, seconds=6).doubts()


@pytest.mark.slow
@pytest.mark.skipif(not METAL.exists(), reason="needs the Debian package fretsonfire-songs-muldjord")
def test_fast_metal_is_music() -> None:
    """Its kick drums and guitars blur into one another."""
    mix = audio.mix([audio.load(METAL / stem) for stem in ("song.ogg", "guitar.ogg")])
    onsets = onset_strength(log_mel(mix.samples))
    assert beat_clarity(find_grid(mix, onsets).grid, onsets) > 0.2


@pytest.mark.slow
def test_music_without_a_beat_is_made_with_a_warning(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", music.swelling(60), music.RATE)
    made = generate([tmp_path / "x.wav"], tmp_path / "song", Options(drums=False))
    assert made.confidence < 0.2
    assert made.remarks == [NO_BEAT]

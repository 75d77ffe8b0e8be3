"""The melody is followed, under drums too."""

import numpy as np
import pytest
from numpy.typing import NDArray

from davproxy.charter.notes.melody import contour_features
from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.note_activations import note_activations
from tests.charter.music import pluck

SECONDS = 0.25  # of a note
PITCHES = (52, 55, 55, 60, 59, 52, 64, 64, 62, 57) * 4


def music(drums: float) -> NDArray[np.float32]:
    """A note of a string for each of PITCHES, and as often a drum of noise."""
    time = np.arange(int(SECONDS * RATE)) / RATE
    noise = np.random.default_rng(0)
    parts = []
    for pitch in PITCHES:
        parts.append(pluck(pitch, SECONDS) + drums * noise.normal(size=len(time)) * np.exp(-40 * time))
    return np.concatenate(parts).astype(np.float32)


@pytest.mark.parametrize("drums", [0.0, 0.4])
def test_steps_up_and_down_differ(drums: float) -> None:
    times = np.arange(len(PITCHES), dtype=np.float64) * SECONDS
    beats = np.arange(len(PITCHES), dtype=np.float64) / 2
    columns = contour_features(note_activations(music(drums)), times, beats)
    steps = np.sign(np.diff(PITCHES))
    for name in ("keys_up_or_down", "pitches_up_or_down"):
        assert np.array_equal(np.sign(columns[name][steps != 0]), steps[steps != 0]), name
    assert columns["keys_same"][steps == 0].min() > columns["keys_same"][steps != 0].max()


def test_silence_gives_finite_numbers() -> None:
    times = np.arange(8, dtype=np.float64)
    columns = contour_features(note_activations(np.zeros(9 * RATE, dtype=np.float32)), times, times)
    assert all(np.isfinite(column).all() and len(column) == 7 for column in columns.values())

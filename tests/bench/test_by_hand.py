"""The grid that a person's correction gives, where the truth is not what the charter finds."""

import numpy as np
import pytest

from davproxy.charter.signal.audio import Audio
from tests.bench.by_hand import grid_by_hand
from tests.charter import music

BEAT = 60 / 128.0


@pytest.mark.slow
def test_the_tempo_the_bar_and_the_offset_become_what_a_person_says() -> None:
    sound = Audio(np.asarray(sum(music.band(128.0, 12).values())), music.RATE, 2, "wav")
    beats = np.array([0.6 + BEAT / 2 * number for number in range(8, 80)])  # twice the tempo, and .1 s late
    grid = grid_by_hand(sound, beats, beats[3::4], np.random.default_rng(1))
    assert float(grid.bpm(0.0)) == pytest.approx(256.0, abs=0.01)
    off = grid.beat(beats) - np.round(grid.beat(beats))
    assert np.abs(off).max() < 0.05
    bars = grid.beat(beats[3::4]) / grid.beats_per_bar
    assert bars == pytest.approx(np.round(bars), abs=0.02)

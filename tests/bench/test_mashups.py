"""Parts of songs: where their beats are at another speed."""

import numpy as np
import pytest

from davproxy.charter.signal.audio import RATE
from tests.bench.mashups import Part


@pytest.mark.parametrize("speed", [0.8, 1.25])
def test_beats_move_with_the_speed(speed: float) -> None:
    click = np.zeros(10 * RATE, dtype=np.float32)
    click[round((0.5 + 8 * 60 / 100) * RATE)] = 1.0
    moved = Part(click, 100.0, 0.5).at_speed(speed)
    assert moved.bpm == 100 * speed
    assert np.argmax(moved.from_beat(8)[:RATE]) <= 1

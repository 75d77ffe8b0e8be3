"""Which slots are played."""

import numpy as np
import pytest

from davproxy.charter.grid import Grid, Segment
from davproxy.charter.onsets import LIKELY, SURE, enough
from davproxy.charter.slots import STRAIGHT, TRIPLET, slots


@pytest.mark.parametrize(
    ("bpm", "division", "needed"),
    [
        (170, STRAIGHT, [LIKELY, SURE, LIKELY, SURE]),
        (140, STRAIGHT, [LIKELY] * 4),
        (200, TRIPLET, [LIKELY] * 3),
    ],
)
def test_quick_sixteenths_between_eighths_must_be_surer(bpm: float, division: int, needed: list[float]) -> None:
    places = slots(Grid((Segment(0.0, 0.0, bpm),)), 10.0, division)
    assert np.array_equal(enough(places)[: len(needed)], needed)

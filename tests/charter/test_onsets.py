"""Which slots are played."""

import numpy as np
import pytest

from davproxy.charter.grid import Grid, Segment
from davproxy.charter.onsets import LIKELY, SURE, enough
from davproxy.charter.slots import STRAIGHT, TRIPLET, slots


@pytest.mark.parametrize(
    ("bpm", "division", "on_stem", "needed"),
    [
        (170, STRAIGHT, False, [LIKELY, SURE, LIKELY, SURE]),
        (170, STRAIGHT, True, [LIKELY] * 4),
        (140, STRAIGHT, False, [LIKELY] * 4),
        (200, TRIPLET, False, [LIKELY] * 3),
    ],
)
def test_quick_sixteenths_between_eighths_of_a_mix_must_be_surer(
    bpm: float, division: int, on_stem: bool, needed: list[float]
) -> None:
    places = slots(Grid((Segment(0.0, 0.0, bpm),)), 10.0, division)
    assert np.array_equal(enough(places, on_stem)[: len(needed)], needed)

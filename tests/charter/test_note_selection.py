"""Which slots are played."""

import numpy as np
import pytest

from davproxy.charter.notes.note_selection import LIKELY, SURE, keep_apart, thresholds
from davproxy.charter.structure.slots import STRAIGHT, TRIPLET, grid_slots
from davproxy.charter.timing.grid import Grid, Segment


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
    places = grid_slots(Grid((Segment(0.0, 0.0, bpm),)), 10.0, division)
    assert np.array_equal(thresholds(places, on_stem)[: len(needed)], needed)


@pytest.mark.parametrize(("bpm", "kept"), [(190, [0, 1, 2, 3, 4, 5, 6, 7]), (260, [0, 2, 4, 6])])
def test_sixteenths_are_charted_at_the_speed_of_metal_and_no_faster(bpm: float, kept: list[int]) -> None:
    places = grid_slots(Grid((Segment(0.0, 0.0, bpm),)), 10.0, STRAIGHT)
    chances = np.where(np.arange(len(places)) % 2 == 0, 0.9, 0.7)
    assert keep_apart(np.arange(8), chances, places.times).tolist() == kept

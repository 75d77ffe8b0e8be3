"""Which slots are played."""

import numpy as np
import pytest

from davproxy.charter.notes.note_selection import HARDLY, LIKELY, SURE, at_density, keep_apart, thresholds
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


@pytest.mark.parametrize(("share", "played"), [(1.0, 400), (0.75, 300), (1.3, 520)])
def test_so_many_slots_are_played_for_each_one(share: float, played: int) -> None:
    chances = np.random.default_rng(1).permutation(np.linspace(0.0, 1.0, 1000))
    least = np.full(1000, 0.6)
    assert np.count_nonzero(chances >= at_density(chances, least, share)) == pytest.approx(played, abs=2)


def test_what_is_hardly_likely_is_not_played_for_the_sake_of_more_notes() -> None:
    chances = np.where(np.arange(100) < 50, 0.95, 0.01)
    least = np.full(100, LIKELY)
    assert at_density(chances, least, 1.3) == pytest.approx(HARDLY * least)
    assert at_density(chances * 0.1, least, 1.3) is least

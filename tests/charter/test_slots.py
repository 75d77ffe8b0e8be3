"""The slots of the grid, and rows of numbers by slot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.signal.onset_strength import OnsetStrength
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.structure.slots import STRAIGHT, TRIPLET, beat_division, grid_slots, moving_mean, rank, shift
from davproxy.charter.timing.grid import Grid, Segment
from tests.charter import values


def test_slots_fill_whole_bars() -> None:
    found = grid_slots(Grid((Segment(0.0, 0.5, 120.0),), 3), 5.0, STRAIGHT)
    assert (len(found), found.per_bar) == (36, 12)
    assert found.beats[:6].tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25]
    assert found.times[[0, 4]].tolist() == [0.5, 1.0]
    assert found.lengths == pytest.approx(0.125)


def test_the_shortest_song_has_a_bar() -> None:
    assert len(grid_slots(values.GRID, 0.1, TRIPLET)) == 12


@pytest.mark.parametrize(
    ("division", "between"), [(STRAIGHT, [False, True, False, True]), (TRIPLET, [False, True, True])]
)
def test_what_lies_between_eighths(division: int, between: list[bool]) -> None:
    assert values.slots(1, division).between_eighths[:division].tolist() == between


@pytest.mark.parametrize(
    ("parts", "division"),
    [((0.0, 0.5), STRAIGHT), ((0.0, 0.25, 0.5, 0.75), STRAIGHT), ((0.0, 1 / 3, 2 / 3), TRIPLET), ((0, 2 / 3), TRIPLET)],
)
def test_the_division_is_that_of_the_onsets(parts: tuple[float, ...], division: int) -> None:
    bands = np.zeros((3, int(30 * FRAME_RATE)), dtype=np.float32)
    beats = np.arange(58) + 0.5
    for part in parts:
        bands[:, np.round((beats + part) / 2 * FRAME_RATE).astype(int)] = 1.0
    grid = Grid((Segment(0.0, 0.25, 120.0),))
    assert beat_division(grid, OnsetStrength(bands)) == division


def test_shift_leaves_zeros_where_nothing_is_known() -> None:
    row = np.array([1, 2, 3, 4], dtype=np.float32)
    assert shift(row, 1).tolist() == [0, 1, 2, 3]
    assert shift(row, -2).tolist() == [3, 4, 0, 0]
    assert shift(row, 0).tolist() == row.tolist()
    assert shift(row, 9).tolist() == shift(row, -4).tolist() == [0, 0, 0, 0]


def test_the_moving_mean_goes_on_beyond_the_edges() -> None:
    assert moving_mean(np.array([0.0, 3.0, 6.0, 9.0]), 3).tolist() == [1, 3, 6, 8]


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=30))
def test_ranks_are_all_places_in_the_order_of_the_values(numbers: list[float]) -> None:
    row = np.array(numbers)
    found = rank(row)
    assert sorted((found * len(row)).round().astype(int).tolist()) == list(range(len(row)))
    assert (np.diff(row[np.argsort(found)]) >= 0).all()

"""The first chances of the slots around each one, as features."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.notes.rhythm import rhythm_features
from davproxy.charter.structure.slots import STRAIGHT, TRIPLET, Slots, grid_slots
from davproxy.charter.timing.grid import Grid, Segment


def places(bars: int, division: int = STRAIGHT) -> Slots:
    return grid_slots(Grid((Segment(0.0, 0.0, 120.0),)), bars * 2.0 + 0.01, division)


def own(grid: Slots) -> NDArray[np.int64]:
    """No bar sounds like another."""
    return np.arange(len(grid) // grid.per_bar)


def test_a_slot_has_features_of_its_neighbours_and_its_bar() -> None:
    grid = places(2)
    chances = np.concatenate([np.tile([0.9, 0.1, 0.5, 0.1], 4), np.zeros(16)])
    found = rhythm_features(chances, grid, own(grid))
    assert found["chance_before_2"][4] == pytest.approx(0.5)
    assert found["chance_after_1"][3] == pytest.approx(0.9)
    assert found["bar_mean"][[0, 15, 16]] == pytest.approx([0.4, 0.4, 0.0])
    assert found["bar_half_beat"][0] == pytest.approx(0.5)
    assert found["chance_1_bars_away"][16:] == pytest.approx(chances[:16])


def test_similar_bars_share_their_evidence() -> None:
    grid = places(2)
    chances = np.concatenate([np.full(16, 0.8), np.full(16, 0.2)])
    assert rhythm_features(chances, grid, np.array([0, 0]))["chance_of_riff"] == pytest.approx(0.5)
    assert rhythm_features(chances, grid, own(grid))["chance_of_riff"] == pytest.approx(chances)


@given(bars=st.integers(1, 12), division=st.sampled_from([STRAIGHT, TRIPLET]), seed=st.integers(0, 99))
def test_every_grid_gives_the_same_columns_all_finite(bars: int, division: int, seed: int) -> None:
    grid = places(bars, division)
    found = rhythm_features(np.random.default_rng(seed).random(len(grid)), grid, own(grid))
    assert set(found) == set(rhythm_features(np.zeros(16), places(1), np.array([0])))
    assert all(column.shape == (len(grid),) and np.isfinite(column).all() for column in found.values())

"""Bars that begin with a kick."""

import numpy as np
import pytest
from numpy.typing import NDArray

from davproxy.charter.notes.downbeats import downbeat
from davproxy.charter.notes.drum_chances import PRESENT, HeardDrums
from davproxy.charter.structure.slots import grid_slots
from davproxy.charter.timing.beat_tracking import RankedGrid
from davproxy.charter.timing.grid import Grid, Segment
from tests.charter import values

BARS = 12
UNSURE = (0.3, 0.25, 0.2, 0.2)


def on_beats(*bar: float) -> NDArray[np.float64]:
    """A chance for each of the four beats of every bar, nothing between them."""
    row = np.zeros((BARS * 4, 4))
    row[:, 0] = np.tile(bar, BARS)
    return row.ravel()


@pytest.mark.parametrize(
    ("kick", "snare", "ranks", "later"),
    [
        pytest.param((0.8, 0.1, 0.6, 0.1), (0.1, 0.7, 0.1, 0.7), UNSURE, 0, id="right"),
        pytest.param((0.1, 0.8, 0.1, 0.6), (0.7, 0.1, 0.7, 0.1), UNSURE, 1, id="on the snare"),
        pytest.param((0.1, 0.3, 0.1, 0.8), (0.7, 0.1, 0.7, 0.1), UNSURE, 3, id="on the snare before the louder kick"),
        pytest.param((0.1, 0.8, 0.1, 0.6), (0.2, 0.1, 0.2, 0.1), (0.9, 0.1, 0.1, 0.1), 0, id="the harmony is plain"),
        pytest.param((0.8, 0.1, 0.1, 0.1), (0.1, 0.1, 0.8, 0.1), UNSURE, 0, id="half the tempo"),
        pytest.param((0.4, 0.45, 0.0, 0.45), (0.05, 0.05, 0.6, 0.05), UNSURE, 0, id="one snare is no backbeat"),
        pytest.param((0.5, 0.5, 0.5, 0.5), (0.3, 0.3, 0.3, 0.3), UNSURE, 0, id="drums that do not tell"),
    ],
)
def test_bars_begin_with_a_kick_and_not_on_the_snare(
    kick: tuple[float, ...], snare: tuple[float, ...], ranks: tuple[float, ...], later: int
) -> None:
    chances = {"kick": on_beats(*kick), "snare": on_beats(*snare)}
    assert downbeat(np.array(ranks), values.slots(BARS), HeardDrums(chances, 1.0)) == later
    assert downbeat(np.array(ranks), values.slots(BARS), HeardDrums(chances, 0.9 * PRESENT)) == 0


def test_a_waltz_has_no_backbeat() -> None:
    waltz = Grid((Segment(0.0, 0.0, values.BPM),), 3)
    assert downbeat(np.array(UNSURE[:3]), grid_slots(waltz, 60.0, 4), HeardDrums({}, 1.0)) == 0


@pytest.mark.parametrize(("start", "first"), [(0.9, 0.5), (0.2, -1.5)])
def test_bars_that_begin_later_keep_their_first_downbeat_before_the_music(start: float, first: float) -> None:
    found = RankedGrid(Grid((Segment(0.0, 0.0, 120.0), Segment(8.0, 4.0, 60.0))), np.zeros(4), start)
    grid = found.later(1)
    assert grid.time(0) == first
    assert grid.time(grid.beat(found.grid.time(np.arange(20.0)))) == pytest.approx(found.grid.time(np.arange(20.0)))

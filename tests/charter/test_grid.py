"""The grid: beats to seconds and back."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.timing.grid import Grid, Segment

CONSTANT = Grid((Segment(0, 0.25, 120),))
CHANGING = Grid((Segment(0, -0.5, 120), Segment(4, 1.5, 60), Segment(6, 3.5, 240)), beats_per_bar=3)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    beat, seconds = 0.0, draw(st.floats(-2, 5))
    segments = []
    for length in draw(st.lists(st.integers(1, 64), min_size=1, max_size=6)):
        bpm = draw(st.floats(30, 300))
        segments.append(Segment(beat, seconds, bpm))
        beat, seconds = beat + length, seconds + length * 60 / bpm
    return Grid(tuple(segments), draw(st.integers(2, 7)))


def test_time_of_beats() -> None:
    assert CONSTANT.time([-1, 0, 1.5]) == pytest.approx([-0.25, 0.25, 1.0])
    assert CHANGING.time([-1, 0, 4, 5, 6, 10]) == pytest.approx([-1, -0.5, 1.5, 2.5, 3.5, 4.5])


def test_tempo_of_beats() -> None:
    assert list(CHANGING.bpm([-3, 0, 3.9, 4, 100])) == [120, 120, 120, 60, 240]


def test_beats_and_bars_between_two_times() -> None:
    assert list(CHANGING.beats(0, 3.5)) == [1, 2, 3, 4, 5, 6]
    assert list(CHANGING.downbeats(-0.5, 3.5)) == [0, 3, 6]


@given(grids(), st.floats(-5, 600))
def test_beat_is_the_inverse_of_time(grid: Grid, seconds: float) -> None:
    assert grid.time(grid.beat(seconds)) == pytest.approx(seconds, abs=1e-6)


@given(grids())
def test_time_is_continuous_and_rising(grid: Grid) -> None:
    beats = np.linspace(-8, grid.segments[-1].beat + 8, 500)
    times = grid.time(beats)
    assert np.all(np.diff(times) > 0)
    for segment in grid.segments[1:]:
        assert grid.time(segment.beat - 1e-9) == pytest.approx(grid.time(segment.beat), abs=1e-6)


@given(grids(), st.floats(0, 10), st.floats(-10, 100))
def test_padding_moves_every_beat(grid: Grid, padding: float, beat: float) -> None:
    assert grid.shifted(padding).time(beat) == pytest.approx(grid.time(beat) + padding)


@given(grids(), st.integers(-8, 80))
def test_beats_that_are_counted_from_another_one_keep_their_times(grid: Grid, first: int) -> None:
    beats = np.linspace(max(first, -4), first + 100, 40)
    assert grid.from_beat(first).time(beats - first) == pytest.approx(grid.time(beats))


@given(grids(), st.sampled_from([Fraction(2), Fraction(1, 2), Fraction(3), Fraction(1, 3), Fraction(3, 4)]))
def test_another_rate_keeps_the_times_of_the_music(grid: Grid, ratio: Fraction) -> None:
    beats = np.linspace(-8, grid.segments[-1].beat + 8, 100)
    other = grid.at_rate(ratio)
    assert other.time(beats * float(ratio)) == pytest.approx(grid.time(beats), abs=1e-6)
    assert other.bpm(0.0) == pytest.approx(grid.bpm(0.0) * float(ratio))
    assert other.beats_per_bar == grid.beats_per_bar


@given(grids())
def test_halves_of_doubled_beats_are_the_beats(grid: Grid) -> None:
    assert grid.at_rate(Fraction(2)).at_rate(Fraction(1, 2)) == grid

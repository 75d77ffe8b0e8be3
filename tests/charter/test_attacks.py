"""The grid lies on the attacks of what is struck, whatever swells beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.timing.attacks import LARGEST, align_with_attacks
from davproxy.charter.timing.grid import Grid, Segment, segments_through

CONSTANT = Grid((Segment(0.0, 0.4, 132.5),))
CHANGING = Grid((Segment(0.0, 0.4, 100.0), Segment(32.0, 19.6, 125.0), Segment(72.0, 38.8, 110.0)))


def played(grid: Grid, seconds: float = 50.0, struck: bool = True) -> NDArray[np.float32]:
    """A snare of noise on every half beat, where `struck`, and tones that take 60 ms to swell, from the beats on."""
    chance = np.random.default_rng(1)
    sound = 1e-4 * chance.normal(size=int(seconds * RATE))
    time = np.arange(int(0.25 * RATE)) / RATE
    for half in range(int(2 * float(grid.beat(seconds - 0.5)))):
        first = round(float(grid.time(half / 2)) * RATE)
        tone = 0.3 * sum(np.sin(2 * np.pi * 220 * k * time) / k for k in range(1, 30))
        sound[first : first + len(time)] += tone * np.minimum(time / 0.06, 1.0) * np.exp(-time / 0.08)
        if struck:
            sound[first : first + len(time)] += 0.3 * chance.normal(size=len(time)) * np.exp(-time / 0.02)
    return sound.astype(np.float32)


def moved(grid: Grid, seconds: NDArray[np.float64]) -> Grid:
    beats = np.array([*(segment.beat for segment in grid.segments), float(grid.beat(50.0))])
    return Grid(segments_through(beats, grid.time(beats) + seconds), grid.beats_per_bar)


@pytest.mark.parametrize("late", [-0.012, 0.0, 0.008, 0.02])
def test_it_is_moved_onto_what_is_struck(late: float) -> None:
    found = align_with_attacks(CONSTANT.shifted(late), played(CONSTANT))
    assert float(found.time(40)) == pytest.approx(float(CONSTANT.time(40)), abs=0.004)


def test_each_piece_is_moved_by_its_own_shift() -> None:
    late = moved(CHANGING, np.array([0.004, 0.012, 0.012, 0.02]))
    found = align_with_attacks(late, played(CHANGING))
    beats = np.arange(0, 80)
    assert np.abs(late.time(beats) - CHANGING.time(beats)).max() > 0.012
    assert np.abs(found.time(beats) - CHANGING.time(beats)).max() < 0.008


@pytest.mark.parametrize("grid", [CONSTANT, CHANGING], ids=["constant", "changing"])
def test_where_nothing_is_sharp_it_stays(grid: Grid) -> None:
    for sound in (np.zeros(50 * RATE, dtype=np.float32), np.sin(np.arange(50 * RATE) * 0.1).astype(np.float32)):
        beats = np.arange(80)
        assert np.abs(align_with_attacks(grid, sound).time(beats) - grid.time(beats)).max() < 0.001


@given(st.integers(0, 2**32 - 1), st.floats(5.0, 8.0))
def test_it_is_never_moved_far(seed: int, seconds: float) -> None:
    noise = np.random.default_rng(seed).normal(size=int(seconds * RATE)).astype(np.float32)
    assert abs(float(align_with_attacks(CONSTANT, noise).time(8) - CONSTANT.time(8))) <= LARGEST


def test_a_grid_through_beats_keeps_their_times() -> None:
    beats, seconds = np.array([0.0, 10.0, 33.0, 34.0]), np.array([0.1, 5.2, 16.9, 17.5])
    grid = Grid(segments_through(beats, seconds))
    assert np.abs(grid.time(beats) - seconds).max() < 0.0005
    assert all(round(segment.bpm, 3) == segment.bpm for segment in grid.segments)

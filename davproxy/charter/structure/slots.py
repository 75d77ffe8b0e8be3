"""The slots of the grid: the sixteenths or triplets at which notes may be."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import Array
from davproxy.charter.signal.onset_strength import OnsetStrength
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.grid import Grid

STRAIGHT, TRIPLET = 4, 3  # slots in a beat
REPEATS = (-4, -2, -1, 1, 2, 4)  # distances in bars at which music often repeats
CLEARLY = 1.25  # ratio of onset strength on thirds to that on halves and quarters, from which a song has triplets


@dataclass(frozen=True)
class Slots:
    """All slots of whole bars: `beats`, with fractions, and `times` in seconds, both (slots,), float64. A beat has
    `division` slots."""

    beats: NDArray[np.float64]
    times: NDArray[np.float64]
    division: int
    beats_per_bar: int

    @property
    def per_bar(self) -> int:
        return self.division * self.beats_per_bar

    @property
    def lengths(self) -> NDArray[np.float64]:
        """The length of each slot in seconds: (slots,)."""
        return np.asarray(np.gradient(self.times))

    @property
    def between_eighths(self) -> NDArray[np.bool_]:
        """Whether each slot is off the eighths; with triplets, off the beats: (slots,)."""
        return np.asarray(np.arange(len(self)) * 2 % self.division != 0)

    def __len__(self) -> int:
        return len(self.beats)


def grid_slots(grid: Grid, seconds: float, division: int) -> Slots:
    """The slots of all whole bars, from the grid's first downbeat to `seconds`."""
    bars = max(int(float(grid.beat(seconds)) // grid.beats_per_bar), 1)
    beats = np.arange(bars * grid.beats_per_bar * division) / division
    return Slots(beats, grid.time(beats), division, grid.beats_per_bar)


def beat_division(grid: Grid, onsets: OnsetStrength) -> int:
    """STRAIGHT if onsets between the beats are on halves and quarters, TRIPLET if they are on thirds."""
    beats = grid.beats(0.0, onsets.seconds)[:-1]

    def strength(*fractions: float) -> float:
        times = grid.time(np.add.outer(np.array(fractions), beats).ravel())
        columns = np.clip(np.round(times * FRAME_RATE).astype(int), 0, onsets.total.size - 1)
        return float(np.mean(onsets.total[columns])) if columns.size else 0.0

    halves, quarters, thirds = strength(1 / 2), strength(1 / 4, 3 / 4), strength(1 / 3, 2 / 3)
    return TRIPLET if thirds > CLEARLY * max(halves, quarters) else STRAIGHT


def moving_mean(row: NDArray[Any], width: int) -> Array:
    """The moving average of `row` (slots,) over `width` slots: (slots,). The row is extended by its edge values."""
    padded = np.pad(row.astype(np.float64), (width // 2, width - 1 - width // 2), mode="edge")
    total = np.concatenate([[0.0], np.cumsum(padded)])
    return np.asarray((total[width:] - total[:-width]) / width)


def shift(row: Array, distance: int) -> Array:
    """`row` (slots,) delayed by `distance` slots, or advanced if that is negative; zero where there is no value."""
    result = np.zeros_like(row)
    kept = max(len(row) - abs(distance), 0)
    if distance >= 0:
        result[distance:] = row[:kept]
    else:
        result[:kept] = row[-distance:]
    return result


def rank(row: Array) -> Array:
    """The rank of each value in the song divided by their number: (slots,), 0 (least) to below 1. Of equal values the
    first ranks lower."""
    return np.asarray(np.argsort(np.argsort(row, kind="stable"), kind="stable") / len(row))

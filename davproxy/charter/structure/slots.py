"""The slots of the grid: the sixteenths, or triplets, at which notes may lie."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import Array
from davproxy.charter.signal.onset_strength import OnsetStrength
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.grid import Grid

STRAIGHT, TRIPLET = 4, 3  # slots in a beat
REPEATS = (-4, -2, -1, 1, 2, 4)  # bars away, where music likes to repeat itself
CLEARLY = 1.25  # of the strength on halves and quarters: what thirds that are played have


@dataclass(frozen=True)
class Slots:
    """Every slot of whole bars: its beat and its time in seconds, both (slots,). `division` slots make a beat."""

    beats: NDArray[np.float64]
    times: NDArray[np.float64]
    division: int
    beats_per_bar: int

    @property
    def per_bar(self) -> int:
        return self.division * self.beats_per_bar

    @property
    def lengths(self) -> NDArray[np.float64]:
        """Seconds from each slot to the next: (slots,)."""
        return np.asarray(np.gradient(self.times))

    @property
    def between_eighths(self) -> NDArray[np.bool_]:
        """Which slots lie on no eighth; in thirds, on no beat: (slots,)."""
        return np.asarray(np.arange(len(self)) * 2 % self.division != 0)

    def __len__(self) -> int:
        return len(self.beats)


def grid_slots(grid: Grid, seconds: float, division: int) -> Slots:
    """The slots of whole bars, from the grid's first downbeat until `seconds`."""
    bars = max(int(float(grid.beat(seconds)) // grid.beats_per_bar), 1)
    beats = np.arange(bars * grid.beats_per_bar * division) / division
    return Slots(beats, grid.time(beats), division, grid.beats_per_bar)


def beat_division(grid: Grid, onsets: OnsetStrength) -> int:
    """STRAIGHT or TRIPLET: whether onsets between the beats lie on halves and quarters, or on thirds."""
    beats = grid.beats(0.0, onsets.seconds)[:-1]

    def strength(*fractions: float) -> float:
        times = grid.time(np.add.outer(np.array(fractions), beats).ravel())
        columns = np.clip(np.round(times * FRAME_RATE).astype(int), 0, onsets.total.size - 1)
        return float(np.mean(onsets.total[columns])) if columns.size else 0.0

    halves, quarters, thirds = strength(1 / 2), strength(1 / 4, 3 / 4), strength(1 / 3, 2 / 3)
    return TRIPLET if thirds > CLEARLY * max(halves, quarters) else STRAIGHT


def moving_mean(row: NDArray[Any], width: int) -> Array:
    """Mean of the `width` slots around each one, (slots,); beyond both ends the edge goes on."""
    padded = np.pad(row.astype(np.float64), (width // 2, width - 1 - width // 2), mode="edge")
    total = np.concatenate([[0.0], np.cumsum(padded)])
    return np.asarray((total[width:] - total[:-width]) / width)


def shift(row: Array, distance: int) -> Array:
    """`row` (slots,) that many slots later (earlier where it is negative), zero where nothing is known."""
    result = np.zeros_like(row)
    kept = max(len(row) - abs(distance), 0)
    if distance >= 0:
        result[distance:] = row[:kept]
    else:
        result[:kept] = row[-distance:]
    return result


def rank(row: Array) -> Array:
    """The rank of each value in the song, from 0 (least) to almost 1; of equal ones the first is less."""
    return np.asarray(np.argsort(np.argsort(row, kind="stable"), kind="stable") / len(row))

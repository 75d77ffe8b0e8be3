"""Features of each slot for the second pass of selection: the probabilities of the slots around it, because a rhythm
continues even where its notes are faint.

A feature is a named column, (slots,), float32. Names and order are those that `models/notes.npz` was trained with.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import Array
from davproxy.charter.structure.repetition import mean_of_alike
from davproxy.charter.structure.slots import REPEATS, Slots, moving_mean, rank, shift

NEAR = range(1, 9)  # distances in slots
WIDE = (2, 4, 8)  # bars of a moving average


def rhythm_features(chances: NDArray[np.float64], slots: Slots, first: NDArray[np.int64]) -> dict[str, Array]:
    """The features, by name, from the first probabilities that each slot is played, `chances` (slots,). `first` is the
    result of `first_alike`."""
    row, bar = chances.astype(np.float32), slots.per_bar
    bars = chances.reshape(-1, bar)
    repeats = {distance: shift(row, distance * bar) for distance in REPEATS}
    columns: dict[str, NDArray[Any]] = {
        "chance": row,
        "chance_rank": rank(row),
        "chance_of_song": np.full(len(row), chances.mean()),
        "chance_of_riff": mean_of_alike(bars, first).ravel(),
        "chance_repeat": np.mean(list(repeats.values()), axis=0),
    }
    for distance in NEAR:
        columns[f"chance_before_{distance}"] = shift(row, distance)
        columns[f"chance_after_{distance}"] = shift(row, -distance)
    columns |= {f"chance_{distance}_bars_away": repeat for distance, repeat in repeats.items()}
    columns |= {f"chance_of_{width}_bars": moving_mean(row, width * bar) for width in WIDE}
    columns |= {f"bar_{name}": np.repeat(values, bar) for name, values in _of_bars(bars, slots).items()}
    between = slots.between_eighths
    for width in (1, 4):
        off, on = moving_mean(row * between, width * bar), moving_mean(row * ~between, width * bar)
        columns |= {f"off_eighths_{width}": off, f"on_eighths_{width}": on}
        columns[f"off_to_on_{width}"] = (off + 0.01) / (on + 0.01)
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def _of_bars(bars: NDArray[np.float64], slots: Slots) -> dict[str, NDArray[np.float64]]:
    """The density of each of `bars` (bars, slots of a bar), its uncertainty, and the positions of its notes in the
    beats: (bars,) each."""
    in_beats = bars.reshape(len(bars), -1, slots.division)
    return {
        "mean": bars.mean(axis=1),
        "most": bars.max(axis=1),
        "median": np.median(bars, axis=1),
        "played": (bars >= 0.5).mean(axis=1),
        "doubt": (bars * (1 - bars)).mean(axis=1),
        "on_beat": in_beats[:, :, 0].mean(axis=1),
        "after_beat": in_beats[:, :, 1].mean(axis=1),
        "half_beat": in_beats[:, :, slots.division // 2].mean(axis=1),
        "before_beat": in_beats[:, :, -1].mean(axis=1),
    }

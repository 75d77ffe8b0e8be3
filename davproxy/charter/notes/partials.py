"""Features of each slot that find strings beneath drums: partials that begin, change and sustain, and how they differ
between bars.

A feature is a named column, (slots,), float32. Names and order are those that `models/notes.npz` was trained with.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.features import PARTIAL_BINS, PARTIAL_RATE, PARTIAL_WINDOW, Array, Features, pool
from davproxy.charter.structure.repetition import mean_of_alike
from davproxy.charter.structure.slots import REPEATS, Slots, moving_mean, rank, shift

EDGES = np.round(np.array([80, 250, 500, 1000, 2000, 5000]) * PARTIAL_WINDOW / RATE).astype(int) - PARTIAL_BINS.start
SOUNDING = 0.8  # quantile of the partials from which a partial sounds
STRONGEST = 20  # bins of the largest rises
CONTEXT = (
    "attack", "attack_high", "level_middle",
    "likeness", "fresh", "begun", "share", "top", "wide_likeness", "wide_fresh", "gone", "dip", "jump", "hold",
    "string_2", "string_3", "string_4",
    "likeness_2", "fresh_2", "likeness_3", "fresh_3", "likeness_4", "fresh_4",
)  # fmt: skip


def partial_features(
    features: Features, slots: Slots, first: NDArray[np.int64], known: dict[str, Array]
) -> dict[str, Array]:
    """Further features of each slot, by name. `known` are those of `slot_features`; `first` is the result of
    `first_alike`."""
    columns: dict[str, NDArray[Any]] = _changes(features, slots) | _attacks(features, slots) | _levels(features, slots)
    for name in ("string", "jump", "top", "string_3"):
        row, bar = columns[name], slots.per_bar
        columns[f"{name}_before"], columns[f"{name}_after"] = shift(row, 1), shift(row, -1)
        columns[f"{name}_next_bar"] = (shift(row, bar) + shift(row, -bar)) / 2
        columns[f"{name}_repeat"] = np.mean([shift(row, bars * bar) for bars in REPEATS], axis=0)
    every = columns | known
    for name in CONTEXT:
        row = every[name]
        bars = ((row - row.mean()) / (row.std() + 1e-6)).reshape(-1, slots.per_bar)
        columns[f"{name}_of_bar"] = np.repeat(bars.mean(axis=1), slots.per_bar)
        columns[f"{name}_spread"] = np.repeat(bars.std(axis=1), slots.per_bar)
        columns[f"{name}_of_riff"] = mean_of_alike(bars, first).ravel()
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def _changes(features: Features, slots: Slots) -> dict[str, Array]:
    """The partials after each slot compared with those before it, in all bins and by band."""
    length = float(np.median(slots.lengths))
    after, before = _beside(features, slots, max(0.8 * length, 0.05))
    columns = {
        "likeness": _likeness(after, before),
        "fresh": _fresh(after, before),
        "gone": _fresh(before, after),
        "top": np.sort(np.maximum(after - before, 0.0), axis=0)[-STRONGEST:].mean(axis=0),
    }
    columns["top_local"] = columns["top"] / (moving_mean(columns["top"], 16 * slots.division) + 0.01)
    for band, (low, high) in enumerate(pairwise(EDGES)):
        columns[f"likeness_{band}"] = _likeness(after[low:high], before[low:high])
        columns[f"fresh_{band}"] = _fresh(after[low:high], before[low:high])
    for distance in (2, 4):
        columns[f"likeness_before_{distance}"] = _likeness(after, np.roll(after, distance, axis=1))
    after, before = _beside(features, slots, max(1.6 * length, 0.05))
    return columns | {"wide_likeness": _likeness(after, before), "wide_fresh": _fresh(after, before)}


def _attacks(features: Features, slots: Slots) -> dict[str, Array]:
    """The rise of partials at each slot, in all bins and by band, and of those that did not sound before."""
    column = np.round(slots.times * PARTIAL_RATE).astype(int)
    last = features.partials.shape[1] - 1
    rise = np.zeros((len(features.partials), len(slots)), dtype=np.float32)
    for frame in range(-3, 4):
        later, earlier = (np.clip(column + frame + side, 0, last) for side in (2, -2))
        rise = np.maximum(rise, features.partials[:, later] - features.partials[:, earlier])
    before = pool(features.partials, PARTIAL_RATE, slots.times, -0.1, -0.03, "mean")
    silent = before <= np.quantile(before, SOUNDING, axis=0)
    wide = 16 * slots.division
    total = rise.mean(axis=0)
    columns = {
        "begun": (rise * silent).sum(axis=0) / (silent.sum(axis=0) + 1.0),
        "string": total / (moving_mean(total, wide) + 0.005),
        "string_of_song": total / (float(total.mean()) + 1e-6),
        "string_rank": rank(total),
        "string_level": total,
    }
    for band, (low, high) in enumerate(pairwise(EDGES)):
        row = rise[low:high].mean(axis=0)
        columns[f"string_{band}"] = row / (moving_mean(row, wide) + 0.005)
    return columns


def _levels(features: Features, slots: Slots) -> dict[str, Array]:
    """The level around each slot: a pick damps the string just before it, and drums fade sooner than strings."""
    length = float(np.median(slots.lengths))

    def level(start: float, end: float) -> Array:
        return np.asarray(pool(features.body[None], PARTIAL_RATE, slots.times, start, end, "mean")[0])

    stopped, struck, ringing = level(-0.05, -0.01), level(0.02, 0.07), level(0.07, max(0.9 * length, 0.09))
    strings = pool(
        features.partials.mean(axis=0, dtype=np.float32)[None], PARTIAL_RATE, slots.times, 0.0, 0.8 * length, "mean"
    )[0]
    return {
        "dip": stopped - level(-0.8 * length, -0.05),
        "jump": struck - stopped,
        "hold": ringing - struck,
        "body": ringing / (float(np.percentile(ringing, 90)) + 1e-6),
        "share": strings / (level(0.0, 0.8 * length) + 0.02),
    }


def _beside(features: Features, slots: Slots, reach: float) -> tuple[Array, Array]:
    """(after, before): the mean of each partial within `reach` seconds after and before each slot, (bins, slots)."""
    after = pool(features.partials, PARTIAL_RATE, slots.times, 0.03, reach, "mean")
    before = pool(features.partials, PARTIAL_RATE, slots.times, -reach, -0.03, "mean")
    return after.astype(np.float32), before.astype(np.float32)


def _likeness(one: Array, other: Array) -> Array:
    """The cosine of each column of `one` with that of `other`, both (bins, slots): (slots,), 0 to 1."""
    lengths = np.linalg.norm(one, axis=0) * np.linalg.norm(other, axis=0)
    return np.asarray((one * other).sum(axis=0) / (lengths + 1e-6))


def _fresh(after: Array, before: Array) -> Array:
    """The share of `after` in excess of `before`, both (bins, slots): (slots,), 0 to 1."""
    return np.asarray(np.maximum(after - before, 0.0).mean(axis=0) / (after.mean(axis=0) + 0.02))

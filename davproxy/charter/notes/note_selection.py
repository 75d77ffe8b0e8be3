"""Which slots are played, and how strongly."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import boosted
from davproxy.charter.notes.partials import partial_features
from davproxy.charter.notes.repeats import repeated_rhythms
from davproxy.charter.notes.rhythm import rhythm_features
from davproxy.charter.signal.features import Array, Features, attacks_at
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.structure.repetition import first_alike, mean_of_alike
from davproxy.charter.structure.slot_features import slot_features
from davproxy.charter.structure.slots import Slots, rank

LIKELY = 0.35  # chance from which a slot is played; half the F that is reached finds most of what people chart
QUICK = 0.095  # seconds: among slots this close kick drums run
SURE = 0.5  # chance from which one of those, between eighths, is played
ALIKE = 0.3  # weight of what bars that sound alike have in common
LEAST_CHANCE = 1e-4  # whatever is silent, or sure
FASTEST = 0.06  # seconds: the least distance of two notes, sixteenths at 250 BPM; people chart them at 190
SILENT = 0.02  # of the loud slots' level
COUNT = 0.35  # of the usual level between attacks: below it, a beat at the start only counts in


@dataclass(frozen=True)
class SelectedNotes:
    """`slots` are indices of the grid's slots, ascending, (notes,); `strength` from 0 to 1 is the rank of each accent
    in the song, (notes,); `first_alike` is, for each bar of the grid, the first bar that sounds like it, (bars,)."""

    slots: NDArray[np.int64]
    strength: NDArray[np.float64]
    first_alike: NDArray[np.int64]


def select_notes(features: Features, slots: Slots, on_stem: bool) -> SelectedNotes:
    """The slots that a guitarist would play. `on_stem` says that `features` are of the lead instrument alone."""
    first = first_alike(features, slots)
    columns = selection_features(features, slots, first)
    chances = boosted.load("played_on_stem" if on_stem else "played_in_mix").chances(columns)
    if on_stem:  # among other instruments a second look finds no more
        chances = boosted.load("reconsidered_on_stem").chances(columns | rhythm_features(chances, slots, first))
    chances = drawn_to_alike(chances, slots, first)
    chances[(columns["level_of_loud"] < SILENT) | (slots.times < 0)] = 0.0
    chances[: _count_in_beats(features, slots) * slots.division] = 0.0
    strength = rank(attacks_at(features, slots.times).mean(axis=0))
    least = thresholds(slots, on_stem)
    chosen = keep_apart(np.flatnonzero(chances >= least), chances, slots.times)
    played = np.isin(np.arange(len(slots)), chosen)
    played = repeated_rhythms(played, _log_odds(chances) - _log_odds(least), slots.per_bar)
    chosen = keep_apart(np.flatnonzero(played), chances, slots.times)
    return SelectedNotes(chosen, strength[chosen].astype(np.float64), first)


def thresholds(slots: Slots, on_stem: bool) -> NDArray[np.float64]:
    """The chance from which each slot is played, (slots,): in a mix, a quick one may be the kick drum's."""
    return np.where(slots.between_eighths & (slots.lengths < QUICK) & (not on_stem), SURE, LIKELY)


def selection_features(features: Features, slots: Slots, first: NDArray[np.int64]) -> dict[str, Array]:
    """What the trees look at for each slot, by name; `first` is, for each bar, the first bar alike."""
    columns = slot_features(features, slots)
    return columns | partial_features(features, slots, first, columns)


def drawn_to_alike(chances: NDArray[np.float64], slots: Slots, first: NDArray[np.int64]) -> NDArray[np.float64]:
    """`chances` (slots,) drawn to those of the bars alike, so that a riff keeps its rhythm unless it clearly
    changes."""
    bars = chances.reshape(-1, slots.per_bar)
    return np.asarray((1 - ALIKE) * bars + ALIKE * mean_of_alike(bars, first)).ravel()


def keep_apart(
    chosen: NDArray[np.int64], chances: NDArray[np.float64], times: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The slots `chosen` without the less likely one of any two that are closer than FASTEST."""
    kept: list[int] = []
    for slot in chosen.tolist():
        if kept and times[slot] - times[kept[-1]] < FASTEST:
            if chances[slot] > chances[kept[-1]]:
                kept[-1] = slot
            continue
        kept.append(slot)
    return np.array(kept, dtype=np.int64)


def _log_odds(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    bounded = np.clip(chances, LEAST_CHANCE, 1 - LEAST_CHANCE)
    return np.asarray(np.log(bounded / (1 - bounded)))


def _count_in_beats(features: Features, slots: Slots) -> int:
    """How many beats at the start hold nothing but single clicks, with next to silence between them."""
    level = features.levels.mean(axis=0)
    beats = np.append(slots.times[:: slots.division], slots.times[-1])
    edges = np.clip(beats * FRAME_RATE, 0, level.size - 1).astype(int)
    between = np.array([np.median(level[start : max(end, start + 1)]) for start, end in itertools.pairwise(edges)])
    return int(np.argmax(between >= COUNT * np.median(between)))

"""Selection of the slots that are played."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.correction import DENSITIES, NOTHING, Correction
from davproxy.charter.models import boosted
from davproxy.charter.notes.muted import is_muted
from davproxy.charter.notes.partials import partial_features
from davproxy.charter.notes.repeats import repeated_rhythms
from davproxy.charter.notes.rhythm import rhythm_features
from davproxy.charter.signal.features import Array, Features, attacks_at
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.structure.repetition import blend_with_alike, first_alike
from davproxy.charter.structure.slot_features import slot_features
from davproxy.charter.structure.slots import Slots, rank

LIKELY = 0.35  # probability from which a slot is played; half the F measure reached is the best threshold for it
QUICK = 0.095  # seconds: slots as short as this may hold a run of the kick drum
SURE = 0.5  # probability from which such a slot is played in a mix, if it is off the eighths
ALIKE = 0.3  # weight of the mean over bars that sound alike
HARDLY = 0.1  # share of the probability from which a slot is played, where a person wants more notes
LEAST_CHANCE = 1e-4  # bound of a probability and its complement, so that log odds are finite
FASTEST = 0.06  # seconds, the least distance of two notes: sixteenths at 250 BPM; people chart up to 190
SILENT = 0.02  # share of the level of loud slots, below which a slot is silent
COUNT = 0.35  # share of the median level between attacks, below which a beat at the start is a count-in


@dataclass(frozen=True)
class SelectedNotes:
    """The selected notes. `slots` are indices of the grid's slots, ascending, (notes,). `strength` is the rank of each
    note's accent in the song, 0 to 1, (notes,). `first_alike` is the result of `repetition.first_alike`, (bars,)."""

    slots: NDArray[np.int64]
    strength: NDArray[np.float64]
    first_alike: NDArray[np.int64]


def select_notes(features: Features, slots: Slots, on_stem: bool, correction: Correction = NOTHING) -> SelectedNotes:
    """The slots that a guitarist would play. `on_stem` means that `features` are of the lead instrument alone;
    `correction` says whether there are more or fewer, and where there are none."""
    first = first_alike(features, slots)
    columns = selection_features(features, slots, first)
    chances = boosted.load("played_on_stem" if on_stem else "played_in_mix").chances(columns)
    if on_stem:  # in a mix, a second pass improves nothing
        chances = boosted.load("reconsidered_on_stem").chances(columns | rhythm_features(chances, slots, first))
    chances = blend_with_alike(chances, first, ALIKE)  # a riff keeps its rhythm unless it clearly changes
    chances[(columns["level_of_loud"] < SILENT) | (slots.times < 0)] = 0.0
    chances[: _count_in_beats(features, slots) * slots.division] = 0.0
    strength = rank(attacks_at(features, slots.times).mean(axis=0))
    muted = is_muted(correction.muted, slots.times)
    chances[muted] = 0.0
    least = at_density(chances, thresholds(slots, on_stem), DENSITIES[correction.density])
    chosen = keep_apart(np.flatnonzero(chances >= least), chances, slots.times)
    played = np.isin(np.arange(len(slots)), chosen)
    played = repeated_rhythms(played, _log_odds(chances) - _log_odds(least), slots.per_bar) & ~muted
    chosen = keep_apart(np.flatnonzero(played), chances, slots.times)
    return SelectedNotes(chosen, strength[chosen].astype(np.float64), first)


def thresholds(slots: Slots, on_stem: bool) -> NDArray[np.float64]:
    """The probability from which each slot is played, (slots,): higher for quick slots in a mix, which may be of the
    kick drum."""
    return np.where(slots.between_eighths & (slots.lengths < QUICK) & (not on_stem), SURE, LIKELY)


def at_density(chances: NDArray[np.float64], least: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """The probabilities `least` (slots,) from which slots are played, all changed by one factor, so that `share` times
    as many are; none that is hardly likely."""
    likely = np.sort(chances / least)[::-1]
    wanted = min(round(share * np.count_nonzero(likely >= 1)), len(likely))
    return least if share == 1 or not wanted else least * max(float(likely[wanted - 1]), HARDLY)


def selection_features(features: Features, slots: Slots, first: NDArray[np.int64]) -> dict[str, Array]:
    """The features of each slot, by name: (slots,) each, float32. `first` is the result of `first_alike`."""
    columns = slot_features(features, slots)
    return columns | partial_features(features, slots, first, columns)


def keep_apart(
    chosen: NDArray[np.int64], chances: NDArray[np.float64], times: NDArray[np.float64]
) -> NDArray[np.int64]:
    """`chosen` slots, ascending, without the less likely one of any two that are closer than FASTEST."""
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
    """The number of beats at the start that are a count-in: single clicks, with near silence between them."""
    level = features.levels.mean(axis=0)
    beats = np.append(slots.times[:: slots.division], slots.times[-1])
    edges = np.clip(beats * FRAME_RATE, 0, level.size - 1).astype(int)
    between = np.array([np.median(level[start : max(end, start + 1)]) for start, end in itertools.pairwise(edges)])
    return int(np.argmax(between >= COUNT * np.median(between)))

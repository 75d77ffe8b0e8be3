"""Which slots are played, and how strongly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter import boosted, riffs
from davproxy.charter.hearing import Hearing, attacks_at
from davproxy.charter.slots import Slots, features, rank

LIKELY = 0.45  # chance from which a slot is played
FASTEST = 0.085  # seconds: the least distance of two notes anybody enjoys
FIRST_NOISE = 0.02  # of the loud slots' level: below it is silence


@dataclass(frozen=True)
class Played:
    """`slots` are indices of the grid's slots, ascending; `strength` from 0 to 1 is the accent's rank in the song;
    `first` is, for each bar of the grid, the first bar that sounds alike."""

    slots: NDArray[np.int64]
    strength: NDArray[np.float64]
    first: NDArray[np.int64]


def played(hearing: Hearing, slots: Slots, on_stem: bool) -> Played:
    """The slots that a guitarist would play. `on_stem` says that `hearing` is of the lead instrument alone."""
    columns = features(hearing, slots)
    chances = boosted.load("played_on_stem" if on_stem else "played_in_mix").chances(columns)
    first = riffs.alike(hearing, slots)
    chances = riffs.shared(chances.reshape(-1, slots.per_bar), first).ravel()
    chances[columns["level_of_loud"] < FIRST_NOISE] = 0.0
    strength = rank(attacks_at(hearing, slots.times).mean(axis=0))
    chosen = _spaced(np.flatnonzero(chances >= LIKELY), chances, slots.times)
    return Played(chosen, strength[chosen].astype(np.float64), first)


def _spaced(chosen: NDArray[np.int64], chances: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.int64]:
    """`chosen` without the less likely one of any two that are too close."""
    kept: list[int] = []
    for slot in chosen.tolist():
        if kept and times[slot] - times[kept[-1]] < FASTEST:
            if chances[slot] > chances[kept[-1]]:
                kept[-1] = slot
            continue
        kept.append(slot)
    return np.array(kept, dtype=np.int64)

"""How likely each piece of a drum kit is struck at each slot, and whether a recording has drums at all."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import boosted
from davproxy.charter.signal.features import BANDS, TONE_RATE, Array, Features, attacks_at, pool
from davproxy.charter.structure.slot_features import slot_features
from davproxy.charter.structure.slots import Slots

PIECES = ("kick", "snare", "tom", "cymbal")
BAR_PLACES = ("in_bar",)  # columns that know where the bar begins: drums tell that, not the other way round
LOW, STEP = 36, 6  # semitones of the lowest drums, and how many of them make a column
PRESENT = 0.25  # chance from which there are drums: loud guitars hide them
QUANTILES = (0.5, 0.75, 0.9, 0.97)
OF_STRONG = (
    "attack_sharp", "tone_fresh", "tone_likeness", "spread_0", "spread_4", "spread_6", "spread_7", "rise_high",
)  # fmt: skip
"""Columns whose mean over the strongest attacks tells whether those are drums."""

Chances = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class HeardDrums:
    """The chance of each of PIECES at each slot, (slots,), and the chance that there are drums at all: `present`."""

    chances: Chances
    present: float


def hear_drums(features: Features, slots: Slots) -> HeardDrums:
    """What is heard of the drums in a recording with these features."""
    columns = drum_features(features, slots)
    chances = drum_chances(columns)
    return HeardDrums(chances, has_drums(columns, chances))


def drum_features(features: Features, slots: Slots) -> dict[str, Array]:
    """What the trees look at for each slot, by name, (slots,): `slot_features` but where the bar begins, how an attack
    is spread over the bands, and which low tones begin."""
    columns = {name: row for name, row in slot_features(features, slots).items() if name not in BAR_PLACES}
    attacks = attacks_at(features, slots.times)
    whole = attacks.sum(axis=0) + 0.1
    for band in range(BANDS):
        columns[f"spread_{band}"] = np.asarray(attacks[band] / whole, dtype=np.float32)
    new = low_tones(features, slots)
    for first in range(0, LOW, STEP):
        columns[f"new_tone_{first}"] = np.asarray(new[first : first + STEP].mean(axis=0), dtype=np.float32)
    return columns


def low_tones(features: Features, slots: Slots) -> Array:
    """How much of each of the LOW lowest semitones begins at each slot: (LOW, slots)."""
    length = max(0.9 * float(np.median(slots.lengths)), 2 / TONE_RATE)
    after = pool(features.tones[:LOW], TONE_RATE, slots.times, 0.0, length, "max")
    before = pool(features.tones[:LOW], TONE_RATE, slots.times, -length, -0.03, "mean")
    return np.asarray(np.maximum(after - before, 0.0))


def drum_chances(columns: Mapping[str, Array]) -> Chances:
    """The chance of each of PIECES at each slot, (slots,), from the columns of `drum_features`."""
    return {piece: boosted.load(piece, boosted.DRUMS).chances(columns) for piece in PIECES}


def has_drums(columns: Mapping[str, Array], chances: Chances) -> float:
    """The chance that there are drums in a recording with these columns and chances."""
    return float(boosted.load("drums", boosted.DRUMS).chances(song_features(columns, chances))[0])


def song_features(columns: Mapping[str, Array], chances: Chances) -> dict[str, Array]:
    """What the trees look at for a whole recording, by name, (1,): how sure the chances are, and how sharp
    and how noisy its attacks are."""
    found: dict[str, float] = {}
    for piece in PIECES:
        row = chances[piece]
        found[f"{piece}_mean"] = float(row.mean())
        found[f"{piece}_spread"] = float(row.std())
        found[f"{piece}_likely"] = float(np.mean(row > 0.5))
        found[f"{piece}_sure"] = float(np.mean(row > 0.8))
        found |= {f"{piece}_{q}": float(np.quantile(row, q)) for q in QUANTILES}
    found["kick_and_snare"] = float(np.mean(chances["kick"] * chances["snare"]))
    attack = columns["attack"]
    strong = attack >= np.quantile(attack, 0.75)
    for name in OF_STRONG:
        found[f"{name}_strong"] = float(columns[name][strong].mean())
    found |= {f"attack_{q}": float(np.quantile(columns["attack_of_song"], q)) for q in (0.1, 0.5, 0.9)}
    return {name: np.array([value], dtype=np.float32) for name, value in found.items()}

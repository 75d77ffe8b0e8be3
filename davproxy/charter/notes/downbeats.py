"""Downbeats by the drums: bars begin with a kick, and the snare is on the beats between."""

import numpy as np

from davproxy.charter.notes.drum_chances import PRESENT, HeardDrums, hear_drums
from davproxy.charter.signal.features import Features
from davproxy.charter.structure.slots import Slots, grid_slots
from davproxy.charter.timing.beat_tracking import RankedGrid
from davproxy.charter.timing.grid import Grid
from davproxy.charter.viterbi import Floats

BEATS = 4  # of the bars that have a backbeat
ODD = np.array([1, -1, 1, -1])  # the first and the third beat against the others
BACKBEAT, FIRST = 1.0, 0.2  # weights of the backbeat, and of the kick on beat 1 rather than 3, against a bar's rank


def grid_with_drums(
    found: RankedGrid, division: int, seconds: float, drums: Features
) -> tuple[Grid, Slots, HeardDrums]:
    """The grid whose bars fit the drums, its slots up to `seconds`, `division` of them a beat, and what is heard of the
    drums there. `drums` are the features of their stem, or of the mix."""
    grid = found.grid
    slots = grid_slots(grid, seconds, division)
    heard = hear_drums(drums, slots)
    later = downbeat(found.ranks, slots, heard)
    if later:
        grid = found.later(later)
        slots = grid_slots(grid, seconds, division)
        heard = hear_drums(drums, slots)
    return grid, slots, heard


def downbeat(ranks: Floats, slots: Slots, heard: HeardDrums) -> int:
    """The beat of the bars of `slots`, from 0, with which they should begin. `ranks` is how good each is without the
    drums: (beats_per_bar,)."""
    if slots.beats_per_bar != BEATS or heard.present < PRESENT:
        return 0
    kick, snare = (
        heard.chances[piece][:: slots.division].reshape(-1, BEATS).mean(axis=0) for piece in ("kick", "snare")
    )
    worth = BACKBEAT * backbeat(kick, snare) * ODD + FIRST * (kick - np.roll(kick, -2))
    return int(np.argmax(ranks + worth))


def backbeat(kick: Floats, snare: Floats) -> float:
    """How much likelier the kick is on the first and third beat, and the snare on both others, whichever is less: -1 to
    1, below 0 if it is the other way round, and 0 where they do not alternate. Both are chances, (BEATS,)."""
    odd = float(kick @ ODD) / 2
    on, off = (snare[1::2], snare[::2]) if odd > 0 else (snare[::2], snare[1::2])
    return float(np.copysign(max(min(abs(odd), on.min() - off.mean()), 0.0), odd))

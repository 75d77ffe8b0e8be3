"""Values that the charter works on, made by hand for tests of one step."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.drums import Hit
from davproxy.charter.notes.gems import TICKS, Gem
from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.features import BANDS, SEMITONES, TONE_RATE, Features
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.structure.slots import STRAIGHT, Slots, grid_slots
from davproxy.charter.timing.grid import Grid, Segment

BPM = 120.0
BAR = 2.0  # seconds
GRID = Grid((Segment(0.0, 0.0, BPM),))


def slots(bars: int, division: int = STRAIGHT) -> Slots:
    """The slots of as many bars of GRID."""
    return grid_slots(GRID, bars * BAR + 0.01, division)


def features(bars: list[int], levels: list[float] | None = None) -> Features:
    """Of one sound a bar: bars of one number sound the same, of two numbers unlike each other. `levels` are the level
    of each bar, 1 where none is given."""
    tones = np.zeros((SEMITONES, int(len(bars) * BAR * TONE_RATE)), dtype=np.float32)
    attacks, level = (np.zeros((BANDS, int(len(bars) * BAR * FRAME_RATE)), dtype=np.float32) for _ in range(2))
    for bar, sound in enumerate(bars):
        chance = np.random.default_rng(sound)
        seconds = bar * BAR, (bar + 1) * BAR
        tones[:, span(seconds, TONE_RATE)] = chance.random(SEMITONES)[:, None]
        attacks[:, span(seconds, FRAME_RATE)] = chance.random(BANDS)[:, None]
        level[:, span(seconds, FRAME_RATE)] = levels[bar] if levels else 1.0
    return Features(np.zeros(int(len(bars) * BAR * RATE), dtype=np.float32), attacks, level, tones)


def span(seconds: tuple[float, float], rate: float) -> slice:
    return slice(round(seconds[0] * rate), round(seconds[1] * rate))


def gem(beat: float, *frets: int, length: int = 0, weight: float = 1.0) -> Gem:
    return Gem(round(beat * TICKS), frets or (0,), length, weight, beat * 60 / BPM)


def hit(beat: float, *hands: int, kick: bool = False, cymbals: tuple[int, ...] = (), weight: float = 1.0) -> Hit:
    return Hit(round(beat * TICKS), kick, tuple(sorted(hands)), frozenset(cymbals), weight, beat * 60 / BPM)


def own_bars(slots: Slots) -> NDArray[np.int64]:
    """For each bar itself: no bar sounds like another."""
    return np.arange(len(slots) // slots.per_bar)

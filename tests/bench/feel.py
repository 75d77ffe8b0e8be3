"""How a guitar part feels to play, and how people's parts do: what comes back, and how the hand moves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from davproxy.formats.chart import Track

FEWEST = 4  # notes of a bar that counts
BAR = 4  # beats
SLOTS = 16  # of a bar
HOPO = 65 / 192  # of a beat


@dataclass(frozen=True)
class Feel:
    """Shares, 0 to 1: of bars that equal an earlier bar, of steps to the same fret, of steps to a single note on
    another fret that needs no strumming, and of gems on each of the five lanes."""

    repeated: float
    same: float
    hopos: float
    lanes: tuple[float, ...]


def feel(track: Track, resolution: int) -> Feel:
    chords = track.chords()
    frets = [tuple(sorted(note.lane for note in chord)) for chord in chords]
    beats = np.array([chord[0].tick for chord in chords]) / resolution
    steps = np.diff(beats)
    heights = np.array([np.mean(each) for each in frets])
    moved = [len(other) == 1 and one != other for one, other in pairwise(frets)]
    gems = Counter(fret for each in frets for fret in each)
    return Feel(
        repeated=repeated(beats.tolist(), frets),
        same=float(np.mean(np.diff(heights) == 0)),
        hopos=float(np.mean(moved & (steps <= HOPO + 0.01))),
        lanes=tuple(gems[lane] / gems.total() for lane in range(5)),
    )


def repeated(beats: Sequence[float], frets: Sequence[tuple[int, ...]]) -> float:
    """The share of bars, of those with enough notes, that have the rhythm and the frets of an earlier one."""
    bars: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
    for beat, chord in zip(beats, frets, strict=True):
        bar, slot = divmod(round(beat * SLOTS / BAR), SLOTS)
        bars.setdefault(bar, []).append((slot, chord))
    counted = [tuple(bar) for bar in bars.values() if len(bar) >= FEWEST]
    return 1 - len(set(counted)) / len(counted) if counted else 0.0

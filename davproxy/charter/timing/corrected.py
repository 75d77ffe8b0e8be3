"""The grid as a person corrects it, which no step changes afterwards."""

from fractions import Fraction

import numpy as np

from davproxy.charter.correction import FASTEST, RATES, SLOWEST, Correction, FoundBeat
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.onset_strength import OnsetStrength
from davproxy.charter.timing.beat_tracking import PICKUP, RankedGrid, find_grid
from davproxy.charter.timing.grid import Grid
from davproxy.errors import BadInput

RATIOS = sorted({Fraction(n, m) for n in range(1, 5) for m in range(1, 5)})
"""Of the right beat to one that was tracked."""
TAPPED = 0.05  # share by which a tapped tempo may be off


def track(audio: Audio, onsets: OnsetStrength, correction: Correction) -> tuple[RankedGrid, RankedGrid]:
    """The grid of a recording, as `find_grid` finds it; near the tapped tempo if it has no beat that is near that. The
    second one is always as it is found."""
    found = find_grid(audio, onsets)
    bpm = correction.bpm
    if not bpm or abs(float(nearest_ratio(found.grid, bpm)) * typical_bpm(found.grid) / bpm - 1) <= TAPPED:
        return found, found
    return find_grid(audio, onsets, bpm), found


def found_beat(grid: Grid) -> FoundBeat:
    """What corrections of a grid count from."""
    return FoundBeat(round(float(typical_bpm(grid)), 3), grid.beats_per_bar, round(float(grid.time(0)), 3))


def corrected(grid: Grid, exact: Grid, start: float, correction: Correction) -> tuple[Grid, Grid]:
    """`grid` and the same one aligned with attacks, `exact`, both corrected, for music that begins at `start` seconds.
    Raises BadInput where the beat would be too slow or too fast."""
    ratio = nearest_ratio(grid, correction.bpm) if correction.bpm else RATES[correction.tempo]
    if not SLOWEST <= typical_bpm(grid) * ratio <= FASTEST:
        bpm = float(typical_bpm(grid) * ratio)
        raise BadInput(f"tempo: {bpm:.0f} beats a minute are not possible; {SLOWEST:g} to {FASTEST:g} are.")
    beats = correction.beats_per_bar or grid.beats_per_bar
    grid, exact = (each.at_rate(ratio).in_bars_of(beats).shifted(correction.offset) for each in (grid, exact))
    shift = correction.bar_shift
    first = shift + int((float(grid.beat(start + PICKUP)) - shift) // beats) * beats
    return grid.from_beat(first), exact.from_beat(first)


def nearest_ratio(grid: Grid, bpm: float) -> Fraction:
    """The one of RATIOS that brings the tempo of a grid nearest to `bpm`."""
    return min(RATIOS, key=lambda ratio: abs(np.log2(float(ratio) * typical_bpm(grid) / bpm)))


def typical_bpm(grid: Grid) -> float:
    """The median tempo over time."""
    times = np.arange(grid.segments[0].seconds, grid.segments[-1].seconds + 1.0, 0.5)
    return float(np.median(grid.bpm(grid.beat(times))))

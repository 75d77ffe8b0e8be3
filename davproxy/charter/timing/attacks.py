"""Alignment of the grid with attacks, to the millisecond.

Onset strength with long windows peaks in the middle of an attack; where guitars swell it is 10 ms or more behind the
drums. Sharp attacks (drums, picks) have most high frequencies in their first milliseconds, so the onset strength above
LOWEST with a short window shows when they begin.
"""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.spectrum import GAIN, magnitudes, rms
from davproxy.charter.timing.grid import Grid, segments_through
from davproxy.charter.viterbi import Floats

WINDOW, HOP, BLOCK = 256, 32, 8192
LOWEST = 3000.0  # Hz
EARLY = 0.0005  # seconds added: it peaks 0 to .4 ms before the beats of bands that play to a click, 4 ms before noise
STEP, REACH = 0.0005, 0.03  # seconds: step and range of the shifts that are tried
LARGEST = 0.025  # seconds of the largest shift that is applied
CLEARLY = 1.15  # ratio of the strength at the best shift to the median, from which it stands out
SOFTEST = 0.005  # strength that it needs beyond that; the mean of music is .04 or more
NEAR = 10.0  # seconds around a change of tempo from which its shift is measured
FEWEST = 16  # half beats that measure a shift


def align_with_attacks(grid: Grid, samples: NDArray[np.float32]) -> Grid:
    """The grid of a mono signal at RATE (samples,), shifted by up to LARGEST seconds onto its attacks; if the tempo
    changes, piece by piece. It is unchanged where no attacks are sharp."""
    strength, seconds = attack_strength(samples), len(samples) / RATE
    whole = _shift(strength, grid, 0.0, seconds, 0.0)
    if len(grid.segments) == 1:
        return grid.shifted(whole)
    beats = np.array([*(segment.beat for segment in grid.segments), float(grid.beat(seconds))])
    beats = beats[: np.count_nonzero(np.diff(beats) > 0) + 1]
    times = grid.time(beats)
    moved = [time + _shift(strength, grid, time - NEAR, time + NEAR, whole) for time in times.tolist()]
    return Grid(segments_through(beats, np.array(moved)), grid.beats_per_bar)


def attack_strength(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The onset strength above LOWEST: the mean rise of log magnitudes from one frame to the next, (frames,), float32,
    >= 0, a frame every HOP samples."""
    gain, lowest = np.float32(GAIN / rms(samples)), int(np.ceil(LOWEST * WINDOW / RATE))
    parts = []
    before = None
    for block in magnitudes(samples, WINDOW, HOP, BLOCK):
        level = np.log1p(block[:, lowest:] * gain)
        level = np.concatenate([level[:1] if before is None else before, level])
        parts.append(np.maximum(np.diff(level, axis=0), 0.0).mean(axis=1))
        before = level[-1:]
    return np.concatenate(parts)


def _shift(strength: NDArray[np.float32], grid: Grid, start: float, end: float, otherwise: float) -> float:
    """The shift in seconds that aligns the half beats from `start` to `end` with attacks; `otherwise` if none stands
    out. `strength` is (frames,), as `attack_strength` returns it."""
    margin = 2 * REACH  # a cut at either end of the recording is no attack
    first, last = 2 * grid.beat([max(start, margin), min(end, len(strength) * HOP / RATE - margin)])
    beats = np.arange(np.ceil(first), np.floor(last) + 1) / 2
    if len(beats) < FEWEST:
        return otherwise
    shifts = np.arange(-REACH, REACH + STEP / 2, STEP)
    frames = (grid.time(beats) + shifts[:, None]) * RATE / HOP
    found: Floats = np.interp(frames, np.arange(len(strength)), strength).mean(axis=1)
    best = float(shifts[np.argmax(found)]) + EARLY
    stands_out = found.max() > CLEARLY * np.median(found) + SOFTEST
    return best if stands_out and abs(best) <= LARGEST else otherwise

"""What can be drawn of a song while it is charted: each part is JSON-able, small, and known before the chart is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.structure.sections import Section
from davproxy.charter.timing.grid import Grid

PARTS = 240
"""Equal parts of the song for which a value is given."""
MOST_BARS = 400
LOUDEST = 99


def waveform(samples: NDArray[np.float32]) -> list[int]:
    """How loud each part of `samples`, (samples,), is at most, as a share of the whole: 0 to LOUDEST."""
    peaks = np.array([np.abs(part).max(initial=0.0) for part in np.array_split(samples, PARTS)])
    return [int(peak) for peak in np.round(LOUDEST * peaks / max(float(peaks.max()), 1e-9))]


def bars(grid: Grid, seconds: float) -> list[float]:
    """The times of the downbeats in seconds; of a long song every second one, or fewer."""
    downbeats = grid.downbeats(0.0, seconds)
    kept = downbeats[:: 1 + len(downbeats) // MOST_BARS]
    return [round(float(time), 2) for time in grid.time(kept)]


def notes(times: Sequence[float], seconds: float) -> list[int]:
    """How many of the notes at `times`, in seconds, are in each part of the song."""
    counts, _ = np.histogram(times, PARTS, (0.0, max(seconds, 1e-3)))
    return [int(count) for count in counts]


def sections(found: Sequence[Section], grid: Grid) -> list[tuple[float, str]]:
    """(seconds, name) of each section. The first one begins with the recording, as in the chart."""
    starts = [float(grid.time(section.start * grid.beats_per_bar)) if section.start else 0.0 for section in found]
    return [(round(start, 2), section.name) for start, section in zip(starts, found, strict=True)]

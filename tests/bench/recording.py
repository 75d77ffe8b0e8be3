"""A recording to train on: its samples, and what is played in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Recording:
    """`notes` are (beat, height) of its lead, `hits` (beat, General MIDI drum note); beat 0 sounds at `start` seconds.
    `songs` are the human songs of which it holds any part; `charted` says that people chose the notes."""

    name: str
    samples: NDArray[np.float32]
    bpm: float
    start: float
    notes: Sequence[tuple[float, float]]
    songs: frozenset[str] = frozenset()
    hits: Sequence[tuple[float, int]] = ()
    charted: bool = False

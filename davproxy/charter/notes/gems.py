"""The notes of the charter, before they become a track: gems on the neck, in ticks."""

from dataclasses import dataclass

TICKS = 192  # ticks in a beat; a sixteenth is 48, an eighth triplet 64
FRETS = 5


@dataclass(frozen=True)
class Gem:
    """A note or chord. `frets` are ascending, 0 (green) to 4 (orange); `length` is in ticks, 0 if it is not held.
    `weight` is its importance, by which lower difficulties keep it; `seconds` is its time in the recording."""

    tick: int
    frets: tuple[int, ...]
    length: int
    weight: float
    seconds: float

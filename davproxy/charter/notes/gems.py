"""What is charted, before it becomes a track: gems on the neck, in ticks."""

from dataclasses import dataclass

TICKS = 192  # in a beat; a 1/16 is 48, a triplet 8th 64
FRETS = 5


@dataclass(frozen=True)
class Gem:
    """A note or chord: `frets` ascending, 0 (green) to 4; `length` in ticks, 0 where it is not held. `weight` says how
    much of the music would be lost without it, `seconds` when it sounds in the recording."""

    tick: int
    frets: tuple[int, ...]
    length: int
    weight: float
    seconds: float

"""What is charted, before it becomes a track: gems on the neck, in ticks."""

from dataclasses import dataclass

TICKS = 192  # in a beat; a 1/16 is 48, a triplet 8th 64
FRETS = 5


@dataclass(frozen=True)
class Gem:
    """A note or chord: `frets` ascending, `length` in ticks (0: not held). `weight` says how much of the music would
    be lost without it, `seconds` when it sounds."""

    tick: int
    frets: tuple[int, ...]
    length: int
    weight: float
    seconds: float

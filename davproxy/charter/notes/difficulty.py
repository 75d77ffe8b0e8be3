"""Hard, Medium and Easy, each reduced from the one above: fewer notes, fewer lanes, smaller chords, more time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from davproxy.charter.notes.gems import FRETS, TICKS, Gem
from davproxy.formats.chart import Difficulty

GREEN, RED, YELLOW, BLUE, ORANGE = range(5)
LARGEST_SHARE = 0.9  # of the notes of the difficulty above, so that each one is easier


@dataclass(frozen=True)
class Reduction:
    """The limits of a difficulty. Two notes are at least `beats` apart, or `slow_beats` if those last `slow_seconds`.
    Notes are on `lanes` lanes, at most `together` at a time. In the chord `wide`, green becomes red."""

    beats: float
    slow_beats: float
    slow_seconds: float
    lanes: int
    together: int
    wide: tuple[int, int]


REDUCTIONS = {
    Difficulty.HARD: Reduction(0.5, 0.25, 0.17, FRETS, 2, (GREEN, ORANGE)),
    Difficulty.MEDIUM: Reduction(1.0, 0.5, 0.2, 4, 2, (GREEN, BLUE)),
    Difficulty.EASY: Reduction(2.0, 1.0, 0.8, 3, 1, (GREEN, BLUE)),
}


def all_difficulties(expert: Sequence[Gem], beats_per_bar: int) -> dict[Difficulty, list[Gem]]:
    """All four difficulties of the guitar, each reduced from the one above. `expert` is in order of ticks."""
    result = {Difficulty.EXPERT: list(expert)}
    above = list(expert)
    for difficulty, reduction in REDUCTIONS.items():
        thinned = _thin(above, {gem.tick: gem for gem in expert}, reduction, beats_per_bar)
        lane_of = _lanes([source for _, source in thinned], reduction.lanes)
        above = [replace(gem, frets=_shape(source.frets, lane_of, reduction)) for gem, source in thinned]
        result[difficulty] = above
    return result


def _lanes(gems: Sequence[Gem], count: int) -> tuple[int, ...]:
    """The lane, of `count`, of each fret of Expert. Neighbouring frets share a lane; they are split so that the fullest
    lane has as few notes as possible, so every song uses all lanes."""
    used = Counter(fret for gem in gems for fret in gem.frets)

    def fullest(lane_of: tuple[int, ...]) -> int:
        shares = Counter[int]()
        for fret, lane in enumerate(lane_of):
            shares[lane] += used[fret]
        return max(shares.values())

    splits = combinations(range(1, FRETS), count - 1)
    ways = [tuple(sum(fret >= split for split in each) for fret in range(FRETS)) for each in splits]
    return min(ways, key=fullest)


def _shape(frets: tuple[int, ...], lane_of: Sequence[int], reduction: Reduction) -> tuple[int, ...]:
    """The lanes of a note of Expert, within the limits of the difficulty."""
    lanes = tuple(sorted({lane_of[fret] for fret in frets}))
    if len(lanes) > reduction.together:
        lanes = (lanes[0], lanes[-1])[: reduction.together]
    return (RED, lanes[-1]) if lanes == reduction.wide else lanes


def _thin(
    above: Sequence[Gem], expert: dict[int, Gem], reduction: Reduction, beats_per_bar: int
) -> list[tuple[Gem, Gem]]:
    """The gems that are kept, each with its original in Expert: chosen by weight, as long as there is room."""

    def worth(gem: Gem) -> tuple[float, int]:
        return gem.weight + _metre(gem.tick, beats_per_bar), -gem.tick

    most = max(int(LARGEST_SHARE * len(above)), 1)
    kept: dict[int, Gem] = {}
    width = int(reduction.beats * TICKS)
    for gem in sorted(above, key=worth, reverse=True):
        near = (kept[tick] for tick in range(gem.tick - width + 1, gem.tick + width) if tick in kept)
        if len(kept) < most and all(_apart(gem, other, reduction) for other in near):
            kept[gem.tick] = gem
    return [(kept[tick], expert[tick]) for tick in sorted(kept)]


def _metre(tick: int, beats_per_bar: int) -> float:
    """The metrical weight of a tick, 0 to 2.4; downbeats weigh most."""
    beat, rest = divmod(tick, TICKS)
    if rest:
        return 0.6 if rest * 2 == TICKS else 0.0
    if beat % beats_per_bar == 0:
        return 2.4
    return 1.8 if beats_per_bar == 4 and beat % 2 == 0 else 1.4


def _apart(gem: Gem, other: Gem, reduction: Reduction) -> bool:
    ticks, seconds = abs(gem.tick - other.tick), abs(gem.seconds - other.seconds)
    if ticks >= reduction.beats * TICKS:
        return True
    return ticks >= reduction.slow_beats * TICKS and seconds >= reduction.slow_seconds

"""Hard, Medium and Easy, each a part of the one above: fewer notes, fewer lanes, smaller chords, more time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from davproxy.charter.notes.gems import TICKS, Gem
from davproxy.formats.chart import Difficulty

GREEN, RED, YELLOW, BLUE, ORANGE = range(5)
LARGEST_SHARE = 0.9  # of the notes above: a difficulty that is not easier is none


@dataclass(frozen=True)
class Reduction:
    """What a difficulty allows. Two notes are at least `beats` apart, or `slow_beats` where that lasts `slow_seconds`;
    `shape` makes its frets of those of Expert."""

    beats: float
    slow_beats: float
    slow_seconds: float
    shape: Callable[[tuple[int, ...]], tuple[int, ...]]


def _hard(frets: tuple[int, ...]) -> tuple[int, ...]:
    pair = frets if len(frets) < 3 else (frets[0], frets[-1])
    return (RED, ORANGE) if pair == (GREEN, ORANGE) else pair


def _medium(frets: tuple[int, ...]) -> tuple[int, ...]:
    """Four lanes: yellow and blue become one."""
    lanes = tuple(sorted({(GREEN, RED, YELLOW, YELLOW, BLUE)[fret] for fret in frets}))
    pair = lanes if len(lanes) < 3 else (lanes[0], lanes[-1])
    return (RED, BLUE) if pair == (GREEN, BLUE) else pair


def _easy(frets: tuple[int, ...]) -> tuple[int, ...]:
    return ((GREEN, RED, RED, YELLOW, YELLOW)[frets[0]],)


REDUCTIONS = {
    Difficulty.HARD: Reduction(0.5, 0.25, 0.17, _hard),
    Difficulty.MEDIUM: Reduction(1.0, 0.5, 0.34, _medium),
    Difficulty.EASY: Reduction(2.0, 1.0, 0.8, _easy),
}


def all_difficulties(expert: Sequence[Gem], beats_per_bar: int) -> dict[Difficulty, list[Gem]]:
    """All four difficulties of the guitar, each made of the one above; `expert` ascends."""
    result = {Difficulty.EXPERT: list(expert)}
    above = list(expert)
    for difficulty, reduction in REDUCTIONS.items():
        above = [
            replace(gem, frets=reduction.shape(source.frets))
            for gem, source in _thin(above, {gem.tick: gem for gem in expert}, reduction, beats_per_bar)
        ]
        result[difficulty] = above
    return result


def _thin(
    above: Sequence[Gem], expert: dict[int, Gem], reduction: Reduction, beats_per_bar: int
) -> list[tuple[Gem, Gem]]:
    """The gems that stay, each with its Expert original: the weightiest first, as far as there is room."""

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
    """How heavy a place in the bar is, 0 to 2.4; downbeats weigh most."""
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

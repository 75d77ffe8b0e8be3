"""The phrases of a track that score extra: star power and solos."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.drums import Hit
from davproxy.charter.notes.gems import TICKS, Gem
from davproxy.charter.structure.sections import Section
from davproxy.formats.chart import Difficulty, Phrase

EVERY = 40  # beats from one star power phrase to the next
FREE_BARS = 8  # bars at the end without star power, which could not be used any more
FEWEST = 3  # Expert notes in a phrase
SOLO_DENSITY = 1.25  # ratio of notes per bar to the mean of the song, from which a section may be a solo
SOLO_LEAP = 0.55  # share of notes of a solo that change the fret
MOST_SOLOS = 2


def star_power(parts: Mapping[Difficulty, Sequence[Gem] | Sequence[Hit]], beats_per_bar: int) -> tuple[Phrase, ...]:
    """Phrases of a bar, the same in each difficulty, about one in EVERY beats where there is most to play.

    `parts` are the gems or hits of every difficulty, whose ticks count from the start of the chart.
    """
    bar = beats_per_bar * TICKS
    ticks = {difficulty: np.array([gem.tick for gem in gems]) for difficulty, gems in parts.items()}
    expert = ticks[Difficulty.EXPERT]
    if not len(expert):
        return ()

    def count(index: int, notes: NDArray[np.int64]) -> int:
        return int(np.sum((notes >= index * bar) & (notes < (index + 1) * bar)))

    first, last = int(expert[0]) // bar, int(expert[-1]) // bar - FREE_BARS
    step = max(round(EVERY / beats_per_bar), 4)
    phrases = []
    for target in range(first + step // 2, last + 1, step):
        near = [
            (-count(index, expert), abs(index - target), index)
            for index in range(max(target - step // 3, first), min(target + step // 3, last) + 1)
            if count(index, expert) >= FEWEST and all(count(index, notes) for notes in ticks.values())
        ]
        if near:
            phrases.append(Phrase(min(near)[2] * bar, bar))
    return tuple(phrases)


def solo_sections(expert: Sequence[Gem], sections: Sequence[Section], first_tick: int, beats_per_bar: int) -> list[int]:
    """The indices of the sections in which the lead plays a solo, at most MOST_SOLOS. A solo is after the first quarter
    of the song, has more notes than usual, mostly single notes that change the fret, and is not repeated."""
    if not expert or len(sections) < 4:
        return []
    usual = len(expert) / sections[-1].end
    found = []
    for index, section in enumerate(sections[1:-1], start=1):
        gems = gems_of(expert, section, first_tick, beats_per_bar)
        if section.start < sections[-1].end / 4 or len(gems) < 16:
            continue
        dense = len(gems) / (section.end - section.start) / usual
        moving = np.mean([a.frets != b.frets for a, b in itertools.pairwise(gems)])
        single = np.mean([len(gem.frets) == 1 for gem in gems])
        once = sum(other.kind == section.kind for other in sections) == 1
        if dense >= SOLO_DENSITY and moving >= SOLO_LEAP and single >= 0.85 and once:
            found.append((float(dense * moving), index))
    return sorted(index for _, index in sorted(found, reverse=True)[:MOST_SOLOS])


def gems_of(gems: Sequence[Gem], section: Section, first_tick: int, beats_per_bar: int) -> list[Gem]:
    """The gems in a section. Beat 0 of the grid is at `first_tick`."""
    bar = beats_per_bar * TICKS
    start, end = first_tick + section.start * bar, first_tick + section.end * bar
    return [gem for gem in gems if start <= gem.tick < end]

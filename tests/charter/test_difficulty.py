"""Reduction: each difficulty is a playable part of the one above."""

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.notes.difficulty import BLUE, GREEN, ORANGE, REDUCTIONS, all_difficulties
from davproxy.charter.notes.gems import TICKS, Gem
from davproxy.formats.chart import Difficulty
from tests.charter import values


@st.composite
def experts(draw: st.DrawFn) -> list[Gem]:
    """A part of single notes and two-note chords on 1/16 slots, at a drawn tempo."""
    beat = 60 / draw(st.sampled_from((70, 120, 200)))
    slots = sorted(draw(st.sets(st.integers(16, 200), min_size=8, max_size=80)))
    shapes = st.sets(st.integers(0, 4), min_size=1, max_size=3).map(lambda frets: tuple(sorted(frets)))
    return [Gem(slot * 48, draw(shapes), 0, draw(st.floats(0, 1.5)), slot / 4 * beat) for slot in slots]


@given(experts())
def test_each_difficulty_has_fewer_notes_at_the_same_places(expert: list[Gem]) -> None:
    parts = list(all_difficulties(expert, 4).values())
    for above, below in pairwise(parts):
        assert {gem.tick for gem in below} < {gem.tick for gem in above} or len(below) == 1
        assert below


@given(experts())
def test_notes_keep_their_distance(expert: list[Gem]) -> None:
    parts = all_difficulties(expert, 4)
    for difficulty, reduction in REDUCTIONS.items():
        for a, b in pairwise(parts[difficulty]):
            beats, seconds = (b.tick - a.tick) / TICKS, b.seconds - a.seconds
            assert beats >= reduction.beats or (beats >= reduction.slow_beats and seconds >= reduction.slow_seconds)


@given(experts())
def test_lanes_and_chords_are_those_of_the_difficulty(expert: list[Gem]) -> None:
    parts = all_difficulties(expert, 4)
    for gem in parts[Difficulty.HARD]:
        assert len(gem.frets) <= 2
        assert gem.frets != (GREEN, ORANGE)
    for gem in parts[Difficulty.MEDIUM]:
        assert len(gem.frets) <= 2
        assert ORANGE not in gem.frets
        assert gem.frets != (GREEN, BLUE)
    for gem in parts[Difficulty.EASY]:
        assert len(gem.frets) == 1
        assert gem.frets[0] < BLUE


def test_all_lanes_are_used_however_low_a_song_lies() -> None:
    expert = [values.gem(2 * number, (0, 1, 1, 2, 2, 3)[number % 6]) for number in range(60)]
    parts = all_difficulties(expert, 4)
    for difficulty, count in ((Difficulty.MEDIUM, 4), (Difficulty.EASY, 3)):
        used = Counter(fret for gem in parts[difficulty] for fret in gem.frets)
        assert len(used) == count
        assert max(used.values()) <= 0.45 * used.total()


def test_medium_has_the_eighths_of_fast_songs() -> None:
    beat = 60 / 140
    expert = [Gem(tick * TICKS // 4, (0,), 0, 1.0, tick * beat / 4) for tick in range(160)]
    ticks = [gem.tick for gem in all_difficulties(expert, 4)[Difficulty.MEDIUM]]
    assert np.median(np.diff(ticks)) == TICKS // 2

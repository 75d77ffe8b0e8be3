"""Reduction: each difficulty is a playable part of the one above."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.notes.difficulty import BLUE, GREEN, ORANGE, REDUCTIONS, all_difficulties
from davproxy.charter.notes.gems import TICKS, Gem
from davproxy.formats.chart import Difficulty


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

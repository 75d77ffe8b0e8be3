"""Sections and repetition of songs whose bars are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.structure.repetition import blend_with_alike, first_alike, mean_of_alike
from davproxy.charter.structure.sections import LONGEST, SHORTEST, Section, find_sections, name_sections
from davproxy.charter.structure.slot_features import slot_features
from tests.charter import values
from tests.charter.values import GRID

VERSE, CHORUS, BRIDGE = 1, 2, 3


def test_similar_bars_refer_to_the_first_of_them() -> None:
    assert first_alike(values.features([1, 2, 1, 3, 2, 1]), values.slots(6)).tolist() == [0, 1, 0, 3, 1, 0]


def test_similar_bars_share_their_mean() -> None:
    shared = mean_of_alike(np.array([[0.0, 1.0], [5.0, 6.0], [2.0, 3.0]]), np.array([0, 1, 0]))
    assert shared.tolist() == [[1, 2], [5, 6], [1, 2]]


def test_sections_begin_where_the_sound_changes_and_come_back() -> None:
    bars = [VERSE] * 8 + [CHORUS] * 8 + [VERSE] * 8 + [CHORUS] * 8 + [BRIDGE] * 4
    found = find_sections(values.features(bars), GRID, len(bars))
    assert [(section.start, section.end) for section in found] == [(0, 8), (8, 16), (16, 24), (24, 32), (32, 36)]
    assert [section.kind for section in found] == [0, 1, 0, 1, 2]


@given(st.lists(st.integers(1, 3), min_size=1, max_size=40))
def test_sections_fill_the_song_in_usable_lengths(bars: list[int]) -> None:
    found = find_sections(values.features(bars), GRID, len(bars))
    assert [found[0].start, found[-1].end] == [0, len(bars)]
    assert all(one.end == other.start for one, other in pairwise(found))
    lengths = [section.end - section.start for section in found]
    assert max(lengths) <= LONGEST
    assert min(lengths) >= min(SHORTEST, len(bars))


def song(*parts: tuple[int, float]) -> list[Section]:
    """Sections of eight bars, each a kind and a level."""
    return [Section(8 * number, 8 * number + 8, kind, level) for number, (kind, level) in enumerate(parts)]


@pytest.mark.parametrize(
    ("parts", "solos", "names"),
    [
        (
            ((0, 0.5), (1, 1.0), (2, 1.5), (1, 1.0), (2, 1.5), (3, 0.5)),
            (),
            ["Intro", "Verse 1", "Chorus 1", "Verse 2", "Chorus 2", "Outro"],
        ),
        (((2, 1.5), (1, 1.0), (2, 1.5), (1, 1.0)), (), ["Chorus 1", "Verse", "Chorus 2", "Outro"]),
        (
            ((0, 1.0), (1, 1.5), (3, 0.2), (1, 1.5), (4, 1.2), (1, 1.5), (5, 1.0)),
            (),
            ["Intro", "Chorus 1", "Break", "Chorus 2", "Bridge", "Chorus 3", "Outro"],
        ),
        (
            ((0, 1.0), (1, 1.0), (2, 1.5), (3, 1.4), (2, 1.5), (4, 1.0)),
            (3,),
            ["Intro", "Bridge", "Chorus 1", "Solo", "Chorus 2", "Outro"],
        ),
        (((0, 1.0), (1, 1.0), (2, 1.0)), (), ["Intro", "Verse", "Outro"]),
        (((0, 1.0),), (), ["Intro"]),
        ((), (), []),
    ],
)
def test_the_loudest_part_that_comes_back_is_the_chorus(
    parts: tuple[tuple[int, float], ...], solos: tuple[int, ...], names: list[str]
) -> None:
    assert [section.name for section in name_sections(song(*parts), solos)] == names


def test_chances_move_towards_those_of_similar_bars() -> None:
    chances = np.repeat([0.9, 0.5, 0.1], 16)
    drawn = blend_with_alike(chances, np.array([0, 1, 0]), 0.3)
    assert drawn[::16] == pytest.approx([0.9 - 0.4 * 0.3, 0.5, 0.1 + 0.4 * 0.3])


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.sampled_from((3, 4)))
def test_features_of_slots_are_finite_whatever_sounds(bars: list[int], division: int) -> None:
    slots = values.slots(len(bars), division)
    columns = slot_features(values.features(bars), slots)
    assert all(column.shape == (len(slots),) and np.isfinite(column).all() for column in columns.values())


def test_features_of_slots_know_where_each_lies() -> None:
    slots = values.slots(2)
    columns = slot_features(values.features([1, 2]), slots)
    assert columns["in_beat"][:5].tolist() == [0, 0.25, 0.5, 0.75, 0]
    assert columns["in_bar"][[0, 4, 12, 16]].tolist() == [0, 1, 3, 0]
    assert columns["slot_seconds"] == pytest.approx(0.125)
    assert columns["tone_fresh"][16] == max(columns["tone_fresh"][1:])

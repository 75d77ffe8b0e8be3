"""A bar repeats an earlier one unless it clearly differs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.notes.melody import DOWN, SAME, UP
from davproxy.charter.notes.repeats import repeated_notes, repeated_rhythms

PER_BAR = 4


def rhythms(*odds: list[float]) -> list[list[bool]]:
    """What is played of bars whose slots have these log odds."""
    row = np.array(odds, dtype=np.float64)
    found = repeated_rhythms(row.ravel() >= 0, row.ravel(), PER_BAR).reshape(row.shape)
    return [list(map(bool, bar)) for bar in found]


def test_a_doubtful_note_does_not_break_a_rhythm_and_a_clear_one_does() -> None:
    riff = [True, False, True, False]
    assert rhythms([3, -3, 3, -3], [3, -3, 3, 0.5], [3, 3, 3, -3]) == [riff, riff, [True, True, True, False]]


def test_silent_bars_stay_silent() -> None:
    assert rhythms([0.1, -3, -3, -3], [-0.1, -3, -3, -3])[1] == [False] * PER_BAR


@given(st.lists(st.lists(st.floats(-3, 3), min_size=PER_BAR, max_size=PER_BAR), min_size=1, max_size=12))
def test_each_bar_has_its_own_rhythm_or_that_of_an_earlier_bar(odds: list[list[float]]) -> None:
    own = (np.array(odds) >= 0).tolist()
    found = rhythms(*odds)
    for bar, rhythm in enumerate(found):
        assert rhythm == own[bar] or rhythm in found[:bar]


def melody(kinds: list[int], chance: float) -> NDArray[np.float64]:
    """Log chances of moves of these kinds, each as sure as `chance`."""
    moves = np.full((len(kinds), 3), (1 - chance) / 2)
    moves[np.arange(len(kinds)), kinds] = chance
    return np.asarray(np.log(moves))


def test_a_bar_takes_the_frets_of_an_earlier_one_unless_its_melody_clearly_differs() -> None:
    slots = np.arange(8)
    rising, falling = [0, 1, 2, 3], [3, 2, 1, 0]
    steps = [UP, UP, UP, SAME, DOWN, DOWN, DOWN]
    clear, doubtful = melody(steps, 0.9), melody(steps, 0.35)
    assert repeated_notes(np.array(rising + falling), clear, slots, PER_BAR).tolist() == list(range(8))
    assert repeated_notes(np.array(rising + falling), doubtful, slots, PER_BAR).tolist() == [0, 1, 2, 3] * 2


def test_only_bars_of_the_same_rhythm_repeat_each_other() -> None:
    slots = np.array([0, 1, 4, 6])
    assert repeated_notes(np.zeros(4, dtype=int), melody([SAME] * 3, 0.9), slots, PER_BAR).tolist() == [0, 1, 2, 3]

"""Frets follow the melody, and a riff's low string is the green one."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.notes.frets import fret_path
from davproxy.charter.notes.gems import FRETS
from davproxy.charter.notes.melody import Melody


def tune(pitch: list[int], certain: float = 0.98) -> Melody:
    """A melody whose moves are almost sure."""
    steps = np.sign(np.diff(pitch)).astype(int) + 1
    moves = np.full((len(steps), 3), (1 - certain) / 2)
    moves[np.arange(len(steps)), steps] = certain
    return Melody(np.array(pitch, dtype=np.float64), moves)


def test_the_low_string_of_a_riff_is_green() -> None:
    riff = [40, 40, 43, 40, 40, 47, 43, 40] * 6
    frets = fret_path(tune(riff))
    assert set(frets[np.array(riff) == 40]) == {0}
    assert frets.max() > 1


def test_a_scale_climbs_fret_by_fret() -> None:
    assert fret_path(tune([40, 43, 47, 50, 54])).tolist() == [0, 1, 2, 3, 4]


@given(st.lists(st.integers(40, 42), min_size=1, max_size=60))
def test_every_path_lies_on_the_neck_and_goes_the_way_that_is_heard(pitch: list[int]) -> None:
    frets = fret_path(tune(pitch, certain=0.999))
    assert ((frets >= 0) & (frets < FRETS)).all()
    for (one, other), (fret, following) in zip(pairwise(pitch), pairwise(frets.tolist()), strict=True):
        assert np.sign(other - one) == np.sign(following - fret)


def test_no_notes_have_no_frets() -> None:
    assert fret_path(Melody(np.zeros(0), np.zeros((0, 3)))).size == 0

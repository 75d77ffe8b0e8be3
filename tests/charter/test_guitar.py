"""Chords lie where the music has them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from davproxy.charter.notes.guitar import expert_guitar
from davproxy.charter.notes.note_selection import SelectedNotes
from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.features import spectral_features
from davproxy.charter.signal.note_activations import note_activations
from davproxy.charter.structure.repetition import first_alike
from davproxy.charter.structure.slots import grid_slots
from davproxy.charter.timing.grid import Grid, Segment
from tests.charter.music import pluck

pytestmark = pytest.mark.slow

BARS = 16
QUARTER = 0.5  # seconds


def chorded(bars: list[NDArray[np.float64]], accents: list[bool], on_stem: bool) -> list[bool]:
    """Which bars become chords, when each bar's sound is struck on its quarters, and some are accented."""
    samples = np.concatenate([np.tile(sound, 4) for sound in bars] + [np.zeros(RATE)]).astype(np.float32)
    features = spectral_features(samples)
    places = grid_slots(Grid((Segment(0.0, 0.0, 60 / QUARTER),), 4), len(bars) * 4 * QUARTER + 0.01, 4)
    strength = np.repeat(np.array(accents, dtype=np.float64), 4)
    selected = SelectedNotes(np.arange(0, len(places), 4), strength, first_alike(features, places))
    gems = expert_guitar(features, note_activations(samples), places, selected, 768, on_stem)
    return [all(len(gem.frets) > 1 for gem in gems[bar : bar + 4]) for bar in range(0, len(gems), 4)]


def test_chords_on_low_strings_of_a_stem_are_chords() -> None:
    high, low = pluck(67, QUARTER), 0.5 * (pluck(40, QUARTER) + pluck(47, QUARTER))
    expected = [bar % 8 == 3 for bar in range(BARS)]
    assert chorded([low if here else high for here in expected], [False] * BARS, on_stem=True) == expected


def test_accented_bars_of_a_mix_have_chords() -> None:
    expected = [bar % 8 == 5 for bar in range(BARS)]
    assert chorded([pluck(67 if here else 55, QUARTER) for here in expected], expected, on_stem=False) == expected

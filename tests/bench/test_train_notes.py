"""What the trees for notes learn."""

import numpy as np
import pytest

from davproxy.charter.structure.slots import STRAIGHT, grid_slots
from davproxy.charter.timing.grid import Grid, Segment
from tests.bench.lessons import Song
from tests.bench.train_notes import played_model, reconsidered, reconsidered_model, yes

BARS = 60

pytestmark = pytest.mark.slow  # scikit-learn takes seconds to load


def song_of_runs(number: int, people: frozenset[str]) -> Song:
    """Bars full of notes that are hardly audible, or empty ones."""
    grid = grid_slots(Grid((Segment(0.0, 0.0, 120.0),)), BARS * 2.0 + 0.01, STRAIGHT)
    chance = np.random.default_rng(number)
    played = np.repeat(chance.random(BARS) < 0.5, grid.per_bar)
    heard = {"attack": (played + chance.normal(size=len(grid))).astype(np.float32)}
    none = np.array([], dtype=np.int64)
    return Song(str(number), grid, heard, played, {}, none, np.arange(BARS), people, 1.0)


@pytest.mark.slow
def test_a_rhythm_follows_the_evidence_of_its_neighbours() -> None:
    songs = [song_of_runs(number, frozenset({"AB"[number]}) if number < 2 else frozenset()) for number in range(6)]
    first, unheard = played_model(songs), song_of_runs(6, frozenset())
    at_once = yes(first, unheard.slot_columns) > 0.5
    again = yes(reconsidered_model(songs), reconsidered(unheard, first).slot_columns) > 0.5
    assert 0.6 < np.mean(at_once == unheard.played) < 0.75
    assert np.mean(again == unheard.played) > 0.9

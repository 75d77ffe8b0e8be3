"""Boosted trees as arrays: their chances, and a file of another version."""

from pathlib import Path

import numpy as np
import pytest

from davproxy.charter.models import boosted
from davproxy.charter.models.boosted import Boosted
from davproxy.charter.models.forest import Forest
from davproxy.charter.notes.drum_chances import PIECES


def stump(threshold: float, low: float, high: float) -> Forest:
    """One tree: `low` where the first feature is at most `threshold`, else `high`."""
    return Forest(
        feature=np.zeros(3, np.int16),
        threshold=np.array([threshold, 0, 0], np.float32),
        left=np.array([1, 1, 2], np.int32),
        right=np.array([2, 1, 2], np.int32),
        value=np.array([0, low, high], np.float32),
        roots=np.array([0], np.int32),
    )


def test_one_forest_answers_yes_or_no() -> None:
    model = Boosted(("x",), (stump(0.5, -1.0, 1.0),), np.array([1.0], np.float32))
    chances = model.chances({"x": np.array([0.0, 1.0], np.float32), "unused": np.zeros(2, np.float32)})
    assert chances == pytest.approx([0.5, 1 / (1 + np.exp(-2))])


def test_several_forests_share_one() -> None:
    model = Boosted(("x",), tuple(stump(t, 0.0, 3.0) for t in (0.0, 1.0, 2.0)), np.zeros(3, np.float32))
    chances = model.chances({"x": np.array([-1.0, 0.5, 5.0], np.float32)})
    assert chances.shape == (3, 3)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert chances[0] == pytest.approx(1 / 3)
    assert chances[1].argmax() == 0


@pytest.mark.parametrize(
    ("file", "name"),
    [
        *((boosted.FILE, each) for each in ("played_in_mix", "played_on_stem", "reconsidered_on_stem", "moves_in_mix")),
        *((boosted.DRUMS, each) for each in (*PIECES, "drums")),
    ],
)
def test_the_trees_in_the_package_give_chances_whatever_they_see(file: Path, name: str) -> None:
    model = boosted.load(name, file)
    columns = {each: np.array([-1e6, 0.0, 1e6], np.float32) for each in model.features}
    chances = model.chances(columns)
    assert ((chances >= 0) & (chances <= 1)).all()

"""Forests as arrays give what the forest they were taken from gives."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor

from davproxy.charter.models import forest
from davproxy.charter.timing.meter import WEIGHTS
from tests.bench.train_meter import arrays

pytestmark = pytest.mark.slow  # scikit-learn takes seconds to load


def test_a_forest_predicts_as_it_did_when_it_was_fitted(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(300, 5)).astype(np.float32)
    model = ExtraTreesRegressor(7, min_samples_leaf=3, random_state=0).fit(rows, rows[:, 0] * rows[:, 1])
    np.savez(tmp_path / "weights.npz", allow_pickle=False, **arrays(model, "some"))
    fresh = random.normal(size=(50, 5)).astype(np.float32)
    assert np.allclose(forest.load(tmp_path / "weights.npz", "some").predict(fresh), model.predict(fresh), atol=1e-5)


def test_the_weights_in_the_package_are_forests() -> None:
    for name in ("beat", "bar"):
        trees = forest.load(WEIGHTS, name)
        assert np.all(trees.left < len(trees.value))
        assert np.all(trees.right < len(trees.value))
        assert np.all((trees.value > -0.01) & (trees.value < 1.01))

"""Gradient-boosted trees (Friedman, "Greedy function approximation: a gradient boosting machine", 2001) for yes/no and
which-of-several questions, on the plain forests of `forest`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import forest
from davproxy.charter.models.forest import Forest

VERSION = 4  # of the features and of the file; the training script writes it, and another one is refused
FILE = Path(__file__).with_name("notes.npz")


@dataclass(frozen=True)
class Boosted:
    """One forest for each class; a yes/no question has one. `features` are the names of the columns that the trees look
    at, in their order; `start` is each class's score before any tree, (classes,)."""

    features: tuple[str, ...]
    forests: tuple[Forest, ...]
    start: NDArray[np.float32]

    def chances(self, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float64]:
        """Probability of yes for each row, or of each class: (rows,) or (rows, classes), 0 to 1. `columns` are
        (rows,)."""
        rows = np.stack([columns[name] for name in self.features], axis=1)
        scores = np.stack([f.predict(rows) * len(f.roots) for f in self.forests], axis=1) + self.start
        if len(self.forests) == 1:
            return np.asarray(1.0 / (1.0 + np.exp(-scores[:, 0])))
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@cache
def load(name: str) -> Boosted:
    """The trees called `name`: `played_in_mix`, `reconsidered_on_stem`, `snare` … Raises ValueError for a file of
    another version."""
    with np.load(FILE) as arrays:
        if int(arrays["version"]) != VERSION:
            raise ValueError(
                f"{FILE.name} is of version {arrays['version']}, not {VERSION}: run tests.bench.train_notes"
            )
        features, start = tuple(arrays[f"{name}_features"].tolist()), arrays[f"{name}_start"]
    return Boosted(features, tuple(forest.load(FILE, f"{name}_{kind}") for kind in range(len(start))), start)

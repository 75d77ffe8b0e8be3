"""Gradient-boosted trees (Friedman, "Greedy function approximation: a gradient boosting machine", 2001) for binary and
multi-class classification, built on `forest`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import forest
from davproxy.charter.models.forest import Forest

VERSION = 4  # of the features and of the file, written by the training script; any other version is refused
FILE = Path(__file__).with_name("notes.npz")
DRUMS = Path(__file__).with_name("drums.npz")


@dataclass(frozen=True)
class Boosted:
    """Boosted trees: one forest for each class, or a single one for a binary question.

    `features` are the names of the columns that the trees read, in order. `start` is the score of each class before any
    tree, (classes,).
    """

    features: tuple[str, ...]
    forests: tuple[Forest, ...]
    start: NDArray[np.float32]

    def chances(self, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float64]:
        """Probabilities from 0 to 1: that the answer is yes, (rows,), or of each class, (rows, classes). `columns` are
        the features by name, (rows,) each."""
        rows = np.stack([columns[name] for name in self.features], axis=1)
        scores = np.stack([f.predict(rows) * len(f.roots) for f in self.forests], axis=1) + self.start
        if len(self.forests) == 1:
            return np.asarray(1.0 / (1.0 + np.exp(-scores[:, 0])))
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@cache
def load(name: str, file: Path = FILE) -> Boosted:
    """The trees called `name` of a file: `played_in_mix`, `reconsidered_on_stem` …, or of DRUMS `snare` … Raises
    ValueError for a file of another version."""
    with np.load(file) as arrays:
        if int(arrays["version"]) != VERSION:
            raise ValueError(
                f"{file.name} is of version {arrays['version']}, not {VERSION}: run tests.bench.train_{file.stem}"
            )
        features, start = tuple(arrays[f"{name}_features"].tolist()), arrays[f"{name}_start"]
    return Boosted(features, tuple(forest.load(file, f"{name}_{kind}") for kind in range(len(start))), start)

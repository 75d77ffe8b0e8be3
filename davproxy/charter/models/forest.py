"""Small regression forests as plain arrays: trained by tests/bench, stored in the repository, applied with numpy
alone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Forest:
    """Decision trees in flat arrays, one after the other.

    From node i, a row x goes to `left[i]` if `x[feature[i]] <= threshold[i]`, else to `right[i]`. A leaf points to
    itself and predicts `value[i]`. `roots` are the first nodes of the trees, (trees,); the other arrays are (nodes,).
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    roots: NDArray[np.int32]

    def predict(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """The mean prediction of all trees for each of `rows` (rows, features): (rows,)."""
        node = np.tile(self.roots, (len(rows), 1))
        row = np.arange(len(rows))[:, None]
        while True:
            low = rows[row, self.feature[node]] <= self.threshold[node]
            following = np.where(low, self.left[node], self.right[node])
            if np.array_equal(following, node):
                return np.asarray(self.value[node].mean(axis=1, dtype=np.float64))
            node = following


def load(path: Path, name: str) -> Forest:
    """The forest called `name` in an npz file."""
    with np.load(path) as arrays:
        return Forest(**{field: arrays[f"{name}_{field}"] for field in Forest.__dataclass_fields__})

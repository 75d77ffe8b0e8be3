"""The best path through states, step by step (Viterbi, "Error bounds for convolutional codes", 1967)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def best_path(evidence: Floats, cost: Floats) -> NDArray[np.intp]:
    """The states, one for each row of `evidence` (steps, states), with the most evidence less the cost of each change.

    `cost` holds what it costs to come to a state (its rows) from another (its columns): (states, states) for every
    step, or (steps - 1, states, states) for each. Of states as good as each other, the first is taken.
    """
    steps, count = evidence.shape
    if not steps:
        return np.zeros(0, dtype=np.intp)
    costs = np.broadcast_to(cost, (steps - 1, count, count))
    came_from = np.zeros((steps, count), dtype=np.intp)
    states = np.arange(count)
    score = evidence[0]
    for step in range(1, steps):
        total = score - costs[step - 1]
        came_from[step] = np.argmax(total, axis=1)
        score = total[states, came_from[step]] + evidence[step]
    path = np.empty(steps, dtype=np.intp)
    path[-1] = np.argmax(score)
    for step in range(steps - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path

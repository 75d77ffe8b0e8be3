"""The best path through a sequence of states (Viterbi, "Error bounds for convolutional codes", 1967)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def best_path(evidence: Floats, cost: Floats) -> NDArray[np.intp]:
    """The path with the largest sum of evidence minus transition costs: the index of a state for each step, (steps,).

    `evidence` is (steps, states). `cost` is the cost of a transition to a state (rows) from a state (columns):
    (states, states) if it is the same for all steps, else (steps - 1, states, states). A tie goes to the first state.
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

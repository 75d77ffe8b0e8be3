"""The best path is the best of all paths."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.viterbi import best_path


def score(path: NDArray[np.intp] | tuple[int, ...], evidence: NDArray[np.float64], cost: NDArray[np.float64]) -> float:
    """The evidence along a path less the cost of its changes; `cost` is (steps - 1, to, from)."""
    steps = sum(evidence[step, state] for step, state in enumerate(path))
    return float(steps - sum(cost[step, path[step + 1], path[step]] for step in range(len(path) - 1)))


@given(steps=st.integers(1, 5), states=st.integers(1, 4), seed=st.integers(0, 999), constant=st.booleans())
def test_no_path_is_better(steps: int, states: int, seed: int, constant: bool) -> None:
    chance = np.random.default_rng(seed)
    evidence, costs = chance.normal(size=(steps, states)), chance.normal(size=(steps - 1, states, states))
    if constant:
        costs = np.broadcast_to(chance.normal(size=(states, states)), costs.shape)
    path = best_path(evidence, costs[0] if constant and steps > 1 else costs)
    best = max(score(other, evidence, costs) for other in product(range(states), repeat=steps))
    assert abs(score(path, evidence, costs) - best) < 1e-9


def test_evidence_is_weighed_against_changes() -> None:
    evidence = np.array([[2.0, 0], [0, 0.5], [2, 0], [0, 5]])
    assert best_path(evidence, np.zeros((2, 2))).tolist() == [0, 1, 0, 1]
    assert best_path(evidence, 2 * (1 - np.eye(2))).tolist() == [0, 0, 0, 1]


def test_no_steps_have_no_path() -> None:
    assert best_path(np.zeros((0, 3)), np.zeros((3, 3))).size == 0

"""How candidates for the meter are ranked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.models import forest
from davproxy.charter.timing.meter import part_starts, rank_anywhere


@given(st.floats(0, 10), st.floats(0.1, 600), st.floats(1, 100))
def test_parts_overlap_by_half_and_leave_nothing_out(start: float, seconds: float, length: float) -> None:
    starts = part_starts(start, start + seconds, length)
    assert starts[0] == start
    assert np.diff(starts) == pytest.approx(length / 2)
    assert starts[-1] + length >= start + seconds - 1e-6
    assert len(starts) == 1 or starts[-1] + length / 2 <= start + seconds + 1e-6


def test_a_rank_anywhere_is_the_mean_over_all_starts() -> None:
    """By a tree with two leaves: 1 if the start is that of the candidate, else 0."""
    tree = forest.Forest(
        feature=np.zeros(3, np.int16),
        threshold=np.array([0.5, 0, 0], np.float32),
        left=np.array([1, 1, 2], np.int32),
        right=np.array([2, 1, 2], np.int32),
        value=np.array([0, 1, 0], np.float32),
        roots=np.zeros(1, np.int32),
    )

    def apart(start: float) -> NDArray[np.float32]:
        return np.abs(np.array([[0.0], [1.0], [9.0]]) - start).astype(np.float32)

    assert rank_anywhere(tree, apart, [0.0, 1.0, 1.0, 2.0]).tolist() == [0.25, 0.5, 0.0]

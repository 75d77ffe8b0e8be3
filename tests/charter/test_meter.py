"""The parts of a song in which candidates for the meter are ranked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.timing.meter import part_starts


@given(st.floats(0, 10), st.floats(0.1, 600), st.floats(1, 100))
def test_parts_overlap_by_half_and_leave_nothing_out(start: float, seconds: float, length: float) -> None:
    starts = part_starts(start, start + seconds, length)
    assert starts[0] == start
    assert np.diff(starts) == pytest.approx(length / 2)
    assert starts[-1] + length >= start + seconds - 1e-6
    assert len(starts) == 1 or starts[-1] + length / 2 <= start + seconds + 1e-6

"""The pulse: constant, in pieces, and mended where it was lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.signal.onset_strength import FRAMES
from davproxy.charter.timing.tactus import Pulse, best_path, explained, find_pulse, mend


def impulses(times: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
    """A flux that peaks at `times`, 15 ms wide, over a little noise."""
    frames = np.arange(int(seconds * FRAMES)) / FRAMES
    random = np.random.default_rng(0)
    peaks = [np.exp(-0.5 * ((frames - time) / 0.008) ** 2) * random.uniform(0.5, 1) for time in times]
    return np.asarray(np.sum(peaks, axis=0) + 0.05 * random.random(len(frames)), dtype=np.float32)


def beats(pulse: Pulse, seconds: float) -> NDArray[np.float64]:
    return pulse.time(np.arange(np.ceil(pulse.halves[0]), pulse.at(np.array([seconds]))[0]))


@pytest.mark.slow
@given(st.floats(1.5, 3.3), st.floats(0, 1))
def test_a_steady_pulse_is_found_to_the_millisecond(rate: float, start: float) -> None:
    times = np.arange(start, 30, 1 / rate)
    pulse = find_pulse(impulses(times, 30))
    assert pulse.constant
    apart = np.abs(beats(pulse, 30)[:, None] - times).min(axis=0)
    assert np.median(apart) < 0.002


def test_a_lost_half_pulse_is_mended() -> None:
    first, second = np.arange(0, 20, 0.25), 20 + np.arange(0, 20, 0.3)
    onsets = impulses(np.concatenate([first, second]), 40)
    lost = Pulse(np.array([0.0, 18.5, 21.0, 40.0]), np.array([0.0, 74.0, 84.33 + 1, 147.67 + 1]))
    mended = mend(onsets, lost)
    assert len(mended.seconds) == 3
    assert mended.seconds[1] == pytest.approx(20, abs=0.1)
    assert explained(onsets, mended) > explained(onsets, lost)


def test_time_is_the_inverse_of_the_pulse() -> None:
    pulse = Pulse(np.array([0.0, 10.0, 30.0]), np.array([-1.0, 40.0, 100.0]))
    places = np.linspace(-20, 130, 200)
    assert np.allclose(pulse.at(pulse.time(places)), places)


def test_the_best_path_weighs_evidence_against_changes() -> None:
    evidence = np.array([[2.0, 0], [0, 0.5], [2, 0], [0, 5]])
    free, dear = np.zeros((2, 2)), 2 * (1 - np.eye(2))
    assert list(best_path(evidence, free)) == [0, 1, 0, 1]
    assert list(best_path(evidence, dear)) == [0, 0, 0, 1]

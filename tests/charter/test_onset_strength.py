"""Onset strength peaks where something begins, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.onset_strength import EARLY, local_mean, onset_strength, standardize
from davproxy.charter.signal.spectrum import FRAME_RATE, log_mel
from davproxy.charter.structure.slots import moving_mean

BURSTS = np.arange(1.0, 31.0, 0.7)
EVERYTHING = (0, RATE / 2)
LOW, MIDDLE, HIGH = (30, 150), (400, 1500), (4000, 10000)


def bursts(*bands: tuple[float, float]) -> NDArray[np.float32]:
    """Bursts of noise at BURSTS, each between the two frequencies (Hz) of the next of `bands`, over a little noise."""
    chance = np.random.default_rng(0)
    signal = 1e-4 * chance.normal(size=32 * RATE)
    length = RATE // 4
    frequency = np.fft.rfftfreq(length, 1 / RATE)
    for number, start in enumerate(BURSTS):
        low, high = bands[number % len(bands)]
        spectrum = np.fft.rfft(chance.normal(size=length)) * ((frequency >= low) & (frequency < high))
        burst = np.fft.irfft(spectrum, length)
        burst *= np.exp(-np.arange(length) / RATE / 0.05) / np.abs(burst).max()
        first = round(start * RATE)
        signal[first : first + length] += burst
    return signal.astype(np.float32)


def test_it_peaks_a_little_before_each_attack() -> None:
    strength = onset_strength(log_mel(bursts(EVERYTHING)))
    early = []
    for start in BURSTS:
        first = round((start - 0.1) * FRAME_RATE)
        early.append(start - (first + strength.total[first : first + 35].argmax()) / FRAME_RATE)
    assert np.median(early) == pytest.approx(EARLY, abs=0.004)


def test_each_band_answers_to_its_own_sounds() -> None:
    bands = onset_strength(log_mel(bursts(LOW, MIDDLE, HIGH))).bands
    frames = np.round((BURSTS - EARLY) * FRAME_RATE).astype(int)
    for band in range(3):
        own, others = frames[band::3], np.delete(frames, np.s_[band::3])
        assert bands[band, own].mean() > 1.5 * bands[band, others].mean()


def test_silence_and_a_constant_have_none() -> None:
    silent = onset_strength(log_mel(np.zeros(6 * RATE, dtype=np.float32)))
    assert not silent.total.any()
    assert silent.seconds == pytest.approx(6, abs=0.02)
    assert not standardize(np.full(2000, 3.0, dtype=np.float32)).any()


def test_local_mean() -> None:
    assert local_mean(np.array([0, 3, 6, 9], dtype=np.float32), 3).tolist() == [1.5, 3.0, 6.0, 7.5]


@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=40), st.integers(1, 60))
def test_means_lie_between_the_extremes(values: list[float], width: int) -> None:
    row = np.array(values, dtype=np.float32)
    for mean in (local_mean(row, width), moving_mean(row, width)):
        assert mean.shape == row.shape
        assert ((mean >= row.min() - 1e-4) & (mean <= row.max() + 1e-4)).all()

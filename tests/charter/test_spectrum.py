"""The short-time Fourier transform and the log-mel spectrum, of signals whose spectrum is known."""

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.spectrum import BLOCK, HOP, LOWEST, MELS, frame_count, log_mel, magnitudes, rms


def sine(frequency: float, seconds: float) -> NDArray[np.float32]:
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE)) / RATE).astype(np.float32)


def noise(seconds: float) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=int(seconds * RATE)).astype(np.float32)


def test_a_sine_lies_in_its_bin() -> None:
    window, hop, number = 2048, 256, 93
    frames = np.concatenate(list(magnitudes(sine(number * RATE / window, 1.0), window, hop, 50)))
    inside = frames[8:-8]
    assert (inside.argmax(axis=1) == number).all()
    assert inside[:, number] == pytest.approx(np.hanning(window).sum() / 2, rel=1e-3)


@given(samples=st.integers(0, 5000), beyond=st.integers(0, 2), block=st.integers(1, 40))
def test_blocks_together_are_all_frames(samples: int, beyond: int, block: int) -> None:
    signal = noise(0.25)[:samples]
    blocks = list(magnitudes(signal, 512, 128, block, beyond))
    assert all(0 < len(each) <= block for each in blocks)
    assert sum(map(len, blocks)) == frame_count(signal, 128, beyond)
    whole = np.concatenate(list(magnitudes(signal, 512, 128, 10_000, beyond)))
    assert np.array_equal(np.concatenate(blocks), whole)


def test_each_mel_band_answers_to_its_frequency() -> None:
    centres = librosa.mel_frequencies(n_mels=MELS + 2, fmin=LOWEST, fmax=RATE / 2)[1:-1]
    for band in (20, 40, 60):
        assert log_mel(sine(centres[band], 0.5))[:, 40].argmax() == band


@given(st.floats(1e-3, 1e3))
def test_loudness_does_not_change_the_log_mel_spectrum(gain: float) -> None:
    signal = noise(0.2)
    assert np.allclose(log_mel(signal), log_mel((gain * signal).astype(np.float32)), atol=1e-3)


def test_the_spectrum_of_silence_is_zero() -> None:
    found = log_mel(np.zeros(RATE, dtype=np.float32))
    assert found.shape == (MELS, RATE // HOP + 2)
    assert not found.any()


def test_a_long_signal_is_the_same_in_every_block() -> None:
    period = HOP * 8
    signal = np.tile(noise(1.0)[:period], BLOCK * HOP // period + 40)
    found = log_mel(signal)
    assert np.allclose(found[:, BLOCK - 8], found[:, BLOCK + 8], atol=1e-4)


def test_rms() -> None:
    assert rms(np.array([3.0, -3.0], dtype=np.float32)) == 3.0
    assert rms(np.zeros(4, dtype=np.float32)) == 1.0

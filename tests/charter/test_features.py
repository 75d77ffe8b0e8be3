"""The features of sounds that are known: semitones, partials, chroma."""

from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.chroma import chroma
from davproxy.charter.signal.features import (
    BANDS,
    LOWEST_NOTE,
    PARTIAL_BINS,
    PARTIAL_WINDOW,
    SEMITONES,
    TONE_HOP,
    attacks_at,
    pool,
    spectral_features,
)
from davproxy.charter.signal.spectrum import log_mel


def note(midi: int, seconds: float) -> NDArray[np.float64]:
    return np.asarray(np.sin(2 * np.pi * 440 * 2 ** ((midi - 69) / 12) * np.arange(int(seconds * RATE)) / RATE))


def chord(*midi: int, seconds: float = 2.0) -> NDArray[np.float64]:
    return np.asarray(np.sum([note(each, seconds) for each in midi], axis=0))


def test_each_semitone_has_its_row() -> None:
    pitches = (40, 57, 69, 88)
    features = spectral_features(np.concatenate([note(pitch, 1.0) for pitch in pitches]).astype(np.float32))
    assert features.tones.shape == (SEMITONES, 1 + 4 * RATE // TONE_HOP)
    middles = np.round((np.arange(4) + 0.5) * RATE / TONE_HOP).astype(int)
    assert (features.tones[:, middles].argmax(axis=0) + LOWEST_NOTE).tolist() == list(pitches)


def test_partials_are_of_tones_and_not_of_noise() -> None:
    tone = note(69, 2.0)
    noise = np.random.default_rng(0).normal(size=2 * RATE)
    features = spectral_features(np.concatenate([tone, noise]).astype(np.float32))
    half = features.partials.shape[1] // 2
    inside = features.partials[:, 20 : half - 20].mean(axis=1, dtype=np.float32)
    assert abs(inside.argmax() + PARTIAL_BINS.start - 440 * PARTIAL_WINDOW / RATE) <= 1
    outside = features.partials[:, half + 20 : -20].mean(axis=1, dtype=np.float32)
    assert inside.max() > 3 * outside.max()
    assert features.body[half + 20 : -20].mean() > features.body[20 : half - 20].mean()


def test_a_log_mel_spectrum_that_is_known_changes_nothing() -> None:
    samples = chord(50, 62).astype(np.float32)
    one, other = spectral_features(samples), spectral_features(samples, log_mel(samples))
    assert np.array_equal(one.attacks, other.attacks)
    assert np.array_equal(one.levels, other.levels)


def test_an_attack_shows_in_every_band_that_it_has() -> None:
    samples = np.zeros(3 * RATE, dtype=np.float32)
    samples[RATE : RATE + 2000] = np.random.default_rng(0).normal(size=2000)
    attacks = attacks_at(spectral_features(samples), np.array([0.5, 1.0, 2.0]))
    assert attacks.shape == (BANDS, 3)
    assert (attacks[:, 1] > 0.1).all()
    assert not attacks[:, [0, 2]].any()


@pytest.mark.parametrize(("pick", "found"), [("max", [[20, 40]]), ("mean", [[10, 40]])])
def test_pool_looks_around_each_time_and_no_further_than_the_ends(
    pick: Literal["max", "mean"], found: list[list[float]]
) -> None:
    rows = np.array([[0, 10, 20, 30, 40]], dtype=np.float32)
    assert pool(rows, 10.0, np.array([0.1, 0.9]), -0.1, 0.1, pick).tolist() == found


def test_chroma_knows_its_pitch_classes() -> None:
    c_major, e = (60, 64, 67), 40
    found = chroma((chord(*c_major) + 2 * note(e, 2.0)).astype(np.float32)).mean(np.array([0.5]), np.array([1.5]))
    assert found.shape == (2, 12, 1)
    assert found[0, :, 0].argmax() == e % 12
    assert set(np.argsort(found[1, :, 0])[-3:].tolist()) == {pitch % 12 for pitch in c_major}
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-3)


def test_chroma_changes_where_the_chord_does() -> None:
    samples = np.concatenate([chord(48, 60, 64, 67), chord(48, 60, 64, 67), chord(42, 66, 70, 73)]).astype(np.float32)
    starts, middles, ends = np.array([0.2, 2.2]), np.array([2.0, 4.0]), np.array([3.8, 5.8])
    same, other = chroma(samples).change(starts, middles, ends)
    assert same < 0.05
    assert other > 1.0

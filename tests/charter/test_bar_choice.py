"""The choices that the bar has, and what they are judged by."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.models import forest
from davproxy.charter.timing.bar_choice import METERS, Bar, bar_row, bars, parts, plain_meter, rank_anywhere, votes


def test_the_bars_of_a_meter_begin_on_each_of_its_beats() -> None:
    assert [bar for bar in bars() if bar.beats == 3] == [Bar(3, 0), Bar(3, 1), Bar(3, 2)]
    assert len(bars()) == sum(METERS)


@pytest.mark.parametrize("bar", bars())
def test_the_accent_of_a_bar_is_on_its_downbeats(bar: Bar) -> None:
    number = np.arange(24)
    scores = np.where(number % bar.beats == bar.offset, 1.0, 0.0)[None]
    row = bar_row(scores, float(bar.offset), bar)
    assert row[:2].tolist() == [1.0, 1.0]
    assert row[-2:].tolist() == [0.0, 0.0]


@given(st.integers(8, 500), st.sampled_from((3, 4, 5)), st.integers(0, 400))
def test_the_bar_of_most_of_a_song_is_chosen_though_the_grid_slips(count: int, meter: int, slip: int) -> None:
    choices, heard = bars([meter]), np.zeros(count, dtype=bool)

    def rank(part: slice, turned: Sequence[Bar]) -> NDArray[np.float64]:
        """A part that begins before the beat `slip` has its downbeats on beat 1, any other on beat 2."""
        heard[part] = True
        return np.array([(part.start + bar.offset - (1 if part.start < slip else 2)) % meter == 0 for bar in turned])

    shares = votes(rank, choices, count)
    assert heard.all()
    assert sum(shares) == pytest.approx(1)
    assert shares[1] + shares[2] == pytest.approx(1)
    if slip >= count:
        assert shares[1] == pytest.approx(1)


@given(st.integers(1, 500))
def test_a_part_of_a_song_has_the_bars_of_the_song(count: int) -> None:
    numbers = np.arange(count)
    for part, turned in parts(bars(), count):
        for bar, here in zip(bars(), turned, strict=True):
            downbeats = numbers[part][np.arange(len(numbers[part])) % here.beats == here.offset]
            assert np.all(downbeats % bar.beats == bar.offset)


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


def accented(meter: int, count: int, noise: float = 0.5) -> NDArray[np.float64]:
    """Accents of `count` beats whose pattern comes back after `meter` of them."""
    chance = np.random.default_rng(meter)
    bars = np.tile(chance.permutation(np.linspace(-1.5, 1.5, 6 * meter)).reshape(6, meter), count // meter + 1)
    found = bars[:, :count] + noise * chance.normal(size=(6, count))
    return np.asarray((found - found.mean(axis=1, keepdims=True)) / found.std(axis=1, keepdims=True))


@pytest.mark.parametrize("meter", [3, 5, 7])
def test_a_plain_odd_meter_is_heard(meter: int) -> None:
    assert plain_meter(accented(meter, 120)) == meter
    assert plain_meter(accented(meter, 30)) is None


def test_a_slow_waltz_in_eighths_has_six_of_them() -> None:
    """All eighths are alike, so that the accents of every second beat hide behind them."""
    slow = accented(3, 60, noise=0.1)
    doubled = np.empty((6, 120))
    doubled[:, ::2], doubled[:, 1::2] = 3.0 + slow, -3.0
    doubled -= doubled.mean(axis=1, keepdims=True)
    assert plain_meter(doubled / doubled.std(axis=1, keepdims=True)) == 6


def test_fours_and_noise_are_no_odd_meter() -> None:
    assert plain_meter(accented(4, 120)) is None
    assert plain_meter(accented(2, 120)) is None
    assert plain_meter(np.random.default_rng(0).normal(size=(6, 120))) is None

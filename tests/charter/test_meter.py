"""The choices that the meter has, and what they are judged by."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.timing.meter import (
    FASTEST,
    METERS,
    SLOWEST,
    Bar,
    Beat,
    autocorrelation,
    bar_row,
    bars,
    beats,
    plain_meter,
    sample,
    typical_rate,
    votes,
)
from davproxy.charter.timing.tatum_map import TatumMap


def steady(rate: float, seconds: float = 60.0) -> TatumMap:
    """`rate` tatums a second from time 0."""
    end = np.array([0.0, seconds])
    return TatumMap(end, rate * end)


@given(st.floats(2.0, 8.3))
def test_every_choice_is_a_tempo_that_people_tap(rate: float) -> None:
    choices = beats(steady(rate))
    assert len(set(choices)) == len(choices) > 0
    assert typical_rate(steady(rate)) == pytest.approx(rate)
    for beat in choices:
        assert 0 <= beat.offset < beat.tatums
        if beat.tatums != 2:  # what is left where nothing else is
            assert SLOWEST <= 60 * rate / beat.tatums <= FASTEST


@given(st.floats(2.5, 12))
def test_a_shuffle_has_beats_of_three_tatums(rate: float) -> None:
    """No tempo at two thirds or four thirds of what is tapped."""
    choices = beats(replace(steady(rate), of_tactus=3))
    assert {beat.tatums for beat in choices} <= {3, 6}
    assert all(beat.offset == round(beat.offset) for beat in choices)


def test_the_bars_of_a_meter_begin_on_each_of_its_beats() -> None:
    assert [bar for bar in bars() if bar.beats == 3] == [Bar(3, 0), Bar(3, 1), Bar(3, 2)]
    assert len(bars()) == sum(METERS)


def test_a_beat_falls_on_its_tatums_from_the_start_on() -> None:
    assert Beat(2, 1.0).positions(steady(4.0), 2.0).tolist() == [1, 3, 5, 7]
    assert Beat(3, 0.5).positions(steady(4.0), 2.0).tolist() == [0.5, 3.5, 6.5]


def test_bands_are_sampled_between_frames() -> None:
    bands = np.stack([np.arange(400), 2 * np.arange(400)]).astype(np.float32)
    frame = 22050 / 128
    assert sample(bands, steady(1.0), np.array([[1.0], [1.5]])) == pytest.approx(
        np.array([[[frame], [1.5 * frame]], [[2 * frame], [3 * frame]]])
    )


def test_autocorrelation_is_one_at_the_period_and_minus_one_at_half_of_it() -> None:
    folded = np.tile([1.0, 0.0, -1.0, 0.0], 16)[None, :, None]
    assert autocorrelation(folded, (1, 2, 4)) == pytest.approx([0, -1, 1], abs=1e-4)
    assert autocorrelation(folded[:, :5], (2,)).tolist() == [0.0]


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

"""The choices that the beat has, and what they are judged by."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.timing.beat_choice import FASTEST, SLOWEST, Beat, autocorrelation, beats, sample, typical_rate
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

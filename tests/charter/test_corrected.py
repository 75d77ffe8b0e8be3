"""A grid as a person corrects it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.correction import Correction
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.onset_strength import onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.timing.beat_tracking import PICKUP
from davproxy.charter.timing.corrected import corrected, nearest_ratio, track, typical_bpm
from davproxy.charter.timing.grid import Grid, Segment
from davproxy.errors import BadInput
from tests.charter import music

GRID = Grid((Segment(0.0, 0.5, 120.0), Segment(16.0, 8.5, 100.0)))
EXACT = GRID.shifted(0.012)
MUSIC = 0.5


def of(**given_values: object) -> Grid:
    """The corrected GRID."""
    grid, exact = corrected(GRID, EXACT, MUSIC, Correction.of(given_values))
    assert exact.time(np.arange(40)) == pytest.approx(grid.time(np.arange(40)) + 0.012)
    return grid


@given(st.integers(-6, 6), st.sampled_from([0, *range(2, 8)]), st.floats(-0.5, 0.5), st.sampled_from(["", "x2", "/2"]))
def test_bars_begin_before_the_music_and_stay_where_they_are_put(
    shift: int, beats: int, offset: float, tempo: str
) -> None:
    grid = of(bar_shift=shift, beats_per_bar=beats, offset=offset, tempo=tempo)
    assert grid.beats_per_bar == (beats or 4)
    assert grid.time(0) <= MUSIC + PICKUP + 1e-9 < grid.time(grid.beats_per_bar)
    plain = GRID.at_rate({"": Fraction(1), "x2": Fraction(2), "/2": Fraction(1, 2)}[tempo]).shifted(offset)
    late = (float(plain.beat(grid.time(0))) - shift) / grid.beats_per_bar
    assert late == pytest.approx(round(late), abs=1e-6)


@given(st.integers(-6, 2))
def test_a_shift_by_a_whole_bar_is_none(shift: int) -> None:
    assert of(bar_shift=shift) == of(bar_shift=shift + 4)


def test_every_second_bar_of_halved_beats_is_a_bar_as_before() -> None:
    assert of(tempo="/2").time([0, 4, 8]) == pytest.approx(GRID.time([0, 8, 16]))
    assert of(tempo="x2").time([0, 4, 8]) == pytest.approx(GRID.time([0, 2, 4]))


@pytest.mark.parametrize(
    ("tapped", "ratio"),
    [(118, 1), (243, 2), (61, Fraction(1, 2)), (355, 3), (39, Fraction(1, 3)), (161, Fraction(4, 3))],
)
def test_a_tapped_tempo_is_a_small_ratio_of_what_was_tracked(tapped: float, ratio: Fraction) -> None:
    assert nearest_ratio(Grid((Segment(0.0, 0.5, 120.0),)), tapped) == ratio


def test_the_typical_tempo_is_that_of_most_of_the_time() -> None:
    assert typical_bpm(Grid((Segment(0.0, 0.0, 90.0), Segment(2.0, 4 / 3, 140.0), Segment(64.0, 28.0, 100.0)))) == 140


def test_a_beat_that_is_too_fast_is_refused() -> None:
    with pytest.raises(BadInput, match="20 to 400 are"):
        corrected(GRID.at_rate(Fraction(2)), EXACT.at_rate(Fraction(2)), MUSIC, Correction(tempo="x2"))


@pytest.mark.slow
def test_a_tempo_that_is_no_part_of_what_was_tracked_is_tracked_again() -> None:
    drums = music.band(100.0, 20)["drums"]
    audio = Audio(drums, music.RATE, 1, "wav")
    onsets = onset_strength(log_mel(drums))
    assert typical_bpm(track(audio, onsets, Correction())[0].grid) in (100.0, 200.0)
    again, found = (each.grid for each in track(audio, onsets, Correction(bpm=113.0)))
    assert typical_bpm(found) in (100.0, 200.0)
    assert float(nearest_ratio(again, 113.0)) * typical_bpm(again) == pytest.approx(113.0, rel=0.06)

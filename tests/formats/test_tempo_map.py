"""Ticks to seconds and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats.chart import Tempo
from davproxy.formats.tempo_map import TempoMap


def test_one_tempo_is_a_straight_line() -> None:
    tempo_map = TempoMap(192, [Tempo(0, 150_000)])
    assert tempo_map.seconds(192) == pytest.approx(0.4)
    assert tempo_map.tick(0.4) == pytest.approx(192)


def test_each_marker_counts_from_its_own_tick_on() -> None:
    tempo_map = TempoMap(100, [Tempo(0, 60_000), Tempo(200, 120_000), Tempo(400, 30_000)])
    assert [tempo_map.seconds(tick) for tick in (100, 200, 300, 400, 500)] == pytest.approx([1, 2, 2.5, 3, 5])


def test_games_play_at_120_until_the_first_marker() -> None:
    tempo_map = TempoMap(100, [Tempo(100, 60_000)])
    assert tempo_map.seconds(200) == pytest.approx(1.5)


def test_of_two_markers_at_a_tick_the_last_counts() -> None:
    assert TempoMap(100, [Tempo(0, 60_000), Tempo(0, 120_000)]).seconds(100) == pytest.approx(0.5)


@given(
    st.integers(1, 1920),
    st.lists(st.builds(Tempo, st.integers(0, 100_000), st.integers(10_000, 400_000)), max_size=20),
    st.floats(0, 200_000),
)
def test_tick_is_the_inverse_of_seconds(resolution: int, tempos: list[Tempo], tick: float) -> None:
    tempo_map = TempoMap(resolution, sorted(tempos, key=lambda tempo: tempo.tick))
    assert tempo_map.tick(tempo_map.seconds(tick)) == pytest.approx(tick, abs=1e-4)


@given(
    st.lists(st.builds(Tempo, st.integers(0, 1000), st.integers(10_000, 400_000)), max_size=20),
    st.lists(st.integers(0, 1200)).map(sorted),
)
def test_many_ticks_have_the_times_of_each(tempos: list[Tempo], ticks: list[int]) -> None:
    tempo_map = TempoMap(192, tempos)
    assert tempo_map.seconds_of(ticks) == [tempo_map.seconds(tick) for tick in ticks]

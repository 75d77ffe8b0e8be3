"""Tatums: at a constant rate, in pieces, and with pieces joined where a tatum was lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.polyline import fit_polyline, join_pieces
from davproxy.charter.timing.tactus import in_thirds, parabolic_peak, phase, track_tatums
from davproxy.charter.timing.tatum_map import TatumMap, explained_share


def impulses(times: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
    """Onset strength that peaks at `times`, 15 ms wide, over a little noise."""
    frames = np.arange(int(seconds * FRAME_RATE)) / FRAME_RATE
    random = np.random.default_rng(0)
    peaks = [np.exp(-0.5 * ((frames - time) / 0.008) ** 2) * random.uniform(0.5, 1) for time in times]
    return np.asarray(np.sum(peaks, axis=0) + 0.05 * random.random(len(frames)), dtype=np.float32)


def beats(tatums: TatumMap, seconds: float) -> NDArray[np.float64]:
    return tatums.time(np.arange(np.ceil(tatums.tatums[0]), tatums.at(np.array([seconds]))[0]))


@pytest.mark.slow
@given(st.floats(1.5, 3.3), st.floats(0, 1))
def test_a_steady_beat_is_found_to_the_millisecond(rate: float, start: float) -> None:
    times = np.arange(start, 30, 1 / rate)
    tatums = track_tatums(impulses(times, 30))
    assert tatums.constant
    apart = np.abs(beats(tatums, 30)[:, None] - times).min(axis=0)
    assert np.median(apart) < 0.002


@pytest.mark.parametrize("beside", [-0.25, 0.0, 0.25])
def test_the_beats_of_a_shuffle_are_on_thirds_of_the_tactus(beside: float) -> None:
    """Halves of it that fit a shuffle well lie beside its beats, since only every second one can be played."""
    beat, start = 60 / 130, 0.3
    played = np.arange(start, 29, beat)
    onsets = impulses(np.sort(np.concatenate([played, played + beat * 2 / 3])), 30)
    end = np.array([0.0, 30.0])
    thirds = in_thirds(onsets, TatumMap(end, 2 * (end - start) / beat + beside))
    assert thirds.of_tactus == 3
    assert thirds.rate == pytest.approx(3 / beat)
    apart = np.abs(beats(thirds, 30)[:, None] - played).min(axis=0)
    assert np.max(apart) < 0.002


@pytest.mark.parametrize("parts", [(0.5,), (0.25, 0.5, 0.75), ()])
def test_straight_music_keeps_the_halves_of_its_tactus(parts: tuple[float, ...]) -> None:
    played = np.concatenate([np.arange(0.3 + part * 0.5, 29, 0.5) for part in (0.0, *parts)])
    onsets = impulses(np.sort(played), 30)
    halves = track_tatums(onsets)
    assert in_thirds(onsets, halves) is halves


def test_a_lost_tactus_phase_is_corrected() -> None:
    first, second = np.arange(0, 20, 0.25), 20 + np.arange(0, 20, 0.3)
    onsets = impulses(np.concatenate([first, second]), 40)
    lost = TatumMap(np.array([0.0, 18.5, 21.0, 40.0]), np.array([0.0, 74.0, 84.33 + 1, 147.67 + 1]))
    joined = join_pieces(onsets, lost)
    assert len(joined.seconds) == 3
    assert joined.seconds[1] == pytest.approx(20, abs=0.1)
    assert explained_share(onsets, joined) > explained_share(onsets, lost)


def test_time_is_the_inverse_of_the_beat() -> None:
    tatums = TatumMap(np.array([0.0, 10.0, 30.0]), np.array([-1.0, 40.0, 100.0]))
    places = np.linspace(-20, 130, 200)
    assert np.allclose(tatums.at(tatums.time(places)), places)


def test_a_path_with_one_change_of_tempo_has_one_knot_there() -> None:
    points = np.arange(0.0, 60.0, 0.5)
    path = np.where(points < 25, 4 * points, 100 + 5 * (points - 25))
    wobble = np.random.default_rng(0).normal(0, 0.004, len(points))
    found = fit_polyline(points, path + wobble, np.ones(len(points)))
    assert found.seconds[[0, -1]].tolist() == [0.0, 59.5]
    assert len(found.seconds) == 3
    assert found.seconds[1] == pytest.approx(25, abs=0.6)
    assert np.diff(found.tatums) / np.diff(found.seconds) == pytest.approx([4, 5], abs=0.01)


@given(st.floats(1.6, 8.0), st.floats(0, 1))
def test_a_comb_on_the_onsets_explains_them(rate: float, start: float) -> None:
    onsets = impulses(np.arange(start, 20, 1 / rate), 20)
    end = np.array([0.0, 20.0])
    on, off = (TatumMap(end, (end - start) * rate + shift) for shift in (0.0, 0.5))
    assert explained_share(onsets, on) > 0.3
    assert explained_share(onsets, off) < explained_share(onsets, on) / 2
    apart = (phase(onsets, rate) - start * rate + 0.5) % 1 - 0.5
    assert abs(apart) < 0.06


def test_the_parabola_through_three_values_peaks_between_them() -> None:
    assert parabolic_peak(np.array([[0.0, 4, 4, 0]]), np.array([1]))[0] == pytest.approx(0.5)
    assert parabolic_peak(np.array([[5.0, 0, 0, 5]]), np.array([0]))[0] == pytest.approx(-0.5)

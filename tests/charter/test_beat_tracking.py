"""The grid of music whose beats are known."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE, Audio
from davproxy.charter.signal.onset_strength import EARLY, onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.timing.beat_choice import Beat, plays_32nds
from davproxy.charter.timing.beat_tracking import find_grid
from davproxy.charter.timing.grid import Grid
from davproxy.charter.timing.meter import meter_cues
from davproxy.charter.timing.tatum_map import TatumMap
from davproxy.errors import BadAudio

pytestmark = pytest.mark.slow


def drums(beats: NDArray[np.float64], bar: int = 4, hats: tuple[float, ...] = (0, 1 / 2)) -> Audio:
    """Kick on odd beats of the bar, snare on even ones, a quiet hi-hat at parts of every beat, a new chord each bar."""
    random = np.random.default_rng(1)
    seconds = float(beats[-1]) + 1.0
    sound = np.zeros(int(seconds * RATE))
    time = np.arange(int(0.2 * RATE)) / RATE
    kick = np.sin(2 * np.pi * 60 * time) * np.exp(-time / 0.08)
    snare = random.normal(0, 0.3, len(time)) * np.exp(-time / 0.06)
    hat = np.diff(random.normal(0, 0.1, len(time) + 1)) * np.exp(-time / 0.02)

    def play(start: float, what: NDArray[np.float64]) -> None:
        first = int(start * RATE)
        sound[first : first + len(what)] += what[: len(sound) - first]

    for number, (beat, following) in enumerate(zip(beats, [*beats[1:], seconds], strict=True)):
        play(beat, snare if number % bar % 2 else kick)
        for part in hats:
            play(beat + part * (following - beat), hat)
        if number % bar == 0:
            root = (110, 87.31, 130.81, 98)[number // bar % 4]
            length = np.arange(int(bar * 0.5 * RATE)) / RATE
            chord = sum(np.sin(2 * np.pi * root * ratio * length) for ratio in (1, 1.5, 2))
            play(beat, 0.2 * np.minimum(length / 0.005, 1) * chord * np.exp(-length / 1.5))
    return Audio(sound.astype(np.float32), RATE, 1, "wav")


def grid_of(sound: Audio) -> Grid:
    return find_grid(sound, onset_strength(log_mel(sound.samples))).grid


def steps(*parts: tuple[float, int], start: float = 0.4) -> NDArray[np.float64]:
    """Beats of parts of constant tempo: (BPM, number of beats)."""
    return start + np.cumsum(np.concatenate([[0.0], *(np.full(count, 60 / bpm) for bpm, count in parts)]))


def error(grid: Grid, beats: NDArray[np.float64]) -> float:
    """Median distance in seconds of the true beats from the grid's nearest beat."""
    return float(np.median(np.abs(grid.time(np.round(grid.beat(beats))) - beats)))


@pytest.mark.parametrize("bpm", [92.0, 120.0, 137.5, 168.0, 111.37])
def test_constant_tempo_is_found_exactly(bpm: float) -> None:
    beats = steps((bpm, int(bpm)))
    grid = grid_of(drums(beats))
    assert len(grid.segments) == 1
    assert min(abs(grid.segments[0].bpm / bpm / factor - 1) for factor in (0.5, 1, 2)) < 1e-4
    assert error(grid, beats) < 0.005


@pytest.mark.parametrize("bpm", [110, 125, 220, 230, 240])
def test_quick_music_is_written_at_its_own_tempo(bpm: int) -> None:
    """At half the tempo its sixteenths would have no slot."""
    assert [segment.bpm for segment in grid_of(drums(steps((bpm, bpm)))).segments] == [bpm]


@pytest.mark.parametrize(
    ("bpm", "bar", "hats"),
    [
        pytest.param(90, 4, (0, 1 / 3, 2 / 3), id="triplets"),
        pytest.param(126, 4, (0, 2 / 3), id="shuffle"),
        pytest.param(84, 2, (0, 1 / 3, 2 / 3), id="6/8"),
        pytest.param(130, 3, (0, 1 / 2), id="3/4"),
        pytest.param(133, 5, (0, 1 / 2), id="5/4"),
        pytest.param(150, 7, (0, 1 / 2), id="7/4"),
    ],
)
def test_three_beats_in_a_bar_are_not_four(bpm: float, bar: int, hats: tuple[float, ...]) -> None:
    beats = steps((bpm, int(bpm)))
    grid = grid_of(drums(beats, bar, hats))
    assert [segment.bpm for segment in grid.segments] == [bpm]
    assert error(grid, beats) < 0.005
    if bar % 2:
        assert grid.beats_per_bar == bar
        downbeats = grid.time(grid.downbeats(float(beats[0]) - 0.1, float(beats[-1])))
        assert np.abs(downbeats[:, None] - beats[::bar]).min(axis=1).max() < 0.01


def test_people_who_play_without_a_click_are_followed() -> None:
    random = np.random.default_rng(0)
    tempo = 118 * np.exp(np.clip(np.cumsum(random.normal(0, 0.004, 160)), -0.06, 0.06))
    beats = steps(*((bpm, 1) for bpm in tempo)) + random.normal(0, 0.004, 161)
    grid = grid_of(drums(beats))
    assert len(grid.segments) < 20
    assert error(grid, beats) < 0.008


@pytest.mark.parametrize("double_kick", [True, False])
def test_32nds_are_heard_where_they_are_played(double_kick: bool) -> None:
    """At 90 BPM, what a double kick plays at 180 BPM in sixteenths."""
    beats = steps((90, 120))
    seconds = float(beats[-1]) + 1
    sound = drums(beats).samples
    if double_kick:
        time = np.arange(int(0.05 * RATE)) / RATE
        kick = np.sin(2 * np.pi * 60 * time) * np.exp(-time / 0.02)
        for start in np.arange(beats[0], beats[-1], 60 / 90 / 8):
            sound[int(start * RATE) :][: len(kick)] += kick.astype(np.float32)
    tatums = TatumMap(np.array([0.0, seconds]), (np.array([0.0, seconds]) - beats[0] + EARLY) * 2 * 90 / 60)
    recording = Audio(sound, RATE, 1, "wav")
    cues = meter_cues(recording, onset_strength(log_mel(sound)))
    assert plays_32nds(cues, tatums, Beat(2, 0.0)) == double_kick


def test_beat_zero_is_the_first_bar_line() -> None:
    grid = grid_of(drums(steps((120, 160), start=1.25)))
    assert grid.beats_per_bar == 4
    assert grid.time(0) == pytest.approx(1.25, abs=0.01)


@pytest.mark.parametrize("parts", [((120, 60), (132, 70)), ((150, 80), (125, 60)), ((100, 50), (110, 50), (95, 50))])
def test_tempo_steps_are_followed(parts: tuple[tuple[float, int], ...]) -> None:
    beats = steps(*parts)
    grid = grid_of(drums(beats))
    assert 2 <= len(grid.segments) <= 4 * len(parts)
    assert error(grid, beats) < 0.01


def test_a_ramp_is_followed() -> None:
    beats = 0.4 + np.concatenate([[0.0], np.cumsum(60 / np.linspace(110, 130, 140))])
    grid = grid_of(drums(beats))
    assert error(grid, beats) < 0.01


def test_segments_begin_on_beats_with_tempi_that_a_chart_can_hold() -> None:
    grid = grid_of(drums(steps((120, 60), (132, 70))))
    for segment in grid.segments:
        assert segment.beat == round(segment.beat)
        assert segment.bpm == round(segment.bpm, 3)
        assert grid.time(segment.beat) == pytest.approx(segment.seconds)


def test_silence_is_refused() -> None:
    with pytest.raises(BadAudio, match="silent"):
        grid_of(Audio(np.zeros(20 * RATE, np.float32), RATE, 1, "wav"))


SOUNDS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "tone": lambda time: np.sin(2 * np.pi * 440 * time),
    "noise": lambda time: np.random.default_rng(2).normal(0, 1, len(time)),
    "one click": lambda time: (np.abs(time - 3) < 0.001).astype(float),
    "square": lambda time: np.sign(np.sin(2 * np.pi * 3 * time)),
    "offset": np.ones_like,
}


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(st.sampled_from(sorted(SOUNDS)), st.floats(5, 30), st.floats(1e-4, 8))
def test_any_sound_has_a_usable_grid(name: str, seconds: float, loudness: float) -> None:
    samples = loudness * SOUNDS[name](np.arange(int(seconds * RATE)) / RATE)
    try:
        grid = grid_of(Audio(samples.astype(np.float32), RATE, 1, "wav"))
    except BadAudio:
        return
    assert all(20 <= segment.bpm <= 400 for segment in grid.segments)
    assert np.all(np.diff(grid.time(np.arange(-8, 200))) > 0)
    assert grid.time(0) <= seconds


def test_the_same_sound_gives_the_same_grid() -> None:
    sound = drums(steps((120, 60), (132, 70)))
    assert grid_of(sound) == grid_of(sound)


@pytest.mark.parametrize("silence", [2.0, 3.7, 6.0])
def test_silence_around_the_music_does_not_move_its_bar_lines(silence: float) -> None:
    beats = steps((132.5, 128))
    quiet = np.zeros(int(silence * RATE), np.float32)
    grid = grid_of(Audio(np.concatenate([quiet, drums(beats).samples, quiet]), RATE, 1, "wav"))
    lines = grid.time(grid.downbeats(silence, silence + float(beats[-1])))
    apart = np.abs(lines[:, None] - silence - beats[::4]).min(axis=1)
    assert grid.beats_per_bar == 4
    assert np.all(apart < 0.01)


@pytest.mark.parametrize("bpm", [132, 150, 165])
def test_an_excerpt_that_begins_within_a_beat_keeps_its_beats(bpm: int) -> None:
    """Its first sound is off the beat."""
    beats = steps((bpm, bpm))
    whole, start = drums(beats), float(beats[21] + beats[22]) / 2 - 0.05
    cut = whole.samples[int(start * RATE) :][: 40 * RATE]
    grid = grid_of(Audio(cut, RATE, 1, "wav"))
    inside = beats[(beats > start) & (beats < start + 40)] - start
    assert [segment.bpm for segment in grid.segments] == [bpm]
    assert error(grid, inside) < 0.005

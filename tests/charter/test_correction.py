"""What a person may correct, as plain JSON, and the chart that comes of it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.correction import DENSITIES, RATES, Correction
from davproxy.charter.generate import Generated, generate
from davproxy.charter.notes.muted import is_muted, next_muted
from davproxy.charter.options import Options
from davproxy.errors import BadInput
from davproxy.formats import notes_chart
from davproxy.formats.chart import Chart, Difficulty, Instrument
from davproxy.formats.tempo_map import TempoMap
from tests.charter import music

BPM = 128.0
BEAT = 60 / BPM
ranges = st.tuples(st.integers(0, 100), st.integers(1, 50)).map(lambda pair: (float(pair[0]), float(sum(pair))))
corrections: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict, tempo=st.sampled_from([*RATES]), bar_shift=st.integers(-6, 6),
    beats_per_bar=st.sampled_from([0, *range(2, 8)]), offset=st.floats(-0.5, 0.5),
    density=st.sampled_from([*DENSITIES]), muted=st.lists(ranges, max_size=4),
)  # fmt: skip


@given(corrections)
def test_a_correction_survives_the_way_to_a_child_process(values: dict[str, Any]) -> None:
    correction = Correction.of(values)
    assert Correction.of(json.loads(json.dumps(asdict(correction)))) == correction
    options = Options(correction=correction)
    assert Options.of(json.loads(json.dumps(asdict(options)))) == options


@given(st.lists(ranges, max_size=5), st.floats(0, 160))
def test_a_time_is_muted_if_one_of_the_ranges_holds_it(muted: list[tuple[float, float]], time: float) -> None:
    correction = Correction.of({"muted": muted})
    assert bool(is_muted(correction.muted, time)) == any(start <= time < end for start, end in muted)
    assert list(correction.muted) == sorted(correction.muted)


def test_the_next_muted_range_begins_after_a_time() -> None:
    correction = Correction.of({"muted": [[10, 12], [4, 6]]})
    assert list(next_muted(correction.muted, np.array([0.0, 4.0, 9.0, 12.0]))) == [4.0, 10.0, 10.0, np.inf]
    assert list(next_muted((), np.array([3.0]))) == [np.inf]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"speed": 2}, "speed: there is no such correction"),
        ({"tempo": "x5"}, "tempo: must be one of x2, /2, x3, /3, or empty"),
        ({"tempo": 2}, "tempo: must be one of"),
        ({"bpm": 500}, "bpm: must be 0, or from 20 to 400"),
        ({"bpm": "fast"}, "bpm: must be a number"),
        ({"bpm": float("nan")}, "bpm: must be a number"),
        ({"bpm": 10**400}, "bpm: must be a number"),
        ({"bpm": 120, "tempo": "x2"}, "bpm: give either"),
        ({"bar_shift": 9}, "bar_shift: must be from -6 to 6"),
        ({"bar_shift": 0.5}, "bar_shift: must be a whole number"),
        ({"beats_per_bar": 1}, "beats_per_bar: must be 0, or from 2 to 7"),
        ({"offset": 0.7}, "offset: must be from -0.5 to 0.5"),
        ({"density": "most"}, "density: must be one of fewer, more, or empty"),
        ({"muted": "all"}, "muted: must be a list"),
        ({"muted": [[1, 2]] * 101}, "muted: must be at most 100 ranges"),
        ({"muted": [[1]]}, "muted: each range has a start and an end"),
        ({"muted": [[5, 2]]}, "muted: each range ends after it starts"),
        ({"muted": [[-1, 2]]}, "muted: each range ends after it starts"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        Correction.of(wrong)


Make = Callable[..., tuple[Generated, Chart]]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Charts one recording, guitar and drums at BPM from .5 s on, as somebody corrects it."""
    folder = tmp_path_factory.mktemp("corrected")
    source = music.recording(folder / "A - B.wav", BPM)

    def make(**correction: Any) -> tuple[Generated, Chart]:
        target = Path(folder, str(len(list(folder.iterdir()))))
        made = generate([source], target, Options(correction=Correction.of(correction)))
        return made, notes_chart.parse((made.folder / "notes.chart").read_bytes())

    return make


def downbeat(made: Generated, chart: Chart) -> float:
    """Where the first bar of the music begins in the recording, in seconds."""
    signature = chart.time_signatures[0].numerator
    bars = chart.resolution * signature
    times = TempoMap.of(chart)
    starts = [times.seconds(tick) - made.lead_in for tick in range(0, 12 * bars, bars)]
    return min(time for time in starts if time > 0.4)


def expert_times(made: Generated, chart: Chart, instrument: Instrument) -> list[float]:
    track = chart.track(instrument, Difficulty.EXPERT)
    assert track is not None
    times = TempoMap.of(chart)
    return [times.seconds(note.tick) - made.lead_in for note in track.notes]


@pytest.mark.slow
@pytest.mark.parametrize(("tempo", "factor"), [("x2", 2), ("/2", 0.5), ("/3", 1 / 3)])
def test_the_rate_of_the_beat_is_what_a_person_says(make: Make, tempo: str, factor: float) -> None:
    made, chart = make(tempo=tempo)
    assert made.bpm == pytest.approx(BPM * factor, abs=0.001)
    assert downbeat(made, chart) == pytest.approx(0.5, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("tapped", "bpm"), [(250.0, 256.0), (66.0, 64.0), (130.0, 128.0), (172.0, 128.0 * 4 / 3)])
def test_a_tapped_tempo_chooses_the_beat_that_is_nearest_to_it(make: Make, tapped: float, bpm: float) -> None:
    made, _ = make(bpm=tapped)
    assert made.bpm == pytest.approx(bpm, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [1, -1, 2])
def test_bars_begin_where_a_person_says_though_the_drums_say_otherwise(make: Make, shift: int) -> None:
    made, chart = make(bar_shift=shift)
    assert downbeat(made, chart) == pytest.approx(0.5 + (shift % 4) * BEAT, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("beats", [2, 3, 5, 7])
def test_bars_have_as_many_beats_as_a_person_says(make: Make, beats: int) -> None:
    made, chart = make(beats_per_bar=beats)
    assert made.meter == f"{beats}/4"
    assert downbeat(made, chart) == pytest.approx(0.5, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("offset", [0.02, -0.11])
def test_the_grid_moves_by_the_offset_though_the_attacks_are_elsewhere(make: Make, offset: float) -> None:
    plain, corrected = downbeat(*make()), downbeat(*make(offset=offset))
    assert (corrected - plain + BEAT) % (4 * BEAT) == pytest.approx(offset + BEAT, abs=0.0011)


@pytest.mark.slow
def test_there_are_more_or_fewer_notes_and_none_where_it_is_muted(make: Make) -> None:
    fewer, plain, more = (make(density=each)[0].notes["expert"] for each in ("fewer", "", "more"))
    assert fewer <= plain <= more
    assert fewer < more
    made, chart = make(muted=[[10, 20]])
    for instrument in (Instrument.GUITAR, Instrument.DRUMS):
        times = expert_times(made, chart, instrument)
        assert min(times) < 10 < max(times)
        assert not [time for time in times if 10.01 < time < 19.99]

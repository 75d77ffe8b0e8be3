"""The start of a song: a downbeat where the music begins, and time to get ready."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from davproxy.charter.notes.gems import TICKS
from davproxy.charter.output.lead_in import LEAST, lead_in, tempos, tick_seconds
from davproxy.charter.timing.grid import Grid, Segment


@given(bpm=st.floats(60, 240).map(lambda x: round(x, 3)), start=st.floats(-2, 20), bars=st.sampled_from((3, 4)),
       wait=st.floats(0, 10))  # fmt: skip
@example(bpm=120.0, start=0.0, bars=4, wait=0.0)
@example(bpm=120.0, start=4.0, bars=4, wait=0.0)
def test_beat_zero_sounds_where_its_tick_stands(bpm: float, start: float, bars: int, wait: float) -> None:
    grid = Grid((Segment(0.0, start, bpm),), bars)
    first_note = max(start, 0.0) + wait
    lead = lead_in(grid, first_note)
    marks = tempos(grid, lead)
    assert lead.silence >= 0
    assert lead.first_tick % (bars * TICKS) == 0
    assert tick_seconds(marks, lead.first_tick) == pytest.approx(start + lead.silence, abs=0.001)
    assert first_note + lead.silence >= LEAST - 0.001


def test_no_silence_is_added_where_the_song_has_its_own() -> None:
    assert lead_in(Grid((Segment(0.0, 4.1, 120.5),)), 4.1).silence == 0


def test_tempo_changes_stay_in_time() -> None:
    beats, seconds, segments = 0.0, 0.3, []
    for bpm in (120.333, 121.777, 98.001, 140.999):
        segments.append(Segment(beats, seconds, bpm))
        beats, seconds = beats + 32, seconds + 32 * 60 / bpm
    grid = Grid(tuple(segments))
    lead = lead_in(grid, 0.3)
    marks = tempos(grid, lead)
    for beat in range(0, 160, 7):
        expected = float(grid.time(beat)) + lead.silence
        assert tick_seconds(marks, lead.first_tick + beat * TICKS) == pytest.approx(expected, abs=0.002)


def test_a_song_at_120_does_not_look_unmapped() -> None:
    grid = Grid((Segment(0.0, 0.5, 120.0),))
    assert len(tempos(grid, lead_in(grid, 0.5))) == 2


@given(bpm=st.floats(60, 240).map(lambda x: round(x, 3)), start=st.floats(-2, 1), bars=st.sampled_from((2, 3, 4)),
       silence=st.floats(0.1, 8))  # fmt: skip
def test_silence_that_the_audio_has_is_kept_where_it_is_long_enough(
    bpm: float, start: float, bars: int, silence: float
) -> None:
    grid = Grid((Segment(0.0, start, bpm),), bars)
    lead = lead_in(grid, 0.5, silence)
    if lead.silence == silence:
        assert 0.5 + silence >= LEAST
    else:
        assert lead == lead_in(grid, 0.5)
    seconds = tick_seconds(tempos(grid, lead), lead.first_tick)
    assert seconds == pytest.approx(start + lead.silence, abs=0.001)

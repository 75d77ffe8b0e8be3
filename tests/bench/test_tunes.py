"""The synthetic set: the truth about a tune is what sounds."""

import io
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from tests.bench import accompaniments, tunes


def midi(
    places: list[float], meter: tuple[int, int] | None = (4, 4), bpm: float = 120, bar_lines: tuple[float, ...] = ()
) -> bytes:
    """A file with a wood block at each place, in quarters, and a mark at each downbeat."""
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm)))
    if meter:
        track.append(mido.MetaMessage("time_signature", numerator=meter[0], denominator=meter[1]))
    tick = 0
    for place in places:
        track.append(mido.Message("note_on", channel=9, note=76, velocity=100, time=round(place * 480) - tick))
        tick = round(place * 480)
    marks = mido.MidiTrack()
    tick = 0
    for place in bar_lines:
        marks.append(mido.MetaMessage("marker", text=accompaniments.BAR_MARK, time=round(place * 480) - tick))
        tick = round(place * 480)
    file = io.BytesIO()
    mido.MidiFile(tracks=[track, marks], ticks_per_beat=480).save(file=file)
    return file.getvalue()


def test_a_tune_is_read_in_beats_without_empty_bars() -> None:
    tune = tunes.read_tune("some/tune", midi([8 + 1.5 * beat for beat in range(120)], (6, 8)))
    assert tune is not None
    assert (tune.beats_per_bar, tune.beat_quarters) == (2, 1.5)
    assert tune.bpm == pytest.approx(80, abs=0.01)
    starts = [event.beat for event in tune.events]
    assert starts[0] == pytest.approx(8 / 1.5 % 2, abs=0.01)
    assert np.allclose(np.diff(starts), 1, atol=0.01)


def test_a_tune_that_keeps_no_beat_is_dropped() -> None:
    assert tunes.read_tune("some/tune", midi([0.513 * beat for beat in range(120)])) is None


@pytest.mark.parametrize(
    ("meter", "bar", "beats_per_bar", "beat_quarters"),
    [((6, 8), 2.0, 2, 1.0), ((6, 8), 3.0, 2, 1.5), ((6, 8), 6.0, 2, 3.0), ((4, 4), 3.0, 3, 1.0)],
)
def test_marked_bars_say_how_long_a_beat_is(
    meter: tuple[int, int], bar: float, beats_per_bar: int, beat_quarters: float
) -> None:
    lines = tuple(bar * number for number in range(20))
    tune = tunes.read_tune("some/tune", midi([beat / 2 for beat in range(120)], meter, bar_lines=lines))
    assert tune is not None
    assert (tune.beats_per_bar, tune.beat_quarters) == (beats_per_bar, beat_quarters)


def test_a_tune_whose_bars_change_length_is_dropped() -> None:
    places = [float(beat) for beat in range(120)]
    assert tunes.read_tune("some/tune", midi(places, bar_lines=(0.0, 4.0, 8.0, 11.0))) is None


@pytest.mark.parametrize(("gap", "beat_quarters"), [(1.5, 1.5), (1.0, 1.0), (0.5, 1.0)])
def test_music_without_a_stated_meter_goes_by_what_comes_back(gap: float, beat_quarters: float) -> None:
    tune = tunes.read_tune("some/tune", midi([gap * beat for beat in range(120)], None))
    assert tune is not None
    assert tune.beat_quarters == beat_quarters
    stated = tunes.read_tune("some/tune", midi([gap * beat for beat in range(120)], (4, 4)))
    assert stated is not None
    assert stated.beat_quarters == 1.0


def test_changing_tempi_stay_within_a_fifth() -> None:
    for number in range(50):
        tune = tunes.Tune(f"some/{number}", (), 120, 4)
        tempo = tunes.changing(tune)
        assert len(tempo.bpm) > 1
        assert all(96 <= bpm <= 144 for bpm in tempo.bpm)


@pytest.mark.slow
@pytest.mark.skipif(tunes.missing() is not None, reason=f"needs the Debian package {tunes.missing()}")
def test_beats_sound_at_their_stated_times(tmp_path: Path) -> None:
    tune = tunes.read_tune("some/clicks", midi([float(beat) for beat in range(120)]))
    assert tune is not None
    for label, tempo in tunes.TEMPI.items():
        rendering = tunes.render(tune, tempo(tune), label, tmp_path)
        samples, rate = soundfile.read(rendering.audio, always_2d=True)
        loud = np.abs(samples).max(axis=1)
        for beat in rendering.beats[1:100]:
            around = loud[int((beat - 0.03) * rate) : int((beat + 0.03) * rate)]
            attack = np.argmax(around > 0.1 * around.max()) / rate - 0.03
            assert abs(attack) < 0.004

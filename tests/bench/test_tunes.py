"""The synthetic set: what is called true is what sounds."""

import io
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from tests.bench import tunes


def midi(places: list[float], numerator: int = 4, denominator: int = 4, bpm: float = 120) -> bytes:
    """A file with a wood block at each place, in quarters."""
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm)))
    track.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator))
    tick = 0
    for place in places:
        track.append(mido.Message("note_on", channel=9, note=76, velocity=100, time=round(place * 480) - tick))
        tick = round(place * 480)
    file = io.BytesIO()
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(file=file)
    return file.getvalue()


def test_a_tune_is_read_in_beats_without_empty_bars() -> None:
    tune = tunes.read_tune("some/tune", midi([8 + 1.5 * beat for beat in range(120)], 6, 8))
    assert tune is not None
    assert (tune.beats_per_bar, tune.beat_quarters) == (2, 1.5)
    assert tune.bpm == pytest.approx(80, abs=0.01)
    starts = [event.beat for event in tune.events]
    assert starts[0] == pytest.approx(8 / 1.5 % 2, abs=0.01)
    assert np.allclose(np.diff(starts), 1, atol=0.01)


def test_a_tune_that_keeps_no_beat_is_dropped() -> None:
    assert tunes.read_tune("some/tune", midi([0.513 * beat for beat in range(120)])) is None


def test_changing_tempi_stay_within_a_fifth() -> None:
    for number in range(50):
        tune = tunes.Tune(f"some/{number}", (), 120, 4)
        tempo = tunes.changing(tune)
        assert len(tempo.bpm) > 1
        assert all(96 <= bpm <= 144 for bpm in tempo.bpm)


@pytest.mark.slow
@pytest.mark.skipif(tunes.missing() is not None, reason=f"needs the Debian package {tunes.missing()}")
def test_beats_sound_when_they_are_said_to(tmp_path: Path) -> None:
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

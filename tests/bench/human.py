"""Real songs with charts made by people, from two Debian packages: fretsonfire-songs-sectoid (MIT), which the trees are
trained on too, and fretsonfire-songs-muldjord (CC BY-SA 3.0), which nothing is fitted to and which only measures."""

from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal import audio
from davproxy.charter.signal.audio import RATE, Audio
from davproxy.formats import notes_mid
from davproxy.formats.chart import Chart, Difficulty
from davproxy.formats.tempo_map import TempoMap

PACKAGES = Path("/usr/share/games/fretsonfire/data/songs")
KNOWN, HELD_OUT = "sectoid", "muldjord"
STEMS = ("song.ogg", "guitar.ogg")
FINE_HOP = 32  # samples a frame of the onset strength that the lag is read from
ONSET_BIAS = 0.002  # seconds by which that onset strength peaks behind a note
ATTACK_BIAS = 0.006  # and by which the sharper one peaks behind the charts of HELD_OUT, whose music was made to a click


@dataclass(frozen=True)
class HumanSong:
    """A song, the mix of its stems, and its human chart.

    `lag` is how many seconds the onset strength of the audio is behind the chart, as the trees know it; `attack_lag`
    how many its sharp attacks are, which the ear goes by.
    """

    name: str
    folder: Path
    audio: Audio
    chart: Chart
    lag: float
    attack_lag: float

    def onsets(self, difficulty: Difficulty) -> NDArray[np.float64]:
        """When the notes of the guitar sound in the audio, in seconds."""
        track = next(track for track in self.chart.tracks if track.difficulty == difficulty)
        return chart_times(self.chart, [note.tick for note in track.notes]) + self.attack_lag

    @property
    def beats(self) -> NDArray[np.float64]:
        """When the beats between the first and the last Expert note sound in the audio, in seconds."""
        notes = self.onsets(Difficulty.EXPERT)
        times = all_beats(self.chart, notes[-1]) + self.attack_lag
        return np.asarray(times[(times >= max(5.0, notes[0]) - 1e-6) & (times <= notes[-1] + 1e-6)])


def songs(package: str = KNOWN) -> list[HumanSong]:
    """Every song of the package; none where it is not installed."""
    folders = sorted((PACKAGES / package).glob("*/"))
    return [read_song(folder) for folder in folders if (folder / "notes.mid").exists()]


def read_song(folder: Path) -> HumanSong:
    mix = audio.mix([audio.load(folder / stem) for stem in STEMS])
    chart = notes_mid.parse((folder / "notes.mid").read_bytes())
    return HumanSong(folder.name, folder, mix, chart, audio_lag(mix, chart), attack_lag(mix, chart))


def audio_lag(mix: Audio, chart: Chart) -> float:
    """The lag, in seconds, at which a fine onset strength of the audio is highest around all beats of the chart."""
    fine = librosa.onset.onset_strength(y=mix.samples, sr=RATE, hop_length=FINE_HOP, n_fft=512, n_mels=64, lag=2)
    return _best_lag(fine, mix, chart) - ONSET_BIAS


def attack_lag(mix: Audio, chart: Chart) -> float:
    """The same for an onset strength of attacks alone, above 3 kHz."""
    fine = librosa.onset.onset_strength(
        y=mix.samples, sr=RATE, hop_length=FINE_HOP, n_fft=256, n_mels=24, fmin=3000.0, lag=1
    )
    return _best_lag(fine, mix, chart) - ATTACK_BIAS


def _best_lag(fine: NDArray[np.float32], mix: Audio, chart: Chart) -> float:
    beats = all_beats(chart, mix.seconds - 1)
    lags = np.arange(-0.08, 0.09, 0.001)
    frames = [(beats + lag) * RATE / FINE_HOP for lag in lags]
    strength = [np.interp(places, np.arange(len(fine)), fine).mean() for places in frames]
    return float(lags[np.argmax(strength)])


def all_beats(chart: Chart, end: float) -> NDArray[np.float64]:
    """The time in the chart of every beat up to `end`, in seconds."""
    last = TempoMap.of(chart).tick(end)
    return chart_times(chart, list(range(0, int(last) + 1, chart.resolution)))


def chart_times(chart: Chart, ticks: list[int]) -> NDArray[np.float64]:
    return np.unique(np.array(TempoMap.of(chart).seconds_of(sorted(ticks))))

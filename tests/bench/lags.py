"""How far a chart lies behind what is heard, by the form that the recording has."""

import tempfile
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from davproxy.charter.output import audio_files
from davproxy.charter.signal import audio
from davproxy.charter.signal.onset_strength import onset_strength
from davproxy.charter.signal.read_ffmpeg import by_ffmpeg
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.timing.attacks import align_with_attacks
from davproxy.charter.timing.beat_tracking import find_grid
from tests.charter import forms

SECONDS = 30.0
BEAT = 60 / 132.5
FIRST = 0.5
BEATS = np.arange(FIRST, SECONDS - 1, BEAT)


def drums(channels: int, rate: int) -> forms.Sound:
    """A hit on each eighth, to the sample: kick and snare by turns, a cymbal between."""
    chance = np.random.default_rng(1)
    sound = np.zeros(int(SECONDS * rate), dtype=np.float32)
    seconds = np.arange(int(0.2 * rate)) / rate
    noise = chance.normal(size=len(seconds))
    kick = 0.7 * np.cos(2 * np.pi * 60 * seconds) * np.exp(-seconds / 0.05)
    snare = 0.25 * noise * np.exp(-seconds / 0.03)
    cymbal = 0.08 * noise * np.exp(-seconds / 0.015)
    for index, beat in enumerate(BEATS):
        for hit, start in (snare if index % 2 else kick, beat), (cymbal, beat + BEAT / 2):
            sound[round(start * rate) :][: len(hit)] += hit
    return np.repeat(np.clip(sound, -1, 1)[:, None], channels, axis=1)


def lags(form: str, folder: Path) -> NDArray[np.float64]:
    """Seconds by which the chart of each beat is behind the beat in the audio that a game plays."""
    file = forms.FORMS[form](folder, drums)
    heard = audio.load(file)
    grid = align_with_attacks(find_grid(heard, onset_strength(log_mel(heard.samples))).grid, heard.samples)
    halves = np.sort(np.concatenate([(beats := grid.time(grid.beats(0.0, SECONDS))), (beats[1:] + beats[:-1]) / 2]))
    with by_ffmpeg(audio_files.write(file, heard, 0.0, folder, "song")) as stream:
        played = soxr.resample(np.concatenate(list(stream.blocks)).mean(axis=1), stream.rate, forms.RATE)
    behind = halves[:, None] - BEATS - forms.lag(played, drums(1, forms.RATE)[:, 0], forms.RATE)
    return np.asarray(behind[np.abs(behind).argmin(axis=0), np.arange(len(BEATS))])


def table() -> None:
    print(f"\nLag of the beats behind the audio that a game plays, ms\n\n| {'form':26} | median | worst |")
    print("|---|---|---|")
    for form in forms.FORMS:
        with tempfile.TemporaryDirectory() as folder:
            off = 1000 * lags(form, Path(folder))
        print(f"| {form:26} | {np.median(off):6.1f} | {off[np.abs(off).argmax()]:5.1f} |", flush=True)

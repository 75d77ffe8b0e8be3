"""The meter: which steps of the pulse are the beat, and which beats begin a bar.

Two small forests, trained on synthetic tunes (tests/bench/train_meter.py), rank every choice by how the music is folded
under it: where in the beat, and in the bar, each band of the flux and the harmony change.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from davproxy.charter import forest
from davproxy.charter.flux import FRAMES, Flux
from davproxy.charter.harmony import Harmony
from davproxy.charter.pulse import Floats, Pulse

WEIGHTS = Path(__file__).with_name("meter.npz")
SLOTS = 12  # parts of a beat that are looked at
SLOWEST, FASTEST = 50.0, 215.0  # beats a minute
LENGTHS = (1, 2, 3, 4, 6, 8)  # half pulses that a beat may last
METERS = (3, 4)  # beats a bar may have
BLUR = 2.0  # frames by which the flux is smoothed before it is sampled
SPANS = (1, 2, 4)  # beats on both sides over which harmony is compared


@dataclass(frozen=True)
class Beat:
    """A choice of the beat: it lasts `halves` half pulses, and one falls on the half pulse `offset`."""

    halves: int
    offset: int

    def places(self, pulse: Pulse, end: float) -> Floats:
        """The half pulses of the beats from time 0 to `end`."""
        first, last = (pulse.at(np.array([0.0, end])) - self.offset) / self.halves
        return np.arange(np.ceil(first), np.floor(last) + 1) * self.halves + self.offset


@dataclass(frozen=True)
class Bar:
    """A choice of the bar: it has `beats` beats, and beat number `offset` of the song begins one."""

    beats: int
    offset: int


BEAT_RANKER = forest.load(WEIGHTS, "beat")
BAR_RANKER = forest.load(WEIGHTS, "bar")


def find_beat(flux: Flux, pulse: Pulse) -> Beat:
    choices = beats(pulse)
    return choices[int(np.argmax(BEAT_RANKER.predict(beat_features(flux, pulse, choices))))]


def find_bar(flux: Flux, harmony: Harmony, times: Floats) -> Bar:
    """The bar, given the times of the beats."""
    choices = bars()
    return choices[int(np.argmax(BAR_RANKER.predict(bar_features(flux, harmony, times, choices))))]


def beats(pulse: Pulse) -> list[Beat]:
    """Every choice of the beat at a tempo that people tap."""
    rate = 60 * typical_rate(pulse)
    lengths = [length for length in LENGTHS if SLOWEST <= rate / length <= FASTEST]
    return [Beat(length, offset) for length in lengths or [2] for offset in range(length)]


def bars() -> list[Bar]:
    return [Bar(count, offset) for count in METERS for offset in range(count)]


def typical_rate(pulse: Pulse) -> float:
    """Half pulses a second, the median over time."""
    times = np.arange(0.0, pulse.seconds[-1], 0.5)
    return float(np.median(np.diff(pulse.at(times)))) / 0.5


def beat_features(flux: Flux, pulse: Pulse, choices: list[Beat]) -> NDArray[np.float32]:
    """One row for each choice: its own features, and how they differ from the mean of all choices."""
    bands = gaussian_filter1d(flux.bands, BLUR, axis=1)
    rows = np.array([beat_row(bands, pulse, choice) for choice in choices])
    return np.hstack([rows, rows - rows.mean(axis=0)]).astype(np.float32)


def beat_row(bands: NDArray[np.float32], pulse: Pulse, beat: Beat) -> Floats:
    places = beat.places(pulse, bands.shape[1] / FRAMES)[:-1]
    slots = places[:, None] + beat.halves * np.arange(SLOTS) / SLOTS
    frames = pulse.time(slots.ravel()) * FRAMES
    folded = np.stack([np.interp(frames, np.arange(len(band)), band) for band in bands])
    folded = folded.reshape(len(bands), len(places), SLOTS)
    folded = np.minimum(folded / (folded.mean(axis=(1, 2), keepdims=True) + 1e-6), 8.0)
    profile = np.log(folded.mean(axis=1) + 0.1).ravel()
    # How much every other beat differs, in blocks of about 16 beats, since fills turn it round.
    signs = np.where(np.arange(len(places)) % 2, -1.0, 1.0)[:, None]
    turns = folded[:, :, [0, 6, 3, 9]] * signs
    blocks = np.stack([part.mean(axis=1) for part in np.array_split(turns, max(1, len(places) // 16), axis=1)])
    low, mid, high = blocks[:, 0, 0], blocks[:, 1, 0], blocks[:, 2, 0]
    together = [np.mean(low * mid), np.mean(low * high), np.mean(mid * high)]
    bpm = 60 * typical_rate(pulse) / beat.halves
    tempo = np.log2(bpm / 120)
    return np.concatenate(
        [
            profile,
            np.abs(blocks).mean(axis=0).ravel(),
            together,
            likeness(folded - folded.mean(axis=1, keepdims=True), (1, 2, 3, 4, 6, 8)),
            [tempo, tempo**2],
        ]
    )


def likeness(folded: Floats, lags: tuple[int, ...]) -> Floats:
    """How alike the patterns of beats some lags apart are in each band, -1 to 1."""
    power = np.mean(folded**2, axis=(1, 2)) + 1e-6
    count = folded.shape[1]
    rows = [
        np.mean(folded[:, lag:] * folded[:, :-lag], axis=(1, 2)) / power if count > lag + 4 else 0 * power
        for lag in lags
    ]
    return np.concatenate(rows)


def bar_features(flux: Flux, harmony: Harmony, times: Floats, choices: list[Bar]) -> NDArray[np.float32]:
    """One row for each choice, from the accents of every beat: its flux in each band, and the changes of harmony."""
    frames = times * FRAMES
    bands = gaussian_filter1d(flux.bands, BLUR, axis=1)
    accents = [np.interp(frames, np.arange(len(band)), band) for band in bands]
    accents += [harmony.change(times, span) for span in SPANS]
    scores = np.array([(accent - accent.mean()) / (accent.std() + 1e-6) for accent in accents])
    scores = np.vstack([scores, np.clip(scores[-2:], 0.0, 4.0) ** 2])  # the largest changes begin sections
    rows = np.array([bar_row(scores, choice) for choice in choices])
    return np.hstack([rows, rows - rows.mean(axis=0)]).astype(np.float32)


def bar_row(scores: Floats, bar: Bar) -> Floats:
    count = scores.shape[1]
    turned = np.arange(count) - bar.offset
    mean = np.stack([scores[:, turned % bar.beats == place].mean(axis=1) for place in range(bar.beats)])
    rivals = mean[1:].max(axis=0)
    half = mean[2] if bar.beats == 4 else 0 * mean[0]
    lag = bar.beats
    periodic = np.mean(scores[:, lag:] * scores[:, :-lag], axis=1) if count > lag + 4 else 0 * mean[0]
    return np.concatenate([mean[0], mean[0] - rivals, mean[1], mean[-1], half, periodic, [bar.beats]])

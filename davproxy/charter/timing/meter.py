"""The meter: which steps of the pulse are the beat, and which beats begin a bar.

Two small forests, trained on synthetic tunes (tests/bench/train_meter.py), rank every choice by how the music is folded
under it: where in the beat, and in the bar, each band of the flux and the harmony change.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from davproxy.charter.models import forest
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.chroma import Harmony, harmony
from davproxy.charter.signal.onset_strength import FRAMES, LEAD, Flux, flux
from davproxy.charter.timing.tactus import Floats, Pulse

WEIGHTS = Path(__file__).parents[1] / "models" / "meter.npz"
SLOTS = 12  # parts of a beat that are looked at
SLOWEST, FASTEST = 50.0, 215.0  # beats a minute
LENGTHS = (1, 2, 3, 4, 6, 8)  # half pulses that a beat may last
METERS = (3, 4)  # beats a bar may have
BLUR = 2.0  # frames by which the flux is smoothed before it is sampled
PLAYED, CLEARLY = 0.7, 1.06  # of the mean flux, and of the flux between: what begins on 32nds that are played
SPANS = (1, 2, 4)  # beats on both sides over which harmony is compared


@dataclass(frozen=True)
class Heard:
    """What the meter is judged by: the flux, the harmony, and when the first sound starts, in seconds."""

    flux: Flux
    harmony: Harmony
    start: float

    @cached_property
    def bands(self) -> NDArray[np.float32]:
        """The flux of each band, smoothed, to be sampled."""
        return np.asarray(gaussian_filter1d(self.flux.bands, BLUR, axis=1))


@dataclass(frozen=True)
class Beat:
    """A choice of the beat: it lasts `halves` half pulses, and one falls on the half pulse `offset`."""

    halves: int
    offset: float

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


def listen(audio: Audio) -> Heard:
    return Heard(flux(audio), harmony(audio), audio.first_sound)


def find_beat(heard: Heard, pulse: Pulse) -> Beat:
    choices = beats(pulse)
    beat = choices[int(np.argmax(BEAT_RANKER.predict(beat_features(heard, pulse, choices))))]
    room = beat.halves % 2 == 0 and 120 * typical_rate(pulse) / beat.halves <= FASTEST
    return replace(beat, halves=beat.halves // 2) if room and plays_32nds(heard, pulse, beat) else beat


def plays_32nds(heard: Heard, pulse: Pulse, beat: Beat) -> bool:
    """Whether as much begins on the 32nds of the beat as notes make, and more than between them. People who chart such
    music, fast metal above all, write it in sixteenths at twice the tempo."""
    bands = heard.bands / (heard.bands.mean(axis=1, keepdims=True) + 1e-6)
    places = beat.places(pulse, heard.flux.seconds)[:, None]
    on, between = (sampled(bands, pulse, places + beat.halves * np.arange(1, n, 2) / n).mean() for n in (8, 16))
    return bool(on > max(PLAYED, CLEARLY * between))


def find_bar(heard: Heard, times: Floats) -> Bar:
    """The bar, given the times of the beats."""
    choices = bars()
    return choices[int(np.argmax(BAR_RANKER.predict(bar_features(heard, times, choices))))]


def beats(pulse: Pulse) -> list[Beat]:
    """Every choice of the beat at a tempo that people tap."""
    rate = 60 * typical_rate(pulse)
    lengths = [length for length in LENGTHS if SLOWEST <= rate / length <= FASTEST]
    # Where every sixteenth is played, the comb of half pulses may have settled on the wrong ones.
    steps = {length: length if length % 3 == 0 else 2 * length for length in lengths or [2]}
    return [Beat(length, length * step / count) for length, count in steps.items() for step in range(count)]


def bars() -> list[Bar]:
    return [Bar(count, offset) for count in METERS for offset in range(count)]


def typical_rate(pulse: Pulse) -> float:
    """Half pulses a second, the median over time."""
    times = np.arange(0.0, pulse.seconds[-1], 0.5)
    return float(np.median(np.diff(pulse.at(times)))) / 0.5


def beat_features(heard: Heard, pulse: Pulse, choices: list[Beat]) -> NDArray[np.float32]:
    """One row for each choice: its own features, and how they differ from the mean of all choices."""
    rows = np.array([np.concatenate([fold(heard.bands, pulse, c), turns(heard, pulse, c)]) for c in choices])
    return np.hstack([rows, rows - rows.mean(axis=0)]).astype(np.float32)


def fold(bands: NDArray[np.float32], pulse: Pulse, beat: Beat) -> Floats:
    """What falls where in the beat, in each band, and how alike beats are that lie some beats apart."""
    places = beat.places(pulse, bands.shape[1] / FRAMES)[:-1]
    slots = places[:, None] + beat.halves * np.arange(SLOTS) / SLOTS
    folded = sampled(bands, pulse, slots)
    folded = np.minimum(folded / (folded.mean(axis=(1, 2), keepdims=True) + 1e-6), 8.0)
    profile = np.log(folded.mean(axis=1) + 0.1).ravel()
    # How much every other beat differs, in blocks of about 16 beats, since fills turn it round.
    signs = np.where(np.arange(len(places)) % 2, -1.0, 1.0)[:, None]
    swaying = folded[:, :, [0, 6, 3, 9]] * signs
    blocks = np.stack([part.mean(axis=1) for part in np.array_split(swaying, max(1, len(places) // 16), axis=1)])
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


def sampled(bands: NDArray[np.float32], pulse: Pulse, halves: Floats) -> Floats:
    """Each band at the half pulses `halves`: (bands, *halves.shape)."""
    frames = pulse.time(halves) * FRAMES
    return np.stack([np.interp(frames, np.arange(len(band)), band) for band in bands])


def turns(heard: Heard, pulse: Pulse, beat: Beat) -> Floats:
    """How much the harmony changes at each quarter of the beat, and how far from a beat the first sound is."""
    places = beat.places(pulse, heard.flux.seconds)
    found = []
    for span in SPANS:
        ends = [places[:, None] + beat.halves * (np.arange(4) / 4 + side * span) for side in (-1, 0, 1)]
        change = heard.harmony.change(*(pulse.time(end.ravel()) for end in ends)).reshape(-1, 4)
        change = (change - change.mean()) / (change.std() + 1e-6)
        found += [change.mean(axis=0), (np.clip(change, 0.0, 4.0) ** 2).mean(axis=0)]
    start = (pulse.at(np.array([heard.start - LEAD]))[0] - beat.offset) / beat.halves
    return np.concatenate([*found, [abs(start - round(start))]])


def likeness(folded: Floats, lags: tuple[int, ...]) -> Floats:
    """How alike the patterns of beats some lags apart are in each band, -1 to 1."""
    power = np.mean(folded**2, axis=(1, 2)) + 1e-6
    count = folded.shape[1]
    rows = [
        np.mean(folded[:, lag:] * folded[:, :-lag], axis=(1, 2)) / power if count > lag + 4 else 0 * power
        for lag in lags
    ]
    return np.concatenate(rows)


def bar_features(heard: Heard, times: Floats, choices: list[Bar]) -> NDArray[np.float32]:
    """One row for each choice, from the accents of every beat: its flux in each band, and the changes of harmony."""
    accents = [np.interp(times * FRAMES, np.arange(len(band)), band) for band in heard.bands]
    for span in SPANS:
        number = np.arange(len(times))
        before, after = np.maximum(number - span, 0), np.minimum(number + span, len(times) - 1)
        accents.append(heard.harmony.change(times[before], times, times[after]))
    start = float(np.interp(heard.start - LEAD, times, np.arange(len(times))))
    scores = np.array([(accent - accent.mean()) / (accent.std() + 1e-6) for accent in accents])
    scores = np.vstack([scores, np.clip(scores[-2:], 0.0, 4.0) ** 2])  # the largest changes begin sections
    rows = np.array([bar_row(scores, start, choice) for choice in choices])
    return np.hstack([rows, rows - rows.mean(axis=0)]).astype(np.float32)


def bar_row(scores: Floats, start: float, bar: Bar) -> Floats:
    """How the accents are spread over the bar, how alike bars are, and how far from a bar line the first sound is."""
    count = scores.shape[1]
    turned = np.arange(count) - bar.offset
    mean = np.stack([scores[:, turned % bar.beats == place].mean(axis=1) for place in range(bar.beats)])
    rivals = mean[1:].max(axis=0)
    half = mean[2] if bar.beats == 4 else 0 * mean[0]
    lag = bar.beats
    early = (start - bar.offset + bar.beats / 2) % bar.beats - bar.beats / 2
    periodic = np.mean(scores[:, lag:] * scores[:, :-lag], axis=1) if count > lag + 4 else 0 * mean[0]
    return np.concatenate(
        [mean[0], mean[0] - rivals, mean[1], mean[-1], half, periodic, [bar.beats, early, abs(early)]]
    )

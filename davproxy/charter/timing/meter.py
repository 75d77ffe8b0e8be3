"""The meter: which tatums are beats, and which beats are downbeats.

Two small forests of extremely randomized trees (Geurts, Ernst and Wehenkel, "Extremely randomized trees", 2006),
trained on synthetic tunes (tests/bench/train_meter.py), rank all candidates by the profile that a beat or bar of the
candidate has: the mean of each band of onset strength, and of the change of chroma, at each position in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import lcm
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from davproxy.charter.models import forest
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.chroma import Chroma, chroma
from davproxy.charter.signal.onset_strength import EARLY, OnsetStrength
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.tatum_map import TatumMap
from davproxy.charter.viterbi import Floats

WEIGHTS = Path(__file__).parents[1] / "models" / "meter.npz"
PARTS = 12  # positions in a beat at which its profile is sampled
SLOWEST, FASTEST = 50.0, 215.0  # beats a minute of the candidates
QUICKEST, SLOWEST_OF_QUICK = 255.0, 90.0  # beats a minute: the limits of two ambiguous tempi
LITTLE, NOT_MUCH = 0.76, 0.09  # ambiguous: expected F measure at most, and difference of both tempi at most
LENGTHS = (1, 2, 3, 4, 6, 8)  # tatums that a beat may last
METERS = (3, 4)  # beats in a bar that the forest was trained with
STARTS = range(lcm(*METERS))  # beats at which the first sound may be, in all bars of these
ODD_METERS = (3, 5, 6, 7)  # beats in a bar that autocorrelation finds
LAGS = range(2, 15)  # beats, lags of the autocorrelation
PLAINLY = 0.25  # by which the correlation at the lag of a bar exceeds 0 and that at any other lag
HARMONY = 1.0  # weight of the change of chroma, in standard deviations, against the forest's rank of an odd bar
FEWEST_BEATS = 48  # beats from which autocorrelation is used
PART = 96  # beats of a part of the song; parts overlap by half
BLUR = 2.0  # frames, standard deviation of the Gaussian that smooths onset strength before it is sampled
PLAYED, CLEARLY = 0.7, 1.06  # onset strength of 32nds that are played, by the mean and by that between them
BANDS = 3  # bands of onset strength
SPANS = (1, 2, 4)  # beats before and after a point between which chroma is compared


@dataclass(frozen=True)
class MeterCues:
    """The evidence for the meter: onset strength, chroma, and the `start` of the first sound and `end` of the last one,
    in seconds."""

    onsets: OnsetStrength
    chroma: Chroma
    start: float
    end: float

    @cached_property
    def bands(self) -> NDArray[np.float32]:
        """The smoothed onset strength of each band: (BANDS, frames), FRAME_RATE frames a second."""
        return np.asarray(gaussian_filter1d(self.onsets.bands, BLUR, axis=1))


@dataclass(frozen=True)
class Beat:
    """A candidate for the beat: it lasts `tatums`, and one beat is on the tatum `offset`, which may have a fraction."""

    tatums: int
    offset: float

    def positions(self, tatums: TatumMap, end: float) -> Floats:
        """The tatums, with fractions, of the beats from time 0 to `end` (seconds): (beats,)."""
        first, last = (tatums.at(np.array([0.0, end])) - self.offset) / self.tatums
        return np.arange(np.ceil(first), np.floor(last) + 1) * self.tatums + self.offset


@dataclass(frozen=True)
class Bar:
    """A candidate for the bar: it has `beats` beats, and beat number `offset` of the song is a downbeat."""

    beats: int
    offset: int


BEAT_RANKER = forest.load(WEIGHTS, "beat")
BAR_RANKER = forest.load(WEIGHTS, "bar")


def meter_cues(audio: Audio, onsets: OnsetStrength) -> MeterCues:
    """The cues of a recording and its onset strength."""
    return MeterCues(onsets, chroma(audio.samples), audio.first_sound, audio.last_sound)


def find_beat(cues: MeterCues, tatums: TatumMap) -> Beat:
    """The candidate for the beat that the forest ranks highest. It is halved if 32nds of it are played, or if the
    forest is undecided: at half the tempo, quick notes would have no slot."""
    choices = beats(tatums)
    beat = choices[int(np.argmax(BEAT_RANKER.predict(beat_features(cues, tatums, choices))))]
    quicker, bpm = replace(beat, tatums=beat.tatums // 2), 60 * typical_rate(tatums) / beat.tatums
    if beat.tatums % 2 or 2 * bpm > QUICKEST:
        return beat
    if 2 * bpm <= FASTEST and plays_32nds(cues, tatums, beat):
        return quicker
    if bpm >= SLOWEST_OF_QUICK and is_undecided(cues, tatums, choices, beat, quicker):
        return quicker
    return beat


def is_undecided(cues: MeterCues, tatums: TatumMap, choices: list[Beat], beat: Beat, quicker: Beat) -> bool:
    """Whether the forest ranks `beat`, the best of `choices`, low, and `quicker`, at twice its tempo, nearly as
    high."""
    both = [*choices, beat, replace(quicker, offset=quicker.offset % quicker.tatums)]
    *_, slow, quick = BEAT_RANKER.predict(beat_features(cues, tatums, both))
    return bool(slow <= LITTLE and slow - quick <= NOT_MUCH)


def plays_32nds(cues: MeterCues, tatums: TatumMap, beat: Beat) -> bool:
    """Whether the onset strength on the 32nds of the beat is that of notes, and higher than between them. People chart
    such music, mostly fast metal, in sixteenths at twice the tempo."""
    bands = cues.bands / (cues.bands.mean(axis=1, keepdims=True) + 1e-6)
    positions = beat.positions(tatums, cues.onsets.seconds)[:, None]
    on, between = (sample(bands, tatums, positions + beat.tatums * np.arange(1, n, 2) / n).mean() for n in (8, 16))
    return bool(on > max(PLAYED, CLEARLY * between))


def rank_bars(cues: MeterCues, times: Floats) -> dict[Bar, float]:
    """How good each candidate for the bar is: its mean rank in all parts of the song. If autocorrelation finds an odd
    meter, only its bars are candidates. `times` are those of the beats, in seconds: (beats,)."""
    scores = accents(cues, times)
    plain = plain_meter(scores)
    if plain is None:
        ranks = votes(lambda part, choices: rank_anywhere(cues, times[part], choices), bars(), len(times))
        return dict(zip(bars(), ranks.tolist(), strict=True))
    worth = BAR_RANKER.predict(bar_features(cues, times, [*bars(), *bars([plain])]))[-plain:]
    # The forest was trained with few odd bars; but bars begin where the harmony changes.
    worth = worth + [HARMONY * scores[BANDS:, offset::plain].mean() for offset in range(plain)]
    return dict(zip(bars([plain]), worth.tolist(), strict=True))


def rank_anywhere(cues: MeterCues, times: Floats, choices: Sequence[Bar]) -> Floats:
    """The rank of each of `choices`, (choices,), as its mean over all beats of a bar at which the music may begin.

    The forest learned from MIDI files, which begin with a bar; recordings begin with a pick-up or a count-in, and parts
    of a song anywhere.
    """
    scores = bar_scores(cues, times)
    rows = np.concatenate([bar_rows(scores, float(start), choices) for start in STARTS])
    return np.asarray(BAR_RANKER.predict(rows).reshape(len(STARTS), -1).mean(axis=0))


def votes(rank: Callable[[slice, Sequence[Bar]], Floats], choices: Sequence[Bar], count: int) -> Floats:
    """The mean rank of each of `choices` over the parts of a song of `count` beats: (choices,).

    A profile over the whole song would blur if the grid is off by a beat somewhere, and one unusual part would decide
    alone. `rank` takes the beats of a part, and choices with offsets relative to the first of them.
    """
    found = []
    for first in range(0, max(count - PART // 2, 1), PART // 2):
        turned = [replace(choice, offset=(choice.offset - first) % choice.beats) for choice in choices]
        found.append(rank(slice(first, first + PART), turned))
    return np.asarray(np.mean(found, axis=0))


def plain_meter(scores: Floats) -> int | None:
    """The one of ODD_METERS whose bar is a clear peak in the autocorrelation of onset strength; None if there is none.
    Six also if every second beat has a bar of three, as in a waltz at twice its tempo. `scores` is the result of
    `accents`."""
    bands = scores[:BANDS]
    if meter := next((meter for meter in ODD_METERS if is_plain(bands, meter)), None):
        return meter
    halves = (bands[:, first::2] for first in (0, 1))
    return 6 if any(is_plain(np.array([standardised(band) for band in half]), 3) for half in halves) else None


def is_plain(bands: Floats, meter: int) -> bool:
    """Whether the accents `bands`, each standardised, (bands, beats), come back after `meter` beats and at no other
    lag. False if there are fewer than FEWEST_BEATS."""
    if bands.shape[1] < FEWEST_BEATS:
        return False
    alike = {lag: float(np.mean(bands[:, lag:] * bands[:, :-lag])) for lag in LAGS}
    others = max(alike[lag] for lag in LAGS if lag % meter)
    return (alike[meter] + alike[2 * meter]) / 2 > PLAINLY + max(others, 0.0)


def beats(tatums: TatumMap) -> list[Beat]:
    """All candidates for the beat with a tempo from SLOWEST to FASTEST."""
    rate = 60 * typical_rate(tatums)
    shuffled = tatums.of_tactus == 3
    lengths = [n for n in LENGTHS if SLOWEST <= rate / n <= FASTEST and (n % 3 == 0 or not shuffled)]
    # Where all sixteenths are played, the tatums may be off by a sixteenth.
    steps = {length: length if length % 3 == 0 else 2 * length for length in lengths or [tatums.of_tactus]}
    return [Beat(length, length * step / count) for length, count in steps.items() for step in range(count)]


def bars(meters: Sequence[int] = METERS) -> list[Bar]:
    """All candidates for the bar with one of these numbers of beats."""
    return [Bar(count, offset) for count in meters for offset in range(count)]


def typical_rate(tatums: TatumMap) -> float:
    """The median rate over time, in tatums a second."""
    times = np.arange(0.0, tatums.seconds[-1], 0.5)
    return float(np.median(np.diff(tatums.at(times)))) / 0.5


def beat_features(cues: MeterCues, tatums: TatumMap, choices: list[Beat]) -> NDArray[np.float32]:
    """The features of each candidate, and their differences from the mean of all: (choices, features), float32."""
    rows = [np.concatenate([beat_profile(cues.bands, tatums, c), chroma_changes(cues, tatums, c)]) for c in choices]
    return _against_mean(np.array(rows))


def beat_profile(bands: NDArray[np.float32], tatums: TatumMap, beat: Beat) -> Floats:
    """Features of a beat, (features,): the mean of each of `bands` (bands, frames) at each position in the beat, the
    difference of odd and even beats, the autocorrelation over beats, and the tempo in octaves from 120 BPM."""
    positions = beat.positions(tatums, bands.shape[1] / FRAME_RATE)[:-1]
    parts = positions[:, None] + beat.tatums * np.arange(PARTS) / PARTS
    folded = sample(bands, tatums, parts)
    folded = np.minimum(folded / (folded.mean(axis=(1, 2), keepdims=True) + 1e-6), 8.0)
    profile = np.log(folded.mean(axis=1) + 0.1).ravel()
    # The difference of odd and even beats, in blocks of about 16 beats, because a fill may swap them.
    signs = np.where(np.arange(len(positions)) % 2, -1.0, 1.0)[:, None]
    swaying = folded[:, :, [0, 6, 3, 9]] * signs
    blocks = np.stack([part.mean(axis=1) for part in np.array_split(swaying, max(1, len(positions) // 16), axis=1)])
    low, mid, high = blocks[:, 0, 0], blocks[:, 1, 0], blocks[:, 2, 0]
    together = [np.mean(low * mid), np.mean(low * high), np.mean(mid * high)]
    bpm = 60 * typical_rate(tatums) / beat.tatums
    tempo = np.log2(bpm / 120)
    return np.concatenate(
        [
            profile,
            np.abs(blocks).mean(axis=0).ravel(),
            together,
            autocorrelation(folded - folded.mean(axis=1, keepdims=True), (1, 2, 3, 4, 6, 8)),
            [tempo, tempo**2],
        ]
    )


def sample(bands: NDArray[np.float32], tatums: TatumMap, positions: Floats) -> Floats:
    """Each of `bands` (bands, frames), interpolated at the tatums `positions`: (bands, *positions.shape)."""
    frames = tatums.time(positions) * FRAME_RATE
    return np.stack([np.interp(frames, np.arange(len(band)), band) for band in bands])


def chroma_changes(cues: MeterCues, tatums: TatumMap, beat: Beat) -> Floats:
    """Features of a beat, (features,): the change of chroma at each quarter of the beat over each of SPANS, and the
    distance of the first sound from a beat."""
    positions = beat.positions(tatums, cues.onsets.seconds)
    found = []
    for span in SPANS:
        ends = [positions[:, None] + beat.tatums * (np.arange(4) / 4 + side * span) for side in (-1, 0, 1)]
        change = cues.chroma.change(*(tatums.time(end.ravel()) for end in ends)).reshape(-1, 4)
        change = (change - change.mean()) / (change.std() + 1e-6)
        found += [change.mean(axis=0), (np.clip(change, 0.0, 4.0) ** 2).mean(axis=0)]
    start = (tatums.at(np.array([cues.start - EARLY]))[0] - beat.offset) / beat.tatums
    return np.concatenate([*found, [abs(start - round(start))]])


def autocorrelation(folded: Floats, lags: tuple[int, ...]) -> Floats:
    """The autocorrelation of each band of `folded` (bands, beats, parts) at each lag in beats: (lags * bands,), -1 to
    1."""
    power = np.mean(folded**2, axis=(1, 2)) + 1e-6
    count = folded.shape[1]
    rows = [
        np.mean(folded[:, lag:] * folded[:, :-lag], axis=(1, 2)) / power if count > lag + 4 else 0 * power
        for lag in lags
    ]
    return np.concatenate(rows)


def accents(cues: MeterCues, times: Floats) -> Floats:
    """The accents of the beats at `times` (seconds), (BANDS + SPANS, beats): the onset strength of each band, then the
    change of chroma over each of SPANS, each standardised over the beats."""
    found = [np.interp(times * FRAME_RATE, np.arange(len(band)), band) for band in cues.bands]
    for span in SPANS:
        number = np.arange(len(times))
        before, after = np.maximum(number - span, 0), np.minimum(number + span, len(times) - 1)
        found.append(cues.chroma.change(times[before], times, times[after]))
    return np.array([standardised(accent) for accent in found])


def standardised(accent: Floats) -> Floats:
    """`accent` (beats,) with a mean of 0 and a standard deviation of 1."""
    return np.asarray((accent - accent.mean()) / (accent.std() + 1e-6))


def bar_features(cues: MeterCues, times: Floats, choices: Sequence[Bar]) -> NDArray[np.float32]:
    """The features of each candidate for the bar, and their differences from the mean of all: (choices, features),
    float32. `times` are those of the beats, in seconds."""
    start = float(np.interp(cues.start - EARLY, times, np.arange(len(times))))
    return bar_rows(bar_scores(cues, times), start, choices)


def bar_scores(cues: MeterCues, times: Floats) -> Floats:
    """`accents`, and the squares of the largest changes of chroma, which begin sections: (rows, beats)."""
    scores = accents(cues, times)
    return np.vstack([scores, np.clip(scores[-2:], 0.0, 4.0) ** 2])


def bar_rows(scores: Floats, start: float, choices: Sequence[Bar]) -> NDArray[np.float32]:
    """`bar_features` of `scores`, if the first sound is at beat `start`."""
    return _against_mean(np.array([bar_row(scores, start, choice) for choice in choices]))


def bar_row(scores: Floats, start: float, bar: Bar) -> Floats:
    """Features of a bar, (features,): the profile of `scores` (accents, beats) over the bar, their autocorrelation over
    bars, and the distance of the first sound, at beat `start`, from a downbeat."""
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


def _against_mean(rows: Floats) -> NDArray[np.float32]:
    return np.hstack([rows, rows - rows.mean(axis=0)]).astype(np.float32)

"""Which tatums are beats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import forest
from davproxy.charter.signal.onset_strength import EARLY
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.meter import SPANS, WEIGHTS, MeterCues, against_mean, part_starts
from davproxy.charter.timing.tatum_map import TatumMap
from davproxy.charter.viterbi import Floats

PARTS = 12  # positions in a beat at which its profile is sampled
SLOWEST, FASTEST = 50.0, 215.0  # beats a minute of the candidates
QUICKEST = 255.0  # beats a minute of twice the tempo of one
LENGTHS = (1, 2, 3, 4, 6, 8)  # tatums that a beat may last
PART = 25.0  # seconds of a part of the song; parts overlap by half
LOWER = 0.05  # by which twice the tempo may rank lower: the forest learned none so fast, and half of it loses notes
PLAYED, CLEARLY = 0.7, 1.06  # onset strength of 32nds that are played, by the mean and by that between them


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
class Folded:
    """What is heard over the beats of a candidate, which begin at `times` (seconds), (beats,): the onset strength at
    each position in them, `onsets` (BANDS, beats, PARTS), and the change of chroma at each quarter of them over each of
    SPANS, `changes` (SPANS, beats, 4). `tempo` is in octaves from 120 BPM."""

    times: Floats
    onsets: Floats
    changes: Floats
    tempo: float

    def features(self, start: float, end: float) -> Floats:
        """The features of the beats from `start` to `end` (seconds): (features,)."""
        part = slice(*np.searchsorted(self.times, [start, end]))
        return np.concatenate(
            [beat_profile(self.onsets[:, part]), [self.tempo, self.tempo**2], chroma_changes(self.changes[:, part])]
        )


BEAT_RANKER = forest.load(WEIGHTS, "beat")


def find_beat(cues: MeterCues, tatums: TatumMap) -> Beat:
    """The candidate for the beat that the forest ranks highest. It is halved if 32nds of it are played, or if its
    half, which is too fast for a candidate, ranks about as high: at half the tempo, quick notes would have no slot."""
    choices = beats(tatums)
    beat = choices[int(np.argmax(rank_beats(cues, tatums, choices)))]
    quicker, bpm = replace(beat, tatums=beat.tatums // 2), 60 * typical_rate(tatums) / beat.tatums
    if beat.tatums % 2 or 2 * bpm > QUICKEST:
        return beat
    if 2 * bpm <= FASTEST:
        return quicker if plays_32nds(cues, tatums, beat) else beat
    # The offset within the beat, as those of all candidates are.
    both = [*choices, beat, replace(quicker, offset=quicker.offset % quicker.tatums)]
    *_, slow, quick = rank_beats(cues, tatums, both)
    return quicker if quick > slow - LOWER else beat


def plays_32nds(cues: MeterCues, tatums: TatumMap, beat: Beat) -> bool:
    """Whether the onset strength on the 32nds of the beat is that of notes, and higher than between them. People chart
    such music, mostly fast metal, in sixteenths at twice the tempo."""
    bands = cues.bands / (cues.bands.mean(axis=1, keepdims=True) + 1e-6)
    positions = beat.positions(tatums, cues.onsets.seconds)[:, None]
    on, between = (sample(bands, tatums, positions + beat.tatums * np.arange(1, n, 2) / n).mean() for n in (8, 16))
    return bool(on > max(PLAYED, CLEARLY * between))


def rank_beats(cues: MeterCues, tatums: TatumMap, choices: Sequence[Beat]) -> Floats:
    """How good each of `choices` is, (choices,): its mean rank in all parts of the song."""
    start = first_tatum(cues, tatums)
    parts = part_profiles(cues, tatums, choices)
    return np.asarray(np.mean([BEAT_RANKER.predict(beat_rows(part, choices, start)) for part in parts], axis=0))


def part_profiles(cues: MeterCues, tatums: TatumMap, choices: Sequence[Beat]) -> Iterator[Floats]:
    """The features of each of `choices` in each part of the song, (choices, features), without the first sound."""
    folded = [fold(cues, tatums, choice) for choice in choices]
    first, last = cues.start, cues.end
    if last - first < PART:
        first, last = 0.0, cues.onsets.seconds
    for start in part_starts(first, last, PART):
        yield np.array([each.features(start, min(start + PART, last)) for each in folded])


def beats(tatums: TatumMap) -> list[Beat]:
    """All candidates for the beat with a tempo from SLOWEST to FASTEST."""
    rate = 60 * typical_rate(tatums)
    shuffled = tatums.of_tactus == 3
    lengths = [n for n in LENGTHS if SLOWEST <= rate / n <= FASTEST and (n % 3 == 0 or not shuffled)]
    # Where all sixteenths are played, the tatums may be off by a sixteenth.
    steps = {length: length if length % 3 == 0 else 2 * length for length in lengths or [tatums.of_tactus]}
    return [Beat(length, length * step / count) for length, count in steps.items() for step in range(count)]


def typical_rate(tatums: TatumMap) -> float:
    """The median rate over time, in tatums a second."""
    times = np.arange(0.0, tatums.seconds[-1], 0.5)
    return float(np.median(np.diff(tatums.at(times)))) / 0.5


def first_tatum(cues: MeterCues, tatums: TatumMap) -> float:
    """The tatum, with its fraction, of the first sound."""
    return float(tatums.at(np.array([cues.start - EARLY]))[0])


def beat_features(cues: MeterCues, tatums: TatumMap, choices: Sequence[Beat]) -> NDArray[np.float32]:
    """The features of each candidate over the whole song, and their differences from the mean of all: (choices,
    features), float32."""
    profiles = np.array([fold(cues, tatums, choice).features(-np.inf, np.inf) for choice in choices])
    return beat_rows(profiles, choices, first_tatum(cues, tatums))


def beat_rows(profiles: Floats, choices: Sequence[Beat], start: float) -> NDArray[np.float32]:
    """`beat_features` of `profiles` (choices, features), if the first sound is at the tatum `start`: its distance from
    a beat is one more feature."""
    early = np.array([(start - choice.offset) / choice.tatums for choice in choices])
    return against_mean(np.column_stack([profiles, np.abs(early - np.round(early))]))


def fold(cues: MeterCues, tatums: TatumMap, beat: Beat) -> Folded:
    """What is heard over the beats of a candidate, the last of which may lack its end."""
    positions = beat.positions(tatums, cues.onsets.seconds)
    parts = positions[:-1, None] + beat.tatums * np.arange(PARTS) / PARTS
    changes = []
    for span in SPANS:
        ends = [positions[:, None] + beat.tatums * (np.arange(4) / 4 + side * span) for side in (-1, 0, 1)]
        changes.append(cues.chroma.change(*(tatums.time(end.ravel()) for end in ends)).reshape(-1, 4))
    bpm = 60 * typical_rate(tatums) / beat.tatums
    return Folded(
        tatums.time(positions), sample(cues.bands, tatums, parts), np.array(changes), float(np.log2(bpm / 120))
    )


def sample(bands: NDArray[np.float32], tatums: TatumMap, positions: Floats) -> Floats:
    """Each of `bands` (bands, frames), interpolated at the tatums `positions`: (bands, *positions.shape)."""
    frames = tatums.time(positions) * FRAME_RATE
    return np.stack([np.interp(frames, np.arange(len(band)), band) for band in bands])


def beat_profile(onsets: Floats) -> Floats:
    """Features of a beat, (features,), from the `onsets` of Folded: the mean of each band at each position in the beat,
    the difference of odd and even beats, and the autocorrelation over beats."""
    folded = np.minimum(onsets / (onsets.mean(axis=(1, 2), keepdims=True) + 1e-6), 8.0)
    profile = np.log(folded.mean(axis=1) + 0.1).ravel()
    # The difference of odd and even beats, in blocks of about 16 beats, because a fill may swap them.
    count = folded.shape[1]
    signs = np.where(np.arange(count) % 2, -1.0, 1.0)[:, None]
    swaying = folded[:, :, [0, 6, 3, 9]] * signs
    blocks = np.stack([part.mean(axis=1) for part in np.array_split(swaying, max(1, count // 16), axis=1)])
    low, mid, high = blocks[:, 0, 0], blocks[:, 1, 0], blocks[:, 2, 0]
    together = [np.mean(low * mid), np.mean(low * high), np.mean(mid * high)]
    correlation = autocorrelation(folded - folded.mean(axis=1, keepdims=True), (1, 2, 3, 4, 6, 8))
    return np.concatenate([profile, np.abs(blocks).mean(axis=0).ravel(), together, correlation])


def chroma_changes(changes: Floats) -> Floats:
    """Features of a beat, (features,), from the `changes` of Folded: their mean at each quarter over each of SPANS, and
    that of their squares, which is high where few are large."""
    found = []
    for change in changes:
        standard = (change - change.mean()) / (change.std() + 1e-6)
        found += [standard.mean(axis=0), (np.clip(standard, 0.0, 4.0) ** 2).mean(axis=0)]
    return np.concatenate(found)


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

"""Which beats are downbeats."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import lcm

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import forest
from davproxy.charter.models.forest import Forest
from davproxy.charter.signal.onset_strength import EARLY
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.meter import BANDS, SPANS, WEIGHTS, MeterCues, against_mean, part_starts
from davproxy.charter.viterbi import Floats

METERS = (3, 4)  # beats in a bar that the forest was trained with
STARTS = range(lcm(*METERS))  # beats at which the first sound may be, in all bars of these
ODD_METERS = (3, 5, 6, 7)  # beats in a bar that autocorrelation finds
LAGS = range(2, 15)  # beats, lags of the autocorrelation
PLAINLY = 0.25  # by which the correlation at the lag of a bar exceeds 0 and that at any other lag
HARMONY = 1.0  # weight of the change of chroma, in standard deviations, against the forest's rank of an odd bar
FEWEST_BEATS = 48  # beats from which autocorrelation is used
PART = 96  # beats of a part of the song; parts overlap by half


@dataclass(frozen=True)
class Bar:
    """A candidate for the bar: it has `beats` beats, and beat number `offset` of the song is a downbeat."""

    beats: int
    offset: int


BAR_RANKER = forest.load(WEIGHTS, "bar")


def rank_bars(cues: MeterCues, times: Floats) -> dict[Bar, float]:
    """How good each candidate for the bar is: its mean rank in all parts of the song. If autocorrelation finds an odd
    meter, only its bars are candidates. `times` are those of the beats, in seconds: (beats,)."""
    scores = accents(cues, times)
    plain = plain_meter(scores)
    if plain is None:
        ranks = votes(lambda part, choices: rank_part(cues, times[part], choices), bars(), len(times))
        return dict(zip(bars(), ranks.tolist(), strict=True))
    worth = BAR_RANKER.predict(bar_features(cues, times, [*bars(), *bars([plain])]))[-plain:]
    # The forest was trained with few odd bars; but bars begin where the harmony changes.
    worth = worth + [HARMONY * scores[BANDS:, offset::plain].mean() for offset in range(plain)]
    return dict(zip(bars([plain]), worth.tolist(), strict=True))


def rank_part(cues: MeterCues, times: Floats, choices: Sequence[Bar]) -> Floats:
    """The rank of each of `choices` over the beats at `times`, (choices,), wherever in a bar the music begins."""
    return rank_anywhere(BAR_RANKER, partial(bar_rows, bar_scores(cues, times), choices), STARTS)


def rank_anywhere(ranker: Forest, rows: Callable[[float], NDArray[np.float32]], starts: Iterable[float]) -> Floats:
    """The rank of each candidate, (candidates,), as its mean over all `starts` at which the music may begin. `rows` are
    the features of the candidates, (candidates, features), if it begins there.

    MIDI files, which the forest learned from, begin with a bar; recordings begin with a pick-up or a count-in, and
    parts of a song anywhere.
    """
    found = [rows(start) for start in starts]
    return np.asarray(ranker.predict(np.concatenate(found)).reshape(len(found), -1).mean(axis=0))


def votes(rank: Callable[[slice, Sequence[Bar]], Floats], choices: Sequence[Bar], count: int) -> Floats:
    """The mean rank of each of `choices` over the parts of a song of `count` beats: (choices,).

    A profile over the whole song would blur if the grid is off by a beat somewhere, and one unusual part would decide
    alone. `rank` takes what `parts` gives.
    """
    return np.asarray(np.mean([rank(part, turned) for part, turned in parts(choices, count)], axis=0))


def parts(choices: Sequence[Bar], count: int) -> Iterator[tuple[slice, list[Bar]]]:
    """The beats of each part of a song of `count` beats, and `choices` with offsets relative to the first of them."""
    for first in map(int, part_starts(0, count, PART)):
        turned = [replace(choice, offset=(choice.offset - first) % choice.beats) for choice in choices]
        yield slice(first, first + PART), turned


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


def bars(meters: Sequence[int] = METERS) -> list[Bar]:
    """All candidates for the bar with one of these numbers of beats."""
    return [Bar(count, offset) for count in meters for offset in range(count)]


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
    return bar_rows(bar_scores(cues, times), choices, first_beat(cues, times))


def first_beat(cues: MeterCues, times: Floats) -> float:
    """The beat, with its fraction, of the first sound. `times` are those of the beats, in seconds."""
    return float(np.interp(cues.start - EARLY, times, np.arange(len(times))))


def bar_scores(cues: MeterCues, times: Floats) -> Floats:
    """`accents`, and the squares of the largest changes of chroma, which begin sections: (rows, beats)."""
    scores = accents(cues, times)
    return np.vstack([scores, np.clip(scores[-2:], 0.0, 4.0) ** 2])


def bar_rows(scores: Floats, choices: Sequence[Bar], start: float) -> NDArray[np.float32]:
    """`bar_features` of `scores`, if the first sound is at beat `start`."""
    return against_mean(np.array([bar_row(scores, start, choice) for choice in choices]))


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

"""The melody's contour: from each note to the next, is it lower, the same, or higher?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter import boosted
from davproxy.charter.audio import RATE
from davproxy.charter.hearing import (
    LOWEST_NOTE,
    PARTIAL_BINS,
    PARTIAL_FRAMES,
    PARTIAL_WINDOW,
    SEMITONES,
    TONE_FRAMES,
    Array,
    Hearing,
)

LONGEST = 0.4  # seconds of a note that are listened to
WIDEST = 12  # semitones that one step may span
HARMONICS = ((0, 1.0), (12, 0.7), (19, 0.5), (24, 0.4), (28, 0.3), (31, 0.25))  # semitones above, weight
LOW, HIGH = 40 - LOWEST_NOTE, 88 - LOWEST_NOTE  # where a lead plays
FINE = 3  # bins of a semitone, in which small steps can be told and tunings differ
FINE_LOWEST, FINE_BINS = 110.0, 162  # Hz, and four and a half octaves
DOWN, SAME, UP = 0, 1, 2


@dataclass(frozen=True)
class Melody:
    """`pitch` is each note's height in semitones (a rough one, in a mix); `moves` (notes - 1, 3) are the chances of
    down, same and up from each note to the next; `fullness` is how many tones sound at once."""

    pitch: NDArray[np.float64]
    moves: NDArray[np.float64]
    fullness: NDArray[np.float64]


def melody(hearing: Hearing, times: NDArray[np.float64], beats: NDArray[np.float64], on_stem: bool) -> Melody:
    """Follow the notes at `times` (seconds), which lie at `beats`."""
    sounding, _ = _tones(hearing, times)
    salience = _salience(sounding, 1)
    pitch = LOWEST_NOTE + LOW + np.argmax(salience[:, LOW:HIGH], axis=1)
    fullness = (sounding > 0.5 * sounding.max(axis=1, keepdims=True) + 1e-6).sum(axis=1)
    moves = np.zeros((0, 3))
    if len(times) > 1:
        name = "moves_on_stem" if on_stem else "moves_in_mix"
        moves = boosted.load(name).chances(move_features(hearing, times, beats))
    return Melody(pitch.astype(np.float64), moves, fullness.astype(np.float64))


def move_features(hearing: Hearing, times: NDArray[np.float64], beats: NDArray[np.float64]) -> dict[str, Array]:
    """One column of numbers for each step from a note to the next, by name."""
    sounding, fresh = _tones(hearing, times)
    salience = _salience(sounding, 1)
    best = salience[:, LOW:HIGH].argmax(axis=1)
    columns: dict[str, NDArray[np.floating[Any]]] = {
        "salient_step": np.diff(best).astype(np.float32),
        "salient_strength": salience[:, LOW:HIGH].max(axis=1)[1:],
        "gap_seconds": np.diff(times),
        "gap_beats": np.diff(beats),
        "in_beat": beats[1:] % 1.0,
        "in_beat_before": beats[:-1] % 1.0,
    }
    for name, notes in (("sounding", sounding), ("fresh", fresh), ("salience", salience)):
        columns |= _steps(name, notes, 1) | _centres(name, notes, ((0, 24), (12, 48), (0, SEMITONES)))
    ringing, begun = _partials(hearing, times)
    fine = {"ringing": ringing, "begun": begun, "root": _salience(ringing, FINE), "root_begun": _salience(begun, FINE)}
    for name, notes in fine.items():
        columns |= _steps(name, notes, FINE)
        columns |= _steps(f"{name}_alone", notes - notes.mean(axis=0), FINE)  # what all notes have is not the melody's
        columns |= _centres(name, notes, ((0, 54), (36, 108), (0, FINE_BINS)))
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def _steps(name: str, notes: Array, fine: int) -> dict[str, NDArray[np.floating[Any]]]:
    """How well each note, moved up or down, fits the next; `fine` bins make a semitone."""
    unit = notes / (np.linalg.norm(notes, axis=1, keepdims=True) + 1e-6)
    widest = WIDEST * fine
    matches = np.stack([_match(unit, step) for step in range(-widest, widest + 1)], axis=1)
    in_tune = fine // 2
    same = matches[:, widest - in_tune : widest + in_tune + 1].max(axis=1)
    down, up = matches[:, : widest - in_tune], matches[:, widest + in_tune + 1 :]
    small = 5 * fine
    return {
        f"{name}_same": same,
        f"{name}_up": up.max(axis=1) - same,
        f"{name}_down": down.max(axis=1) - same,
        f"{name}_up_or_down": up.max(axis=1) - down.max(axis=1),
        f"{name}_small_up_or_down": up[:, :small].max(axis=1) - down[:, -small:].max(axis=1),
        f"{name}_step": matches.argmax(axis=1).astype(np.float32) - widest,
    }


def _centres(name: str, notes: Array, parts: Iterable[tuple[int, int]]) -> dict[str, NDArray[np.floating[Any]]]:
    """How far the middle of what sounds moves, among all bins and in parts of them."""
    columns: dict[str, NDArray[np.floating[Any]]] = {}
    for label, (begin, end) in zip(("low", "middle", "all"), parts, strict=True):
        weight = notes[:, begin:end] ** 2
        centre = (weight * np.arange(begin, end)).sum(axis=1) / (weight.sum(axis=1) + 1e-6)
        columns[f"{name}_centre_{label}"] = np.diff(centre)
    return columns


def _match(unit: Array, step: int) -> Array:
    """How well each note, moved by `step` semitones, fits the next one (cosine)."""
    before, after = unit[:-1], unit[1:]
    if step >= 0:
        return np.asarray((before[:, : before.shape[1] - step] * after[:, step:]).sum(axis=1))
    return np.asarray((before[:, -step:] * after[:, :step]).sum(axis=1))


def _tones(hearing: Hearing, times: NDArray[np.float64]) -> tuple[Array, Array]:
    """The tones of each note (notes, semitones), and those that began with it."""
    columns = hearing.tones.shape[1]
    sounding = np.zeros((len(times), len(hearing.tones)), dtype=np.float32)
    fresh = np.zeros_like(sounding)
    for note, (start, end) in enumerate(_spans(times)):
        first = min(round(start * TONE_FRAMES) + 1, columns - 1)
        last = max(min(round(end * TONE_FRAMES), columns), first + 1)
        sounding[note] = hearing.tones[:, first:last].mean(axis=1)
        before = hearing.tones[:, max(first - 4, 0) : max(first - 1, 1)].mean(axis=1)
        fresh[note] = np.maximum(sounding[note] - before, 0.0)
    return sounding, fresh


def _partials(hearing: Hearing, times: NDArray[np.float64]) -> tuple[Array, Array]:
    """The partials of each note (notes, FINE_BINS), without the noise of drums, and those that began with it."""
    columns = hearing.partials.shape[1]
    ringing, attack, before = (np.zeros((len(times), len(hearing.partials)), dtype=np.float32) for _ in range(3))
    for note, (start, end) in enumerate(_spans(times)):
        first = min(round(start * PARTIAL_FRAMES) + 2, columns - 1)
        last = max(min(round(end * PARTIAL_FRAMES) - 1, columns), first + 1)
        for rows, begin, stop in (
            (ringing, first, last),
            (attack, first, first + 6),
            (before, max(first - 9, 0), max(first - 4, 1)),
        ):
            rows[note] = hearing.partials[:, begin:stop].mean(axis=1, dtype=np.float32)
    return _by_pitch(ringing), np.maximum(_by_pitch(attack) - _by_pitch(before), 0.0)


def _spans(times: NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    """From when until when each note is listened to."""
    ends = np.minimum(np.append(times[1:], times[-1:] + LONGEST), times + LONGEST)
    return zip(times.tolist(), ends.tolist(), strict=True)


def _by_pitch(rows: Array) -> Array:
    """`rows` of PARTIAL_BINS at the pitches of FINE_BINS."""
    wanted = FINE_LOWEST * 2 ** (np.arange(FINE_BINS) / (12 * FINE)) * PARTIAL_WINDOW / RATE - PARTIAL_BINS.start
    below = wanted.astype(int)
    part = (wanted - below).astype(np.float32)
    return np.asarray((1 - part) * rows[:, below] + part * rows[:, below + 1])


def _salience(notes: Array, fine: int) -> Array:
    """How much each bin (`fine` make a semitone) sounds like the bottom of a harmonic series."""
    result = np.zeros_like(notes)
    for above, weight in HARMONICS:
        result[:, : notes.shape[1] - above * fine] += weight * notes[:, above * fine :]
    return result

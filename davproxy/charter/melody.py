"""The melody's contour: from each note to the next, is it lower, the same, or higher?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter import boosted
from davproxy.charter.hearing import LOWEST_NOTE, TONE_FRAMES, Array, Hearing

LONGEST = 0.4  # seconds of a note that are listened to
WIDEST = 12  # semitones that one step may span
HARMONICS = ((0, 1.0), (12, 0.7), (19, 0.5), (24, 0.4), (28, 0.3), (31, 0.25))  # semitones above, weight
LOW, HIGH = 40 - LOWEST_NOTE, 88 - LOWEST_NOTE  # where a lead plays
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
    sounding, fresh = listen(hearing, times)
    salience = _salience(sounding)
    pitch = LOWEST_NOTE + LOW + np.argmax(salience[:, LOW:HIGH], axis=1)
    fullness = (sounding > 0.5 * sounding.max(axis=1, keepdims=True) + 1e-6).sum(axis=1)
    moves = np.zeros((0, 3))
    if len(times) > 1:
        name = "moves_on_stem" if on_stem else "moves_in_mix"
        moves = boosted.load(name).chances(move_features(sounding, fresh, times, beats))
    return Melody(pitch.astype(np.float64), moves, fullness.astype(np.float64))


def move_features(
    sounding: Array, fresh: Array, times: NDArray[np.float64], beats: NDArray[np.float64]
) -> dict[str, Array]:
    """One column of numbers for each step from a note to the next, by name."""
    salience = _salience(sounding)
    best = salience[:, LOW:HIGH].argmax(axis=1)
    semitones = np.arange(sounding.shape[1])
    columns: dict[str, NDArray[np.floating[Any]]] = {
        "salient_step": np.diff(best).astype(np.float32),
        "salient_strength": salience[:, LOW:HIGH].max(axis=1)[1:],
        "gap_seconds": np.diff(times),
        "gap_beats": np.diff(beats),
        "in_beat": beats[1:] % 1.0,
        "in_beat_before": beats[:-1] % 1.0,
    }
    for name, notes in (("sounding", sounding), ("fresh", fresh), ("salience", salience)):
        unit = notes / (np.linalg.norm(notes, axis=1, keepdims=True) + 1e-6)
        matches = np.stack([_match(unit, step) for step in range(-WIDEST, WIDEST + 1)], axis=1)
        same, down, up = matches[:, WIDEST], matches[:, :WIDEST], matches[:, WIDEST + 1 :]
        columns[f"{name}_same"] = same
        columns[f"{name}_up"] = up.max(axis=1) - same
        columns[f"{name}_down"] = down.max(axis=1) - same
        columns[f"{name}_up_or_down"] = up.max(axis=1) - down.max(axis=1)
        columns[f"{name}_small_up_or_down"] = up[:, :5].max(axis=1) - down[:, -5:].max(axis=1)
        columns[f"{name}_step"] = matches.argmax(axis=1).astype(np.float32) - WIDEST
        for part, begin, end in (("low", 0, 24), ("middle", 12, 48), ("all", 0, len(semitones))):
            weight = notes[:, begin:end] ** 2
            centre = (weight * semitones[begin:end]).sum(axis=1) / (weight.sum(axis=1) + 1e-6)
            columns[f"{name}_centre_{part}"] = np.diff(centre)
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def _match(unit: Array, step: int) -> Array:
    """How well each note, moved by `step` semitones, fits the next one (cosine)."""
    before, after = unit[:-1], unit[1:]
    if step >= 0:
        return np.asarray((before[:, : before.shape[1] - step] * after[:, step:]).sum(axis=1))
    return np.asarray((before[:, -step:] * after[:, :step]).sum(axis=1))


def listen(hearing: Hearing, times: NDArray[np.float64]) -> tuple[Array, Array]:
    """The tones of each note (notes, semitones), and those that began with it."""
    columns = hearing.tones.shape[1]
    ends = np.minimum(np.append(times[1:], times[-1:] + LONGEST), times + LONGEST)
    sounding = np.zeros((len(times), len(hearing.tones)), dtype=np.float32)
    fresh = np.zeros_like(sounding)
    for note, (start, end) in enumerate(zip(times, ends, strict=True)):
        first = min(round(start * TONE_FRAMES) + 1, columns - 1)
        last = max(min(round(end * TONE_FRAMES), columns), first + 1)
        sounding[note] = hearing.tones[:, first:last].mean(axis=1)
        before = hearing.tones[:, max(first - 4, 0) : max(first - 1, 1)].mean(axis=1)
        fresh[note] = np.maximum(sounding[note] - before, 0.0)
    return sounding, fresh


def _salience(notes: Array) -> Array:
    """How much each semitone sounds like the bottom of a harmonic series."""
    result = np.zeros_like(notes)
    for above, weight in HARMONICS:
        result[:, : notes.shape[1] - above] += weight * notes[:, above:]
    return result

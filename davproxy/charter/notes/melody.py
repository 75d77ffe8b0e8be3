"""The melody's contour: from each note to the next, is it lower, the same, or higher?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import boosted
from davproxy.charter.signal.features import Array
from davproxy.charter.signal.transcription import KEY_FRAMES, LOWEST_KEY, PITCH_BINS, Transcription

LONGEST = 0.4  # seconds of a note that are listened to
LATE = 4  # columns around its start in which a key may begin
WIDEST = 12  # semitones that one step may span
SMALL = 5  # semitones of a step that is likelier the melody's than a harmony's
LOW, HIGH = 40 - LOWEST_KEY, 93 - LOWEST_KEY  # where a lead plays: from a guitar's lowest string up
DOWN, SAME, UP = 0, 1, 2


@dataclass(frozen=True)
class Melody:
    """`pitch` is each note's height in semitones (a rough one, in a mix); `moves` (notes - 1, 3) are the chances of
    down, same and up from each note to the next."""

    pitch: NDArray[np.float64]
    moves: NDArray[np.float64]


def melody(
    transcription: Transcription, times: NDArray[np.float64], beats: NDArray[np.float64], on_stem: bool
) -> Melody:
    """Follow the notes at `times` (seconds), which lie at `beats`."""
    moves = np.zeros((0, 3))
    if len(times) > 1:
        name = "moves_on_stem" if on_stem else "moves_in_mix"
        moves = boosted.load(name).chances(move_features(transcription, times, beats))
    pitch = LOWEST_KEY + LOW + _sounding(transcription.keys[LOW:HIGH], times).argmax(axis=1)
    return Melody(pitch.astype(np.float64), moves)


def move_features(
    transcription: Transcription, times: NDArray[np.float64], beats: NDArray[np.float64]
) -> dict[str, Array]:
    """One column of numbers for each step from a note to the next, by name."""
    columns: dict[str, NDArray[np.floating[Any]]] = {
        "gap_seconds": np.diff(times),
        "gap_beats": np.diff(beats),
        "in_beat": beats[1:] % 1.0,
        "in_beat_before": beats[:-1] % 1.0,
    }
    for name, notes, bins in (
        ("keys", _sounding(transcription.keys, times), 1),
        ("starts", _beginning(transcription.starts, times), 1),
        ("pitches", _sounding(transcription.pitches, times), PITCH_BINS),
    ):
        columns |= _steps(name, notes, bins) | _edges(name, notes[:, LOW * bins : HIGH * bins])
        columns |= _steps(f"{name}_alone", notes - notes.mean(axis=0), bins)  # what all notes have is not the melody's
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def _steps(name: str, notes: Array, bins: int) -> dict[str, NDArray[np.floating[Any]]]:
    """How well each note, moved up or down, fits the next; `bins` make a semitone."""
    unit = notes / (np.linalg.norm(notes, axis=1, keepdims=True) + 1e-6)
    widest = WIDEST * bins
    matches = np.stack([_match(unit, step) for step in range(-widest, widest + 1)], axis=1)
    in_tune = bins // 2
    same = matches[:, widest - in_tune : widest + in_tune + 1].max(axis=1)
    down, up = matches[:, : widest - in_tune], matches[:, widest + in_tune + 1 :]
    small = SMALL * bins
    return {
        f"{name}_same": same,
        f"{name}_up": up.max(axis=1) - same,
        f"{name}_down": down.max(axis=1) - same,
        f"{name}_up_or_down": up.max(axis=1) - down.max(axis=1),
        f"{name}_small_up_or_down": up[:, :small].max(axis=1) - down[:, -small:].max(axis=1),
        f"{name}_step": matches.argmax(axis=1).astype(np.float32) - widest,
    }


def _edges(name: str, notes: Array) -> dict[str, NDArray[np.floating[Any]]]:
    """How far the lowest, the highest and the clearest of what clearly sounds move."""
    best = notes.max(axis=1)
    clear = notes > 0.5 * best[:, None] + 1e-6
    return {
        f"{name}_lowest_step": np.diff(clear.argmax(axis=1)).astype(np.float32),
        f"{name}_highest_step": -np.diff(clear[:, ::-1].argmax(axis=1)).astype(np.float32),
        f"{name}_clearest_step": np.diff(notes.argmax(axis=1)).astype(np.float32),
        f"{name}_clearness": best[1:],
    }


def _match(unit: Array, step: int) -> Array:
    """How well each note, moved by `step` bins, fits the next one (cosine)."""
    before, after = unit[:-1], unit[1:]
    if step >= 0:
        return np.asarray((before[:, : before.shape[1] - step] * after[:, step:]).sum(axis=1))
    return np.asarray((before[:, -step:] * after[:, :step]).sum(axis=1))


def _sounding(rows: NDArray[np.float16], times: NDArray[np.float64]) -> Array:
    """The mean of each row while each note lasts: (notes, rows)."""
    notes = [rows[:, first:last].mean(axis=1, dtype=np.float32) for first, last in _spans(rows, times)]
    return np.asarray(notes, dtype=np.float32).reshape(len(times), len(rows))


def _beginning(rows: NDArray[np.float16], times: NDArray[np.float64]) -> Array:
    """The most of each row where each note begins: (notes, rows)."""
    notes = [rows[:, max(first - LATE, 0) : first + LATE].max(axis=1) for first, _ in _spans(rows, times)]
    return np.asarray(notes, dtype=np.float32).reshape(len(times), len(rows))


def _spans(rows: NDArray[np.float16], times: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """From which column until which each note is listened to."""
    ends = np.minimum(np.append(times[1:], times[-1:] + LONGEST), times + LONGEST)
    for start, end in zip(times.tolist(), ends.tolist(), strict=True):
        first = min(round(start * KEY_FRAMES) + 1, rows.shape[1] - 1)
        yield first, max(min(round(end * KEY_FRAMES), rows.shape[1]), first + 1)

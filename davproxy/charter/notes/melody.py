"""The contour of the melody: whether each note is lower than, the same as, or higher than the one before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import boosted
from davproxy.charter.signal.features import Array
from davproxy.charter.signal.note_activations import ACTIVATION_RATE, CONTOUR_BINS, LOWEST_KEY, NoteActivations

LONGEST = 0.4  # seconds of a note that are used
LATE = 4  # frames before and after a note's start in which its onset may be
WIDEST = 12  # semitones of the largest step
SMALL = 5  # semitones of a step that is likelier within the melody than to another voice
LOW, HIGH = 40 - LOWEST_KEY, 93 - LOWEST_KEY  # rows of a lead: from a guitar's lowest string, E2, up
DOWN, SAME, UP = 0, 1, 2


@dataclass(frozen=True)
class Melody:
    """The melody. `pitch` is the MIDI number of each note, (notes,); in a mix it is approximate. `moves` are the
    probabilities, 0 to 1, of DOWN, SAME and UP from each note to the next: (notes - 1, 3)."""

    pitch: NDArray[np.float64]
    moves: NDArray[np.float64]


def melody_contour(
    activations: NoteActivations, times: NDArray[np.float64], beats: NDArray[np.float64], on_stem: bool
) -> Melody:
    """The melody of the notes at `times` (seconds) and `beats`, both (notes,). `on_stem` means that `activations` are
    of the lead instrument alone."""
    moves = np.zeros((0, 3))
    if len(times) > 1:
        name = "moves_on_stem" if on_stem else "moves_in_mix"
        moves = boosted.load(name).chances(contour_features(activations, times, beats))
    pitch = LOWEST_KEY + LOW + _sounding(activations.notes[LOW:HIGH], times).argmax(axis=1)
    return Melody(pitch.astype(np.float64), moves)


def contour_features(
    activations: NoteActivations, times: NDArray[np.float64], beats: NDArray[np.float64]
) -> dict[str, Array]:
    """The features of each step from a note to the next, by name: (notes - 1,) each, float32. Names and order are those
    that `models/notes.npz` was trained with."""
    columns: dict[str, NDArray[np.floating[Any]]] = {
        "gap_seconds": np.diff(times),
        "gap_beats": np.diff(beats),
        "in_beat": beats[1:] % 1.0,
        "in_beat_before": beats[:-1] % 1.0,
    }
    for name, notes, bins in (
        ("keys", _sounding(activations.notes, times), 1),
        ("starts", _beginning(activations.onsets, times), 1),
        ("pitches", _sounding(activations.contours, times), CONTOUR_BINS),
    ):
        columns |= _steps(name, notes, bins) | _edges(name, notes[:, LOW * bins : HIGH * bins])
        columns |= _steps(f"{name}_alone", notes - notes.mean(axis=0), bins)  # what all notes share is accompaniment
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def _steps(name: str, notes: Array, bins: int) -> dict[str, NDArray[np.floating[Any]]]:
    """How well each of `notes` (notes, rows), shifted up or down, matches the next; a semitone has `bins` rows."""
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
    """The steps, in rows, of the lowest, the highest and the strongest of the rows that clearly sound."""
    best = notes.max(axis=1)
    clear = notes > 0.5 * best[:, None] + 1e-6
    return {
        f"{name}_lowest_step": np.diff(clear.argmax(axis=1)).astype(np.float32),
        f"{name}_highest_step": -np.diff(clear[:, ::-1].argmax(axis=1)).astype(np.float32),
        f"{name}_clearest_step": np.diff(notes.argmax(axis=1)).astype(np.float32),
        f"{name}_clearness": best[1:],
    }


def _match(unit: Array, step: int) -> Array:
    """The cosine of each note, shifted by `step` rows, with the next one: (notes - 1,), of unit vectors (notes,
    rows)."""
    before, after = unit[:-1], unit[1:]
    if step >= 0:
        return np.asarray((before[:, : before.shape[1] - step] * after[:, step:]).sum(axis=1))
    return np.asarray((before[:, -step:] * after[:, :step]).sum(axis=1))


def _sounding(rows: NDArray[np.float16], times: NDArray[np.float64]) -> Array:
    """The mean of each of `rows` (rows, frames) over the length of each note: (notes, rows)."""
    notes = [rows[:, first:last].mean(axis=1, dtype=np.float32) for first, last in _spans(rows, times)]
    return np.asarray(notes, dtype=np.float32).reshape(len(times), len(rows))


def _beginning(rows: NDArray[np.float16], times: NDArray[np.float64]) -> Array:
    """The maximum of each of `rows` (rows, frames) around the start of each note: (notes, rows)."""
    notes = [rows[:, max(first - LATE, 0) : first + LATE].max(axis=1) for first, _ in _spans(rows, times)]
    return np.asarray(notes, dtype=np.float32).reshape(len(times), len(rows))


def _spans(rows: NDArray[np.float16], times: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """The first frame of each note, and the one after its last."""
    ends = np.minimum(np.append(times[1:], times[-1:] + LONGEST), times + LONGEST)
    for start, end in zip(times.tolist(), ends.tolist(), strict=True):
        first = min(round(start * ACTIVATION_RATE) + 1, rows.shape[1] - 1)
        yield first, max(min(round(end * ACTIVATION_RATE), rows.shape[1]), first + 1)

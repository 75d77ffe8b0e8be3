"""Which fret each note gets: the path over the neck that follows the melody best."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.gems import FRETS
from davproxy.charter.notes.melody import DOWN, SAME, UP, Melody

HEIGHT = 0.06  # cost of one fret squared away from where the pitch lies in its surroundings
WINDOW = 32  # notes around, among which a pitch is high or low
STRETCH = 0.25  # cost of each fret moved beyond what the melody's step asks for
BIG_STEP = 5.0  # semitones of a step worth two frets
SAME_RISK = 0.85  # a repeated fret must be a little likelier than a move: repetition is dull to play


def path(melody: Melody) -> NDArray[np.int64]:
    """One fret for each note (Viterbi over five frets)."""
    count = len(melody.pitch)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    frets = np.arange(FRETS)
    wanted = _heights(melody.pitch)
    place_cost = HEIGHT * (frets[None, :] - wanted[:, None]) ** 2
    moved = frets[None, :] - frets[:, None]  # from row to column
    kind = np.where(moved > 0, UP, np.where(moved < 0, DOWN, SAME))
    cost = place_cost[0].copy()
    came_from = np.zeros((count, FRETS), dtype=np.int64)
    chances = melody.moves * np.array([1.0, SAME_RISK, 1.0])
    for note in range(1, count):
        step = abs(melody.pitch[note] - melody.pitch[note - 1])
        ideal = 2.0 if step > BIG_STEP else 1.0
        reach = STRETCH * np.maximum(np.abs(moved) - ideal, 0.0) + 0.1 * (np.abs(moved) > 0) * np.abs(
            np.abs(moved) - ideal
        )
        total = cost[:, None] + reach - np.log(chances[note - 1][kind] + 1e-6)
        came_from[note] = total.argmin(axis=0)
        cost = total.min(axis=0) + place_cost[note]
    result = np.zeros(count, dtype=np.int64)
    result[-1] = int(cost.argmin())
    for note in range(count - 1, 0, -1):
        result[note - 1] = came_from[note, result[note]]
    return result


def _heights(pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each pitch lies among its neighbours: on the last fret if all others are lower; where none is, below the
    first, so that what a riff comes back to is green, as its open string is to people."""
    result = np.empty(len(pitch))
    for note in range(len(pitch)):
        near = pitch[max(note - WINDOW // 2, 0) : note + WINDOW // 2 + 1]
        result[note] = np.mean(near < pitch[note]) * FRETS - 1
    return result

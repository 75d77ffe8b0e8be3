"""The fret of each note: the path over the neck that follows the melody best."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.gems import FRETS
from davproxy.charter.notes.melody import DOWN, SAME, UP, Melody
from davproxy.charter.viterbi import Floats, best_path

HEIGHT = 0.06  # cost of the squared distance, in frets, from the height of the pitch
WINDOW = 32  # notes around a note, by which its pitch is high or low
STRETCH = 0.25  # cost of each fret of a move beyond the ideal one
REACH = 0.1  # cost of each fret by which a move differs from the ideal one
BIG_STEP = 5.0  # semitones of a step from which the ideal move is two frets
LOWEST = -1.25  # height, in frets, of the lowest pitch in the window
SPAN = 6.5  # frets from the lowest to the highest pitch, so that both ends of the neck get notes
SAME_RISK = 0.6  # factor on the chance of a repeated fret: the model misses moves, and repetition is dull to play


def fret_path(melody: Melody) -> NDArray[np.int64]:
    """The fret of each note, 0 to 4, (notes,): the path of least cost, by the Viterbi algorithm. Costs are unlikely
    moves, long moves, and frets far from the height of the pitch."""
    count = len(melody.pitch)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    height_cost = HEIGHT * (np.arange(FRETS) - _heights(melody.pitch)[:, None]) ** 2
    return best_path(-height_cost, _move_costs(melody)).astype(np.int64)


def _move_costs(melody: Melody) -> Floats:
    """The cost of each move from a note to the next: (notes - 1, to, from), both 0 to 4."""
    frets = np.arange(FRETS)
    moved = frets[:, None] - frets[None, :]
    far = np.abs(moved)
    ideal = np.where(np.abs(np.diff(melody.pitch)) > BIG_STEP, 2.0, 1.0)[:, None, None]
    stretch = STRETCH * np.maximum(far - ideal, 0.0) + REACH * (far > 0) * np.abs(far - ideal)
    kind = np.where(moved > 0, UP, np.where(moved < 0, DOWN, SAME))
    return np.asarray(stretch - log_moves(melody)[:, kind])


def log_moves(melody: Melody) -> Floats:
    """The log probability that the next note is lower, the same or higher, less the risk of SAME: (notes - 1, 3)."""
    return np.asarray(np.log(melody.moves * np.array([1.0, SAME_RISK, 1.0]) + 1e-6))


def _heights(pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """The height of each pitch among its neighbours, in frets, (notes,): from LOWEST, if no neighbour is lower, to
    LOWEST + SPAN. So the lowest note of a riff is green, as people chart an open string, and high ones are orange."""
    result = np.empty(len(pitch))
    for note in range(len(pitch)):
        near = pitch[max(note - WINDOW // 2, 0) : note + WINDOW // 2 + 1]
        result[note] = LOWEST + SPAN * np.mean(near < pitch[note])
    return result

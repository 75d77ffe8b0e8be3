"""Which fret each note gets: the path over the neck that follows the melody best."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.gems import FRETS
from davproxy.charter.notes.melody import DOWN, SAME, UP, Melody
from davproxy.charter.viterbi import Floats, best_path

HEIGHT = 0.06  # cost of one fret squared away from where the pitch lies in its surroundings
WINDOW = 32  # notes around, among which a pitch is high or low
STRETCH = 0.25  # cost of each fret moved beyond what the melody's step asks for
REACH = 0.1  # cost of each fret by which a move differs from what the step asks for
BIG_STEP = 5.0  # semitones of a step worth two frets
LOWEST = -1.25  # frets: where the lowest pitch of the surroundings lies
SPAN = 6.5  # frets from there to the highest, so that both ends of the neck get notes
SAME_RISK = 0.6  # a repeated fret must be likelier than a move, which is heard too seldom; repetition is dull to play


def fret_path(melody: Melody) -> NDArray[np.int64]:
    """One fret for each note, 0 to 4, (notes,): the path with the likeliest moves and the best places (Viterbi)."""
    count = len(melody.pitch)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    height_cost = HEIGHT * (np.arange(FRETS) - _heights(melody.pitch)[:, None]) ** 2
    return best_path(-height_cost, _move_costs(melody)).astype(np.int64)


def _move_costs(melody: Melody) -> Floats:
    """What each move costs, from each note to the next: (notes - 1, to, from)."""
    frets = np.arange(FRETS)
    moved = frets[:, None] - frets[None, :]
    far = np.abs(moved)
    ideal = np.where(np.abs(np.diff(melody.pitch)) > BIG_STEP, 2.0, 1.0)[:, None, None]
    stretch = STRETCH * np.maximum(far - ideal, 0.0) + REACH * (far > 0) * np.abs(far - ideal)
    kind = np.where(moved > 0, UP, np.where(moved < 0, DOWN, SAME))
    return np.asarray(stretch - log_moves(melody)[:, kind])


def log_moves(melody: Melody) -> Floats:
    """How well it suits a player that the next note is lower, the same or higher: (notes - 1, 3), log chances."""
    return np.asarray(np.log(melody.moves * np.array([1.0, SAME_RISK, 1.0]) + 1e-6))


def _heights(pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each pitch lies among its neighbours, in frets: LOWEST where none is lower, so that what a riff comes back
    to is green, as its open string is to people, and above the neck where most are, so that orange is played."""
    result = np.empty(len(pitch))
    for note in range(len(pitch)):
        near = pitch[max(note - WINDOW // 2, 0) : note + WINDOW // 2 + 1]
        result[note] = LOWEST + SPAN * np.mean(near < pitch[note])
    return result

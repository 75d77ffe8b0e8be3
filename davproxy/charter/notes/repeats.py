"""Repetition in charts: a bar copies an earlier one unless it clearly differs, as people chart a riff once."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.viterbi import Floats

RHYTHM = 1.0  # nats that the log odds of a bar's rhythm may lose by copying an earlier one
MOVES = 0.2  # nats a note that the log probability of its moves over the frets may lose
Numbers = NDArray[np.int64]


def repeated_rhythms(played: NDArray[np.bool_], odds: Floats, per_bar: int) -> NDArray[np.bool_]:
    """`played` (slots,), with the rhythm of each bar replaced by that of the earlier bar that costs least, if that
    costs at most RHYTHM.

    `odds` are the log odds that each slot is played, 0 where both are equally likely: (slots,).
    """
    bars = played.reshape(-1, per_bar).copy()
    costs = np.abs(odds).reshape(bars.shape)
    known = np.zeros((0, per_bar), dtype=bool)
    for bar, cost in zip(bars, costs, strict=True):
        if not bar.any():
            continue
        losses = (known != bar) @ cost
        if len(known) and losses.min() <= RHYTHM:
            bar[:] = known[np.argmin(losses)]
        else:
            known = np.vstack([known, bar])
    return bars.ravel()


def repeated_notes(path: Numbers, moves: Floats, slots: Numbers, per_bar: int) -> Numbers:
    """For each note, the index of the note whose fret and shape it copies: itself, or the note at the same position of
    an earlier bar, (notes,).

    `path` is the best fret of each note, (notes,). `moves` are the log probabilities that the next note is lower, the
    same or higher, (notes - 1, 3). Of the earlier bars with the same rhythm, the one with the likeliest frets is
    copied, if they are little less likely than the bar's own."""
    source = np.arange(len(path))
    frets = path.copy()
    known: dict[tuple[int, ...], list[Numbers]] = {}
    bar_of = slots // per_bar
    for bar in np.unique(bar_of).tolist():
        notes = np.flatnonzero(bar_of == bar)
        before = frets[max(notes[0] - 1, 0) : notes[0]]
        chances = moves[notes[0] - len(before) : notes[-1]]
        own = _fit(np.append(before, frets[notes]), chances)
        earlier = known.setdefault(tuple((slots[notes] % per_bar).tolist()), [])
        fits = [_fit(np.append(before, frets[each]), chances) for each in earlier]
        if fits and own - max(fits) <= MOVES * len(notes):
            source[notes] = earlier[int(np.argmax(fits))]
            frets[notes] = frets[source[notes]]
        else:
            earlier.append(notes)
    return source


def _fit(frets: Numbers, moves: Floats) -> float:
    """The log probability of all steps of `frets` (notes,), by `moves` (notes - 1, 3)."""
    steps = np.sign(np.diff(frets)) + 1
    return float(moves[np.arange(len(steps)), steps].sum())

"""A bar repeats an earlier one unless it clearly differs: people chart a riff once, and then the same each time."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.viterbi import Floats

RHYTHM = 1.0  # nats by which the chance of a bar's rhythm may fall where it repeats an earlier bar's
MOVES = 0.2  # and that of its moves over the frets, a note
Numbers = NDArray[np.int64]


def repeated_rhythms(played: NDArray[np.bool_], odds: Floats, per_bar: int) -> NDArray[np.bool_]:
    """`played` (slots,) in which each bar has the rhythm of the earlier bar that costs least, if that costs little.

    `odds` are the logarithms of the odds that each slot is played, 0 where either is as good: (slots,).
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
    """For each note, the one whose fret and shape it takes, (notes,): itself, or the note at the same place of an
    earlier bar.

    `path` holds the fret that fits each note best, `moves` (notes - 1, 3) the log chances that the next one is lower,
    the same or higher. Of the bars with the same rhythm, the one whose frets are likeliest is repeated, if they are
    little less likely than the bar's own.
    """
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
    """The log chance of all steps of `frets` (notes,) by `moves` (notes - 1, 3)."""
    steps = np.sign(np.diff(frets)) + 1
    return float(moves[np.arange(len(steps)), steps].sum())

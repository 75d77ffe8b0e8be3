"""A path of tatums, approximated by few straight pieces: constant tempi, as in charts."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.tatum_map import TatumMap, comb_sum
from davproxy.charter.viterbi import Floats

TOLERANCE = 0.010  # seconds of distance from the path that cost 1
PIECE = 5.0  # cost of another piece
LONGEST = 600  # points of a piece
JOIN_SPAN = 6.0  # seconds between knots that may be joined
PIECE_WORTH = 0.1  # gain of one piece less, in seconds of the mean onset strength


def fit_polyline(points: Floats, tatums: Floats, trust: Floats) -> TatumMap:
    """The polyline of least cost along a path: its knots by dynamic programming (Bellman and Roth, "Curve fitting by
    segmented straight lines", 1969), their heights by weighted least squares.

    `points` are times in seconds, `tatums` the path at these times and `trust` its weight, all (points,).
    """
    knots = points[_knots(points, tatums, trust)]
    hats = np.stack([np.interp(points, knots, unit) for unit in np.eye(len(knots))], axis=1)
    weight = np.sqrt(trust)
    heights = np.linalg.lstsq(hats * weight[:, None], tatums * weight, rcond=None)[0]
    return TatumMap(knots, np.maximum.accumulate(heights + 1e-6 * np.arange(len(heights))))


def _knots(points: Floats, tatums: Floats, trust: Floats) -> list[int]:
    """The indices of the points at which straight pieces meet, including the first and the last point."""
    rate = (tatums[-1] - tatums[0]) / (points[-1] - points[0])
    x, y = points - points[0], tatums - tatums[0] - rate * (points - points[0])
    sums = [np.concatenate([[0.0], np.cumsum(trust * part)]) for part in (1, x, y, x * x, x * y, y * y)]
    best = np.full(len(x), np.inf)
    best[0] = 0.0
    came_from = np.zeros(len(x), dtype=int)
    for stop in range(1, len(x)):
        start = np.arange(max(0, stop - LONGEST), stop)
        slope = (y[stop] - y[start]) / (x[stop] - x[start])
        base = y[start] - slope * x[start]
        one, sx, sy, sxx, sxy, syy = (total[stop] - total[start] for total in sums)
        squares = syy - 2 * base * sy - 2 * slope * sxy + base**2 * one + 2 * base * slope * sx + slope**2 * sxx
        cost = best[start] + np.maximum(squares, 0.0) / (TOLERANCE * rate) ** 2 + PIECE
        came_from[stop] = start[np.argmin(cost)]
        best[stop] = cost.min()
    chosen = [len(x) - 1]
    while chosen[-1] > 0:
        chosen.append(int(came_from[chosen[-1]]))
    return chosen[::-1]


def join_pieces(onsets: NDArray[np.float32], tatums: TatumMap) -> TatumMap:
    """The map with fewer knots: short pieces between two tempi are joined, if that fits the onset strength (frames,)
    about as well.

    Such pieces arise where the path goes slowly from one tempo to the next, or misses a tatum. They become one knot
    where the tempi on both sides meet, or none, and the rest is shifted by whole tatums (`alternatives`).
    """
    worth = PIECE_WORTH * float(np.mean(onsets)) * FRAME_RATE
    first = 1
    while first < len(tatums.seconds) - 1:
        best, chosen = worth / 10, tatums
        for last in range(first, len(tatums.seconds) - 1):
            if tatums.seconds[last] - tatums.seconds[first] > JOIN_SPAN:
                break
            start, stop = tatums.seconds[first - 1], tatums.seconds[last + 1]
            before = comb_sum(onsets, tatums, start, stop)
            for other in alternatives(tatums, first, last):
                fewer = len(tatums.seconds) - len(other.seconds)
                gain = comb_sum(onsets, other, start, stop) - before + worth * fewer
                if gain > best:
                    best, chosen = gain, other
        # A joined piece may be joined with the one before it.
        first = first + 1 if chosen is tatums else max(1, first - 1)
        tatums = chosen
    return tatums


def alternatives(tatums: TatumMap, first: int, last: int) -> Iterator[TatumMap]:
    """The map without its knots `first` to `last`, and the map with one knot in their place, where the lines on both
    sides meet; each with the rest shifted by -2 to 2 tatums."""
    x, y = tatums.seconds, tatums.tatums
    left = (y[first] - y[first - 1]) / (x[first] - x[first - 1])
    right = (y[last + 1] - y[last]) / (x[last + 1] - x[last])
    for lost in (0, -1, 1, -2, 2):
        after = y[last + 1 :] + lost
        if after[0] > y[first - 1]:
            yield TatumMap(np.delete(x, np.s_[first : last + 1]), np.concatenate([y[:first], after]))
        if abs(left - right) < 1e-3 * right:
            continue
        meeting = (y[last] + lost - right * x[last] - y[first] + left * x[first]) / (left - right)
        inside = x[first - 1] + 0.5 < meeting < x[last + 1] - 0.5
        if inside and x[first] - JOIN_SPAN < meeting < x[last] + JOIN_SPAN:
            height = y[first] + left * (meeting - x[first])
            yield TatumMap(
                np.concatenate([x[:first], [meeting], x[last + 1 :]]), np.concatenate([y[:first], [height], after])
            )

"""The pulse: the steady step under the music, followed through the song before asking which level is the beat.

Everything is measured in half pulses, the finest step that is surely played. A map of time to half pulses is found in
three moves: the strongest periodicity of each moment (a path through a tempogram), its phase (a path through the
comb's shifts), and then one constant tempo if that explains the flux as well, else as few straight pieces as do.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import fftconvolve

from davproxy.charter.signal.onset_strength import FRAMES

Floats = NDArray[np.float64]

STEP = 86  # frames between points of a path: half a second
PULSES = np.exp(np.arange(np.log(1.0), np.log(250 / 60), 0.005))  # pulses a second that are looked for
LARGEST_STEP, STEP_COST = 0.26, 6.0  # of the tempo's logarithm at once, and what it costs
TYPICAL, OCTAVES = 2.0, 1.0  # log-normal prior of the pulse: centre (a second) and deviation
TEMPO_HARMONICS = ((1, 1.0), (2, 1.0), (3, 0.35), (4, 0.8))  # of the pulse, with their weights
HARMONICS = ((1, 1.0), (2, 0.8), (3, 0.25), (4, 0.3))  # of the half pulse, with their weights
SHIFTS = 48  # steps of phase in a half pulse
TOLERANCE = 0.010  # seconds from the path that cost a straight piece as much as one point of evidence
PIECE = 5.0  # what another piece costs
MEND_SPAN = 6.0  # seconds between knots that may be one in truth
PIECE_WORTH = 0.1  # seconds of flux on the comb that a piece less is worth
PIECE_GAIN = 0.8  # seconds of flux on the comb that each piece has to add to those of a constant tempo
STEADY = 0.82  # a constant tempo that explains this much of what the pieces explain is taken


@dataclass(frozen=True)
class Pulse:
    """Half pulses by time: straight lines between knots, extended beyond the ends."""

    seconds: Floats
    halves: Floats

    @property
    def constant(self) -> bool:
        return len(self.seconds) == 2

    @property
    def rate(self) -> float:
        """Half pulses a second, over the whole song."""
        return float((self.halves[-1] - self.halves[0]) / (self.seconds[-1] - self.seconds[0]))

    def at(self, seconds: Floats) -> Floats:
        return lines(seconds, self.seconds, self.halves)

    def time(self, halves: Floats) -> Floats:
        return lines(halves, self.halves, self.seconds)


def lines(x: Floats, knots: Floats, values: Floats) -> Floats:
    """Straight lines through the knots, the outer ones extended."""
    piece = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    slope = np.diff(values) / np.diff(knots)
    return np.asarray(values[piece] + (x - knots[piece]) * slope[piece])


def find_pulse(onsets: NDArray[np.float32]) -> Pulse:
    """The pulse of a flux envelope; its times are those of the flux, the lead of an attack is not taken off."""
    end = np.array([0.0, len(onsets) / FRAMES])
    tempo = tempo_path(onsets)
    points = np.arange(len(tempo)) * STEP / FRAMES
    pieces = mend(onsets, follow(onsets, points, tempo))
    rate, shift = steady(onsets, 2 * float(np.median(tempo)))
    constant = Pulse(end, rate * end - shift)
    by_one, by_pieces = explained(onsets, constant), explained(onsets, pieces)
    gain = (by_pieces - by_one) * end[1] / max(1, len(pieces.seconds) - 2)
    return constant if by_one >= STEADY * by_pieces or gain < PIECE_GAIN else pieces


def tempo_path(onsets: NDArray[np.float32]) -> Floats:
    """Pulses a second every STEP frames: the best path through the tempogram, where changes cost."""
    width = int(8.0 * FRAMES)
    size = 8192
    padded = np.pad(onsets, (width // 2, width // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[: len(onsets) : STEP]
    power = np.abs(fft.rfft(frames * np.hanning(width).astype(np.float32), size))
    evidence = np.zeros((len(frames), len(PULSES)))
    for harmonic, weight in TEMPO_HARMONICS:
        place = PULSES * harmonic * size / FRAMES
        below = np.floor(place).astype(int)
        above = place - below
        evidence += weight * ((1 - above) * power[:, below] + above * power[:, below + 1])
    evidence *= np.exp(-0.5 * (np.log2(PULSES / TYPICAL) / OCTAVES) ** 2) / (evidence.max(axis=1).mean() + 1e-9)
    change = np.abs(np.log(PULSES)[:, None] - np.log(PULSES))
    # A step in tempo costs less than any way to another level of the same pulse.
    cost = np.where(change < LARGEST_STEP, np.minimum(20 * change, STEP_COST), 30.0)
    return np.asarray(PULSES[best_path(evidence, cost)])


def best_path(evidence: Floats, cost: Floats) -> NDArray[np.intp]:
    """The states, one a row of `evidence`, with the most evidence less the cost of every change (Viterbi)."""
    back = np.zeros(evidence.shape, dtype=np.intp)
    states = np.arange(evidence.shape[1])
    score = evidence[0]
    for row in range(1, len(evidence)):
        total = score - cost
        back[row] = np.argmax(total, axis=1)
        score = total[states, back[row]] + evidence[row]
    path = np.empty(len(evidence), dtype=np.intp)
    path[-1] = np.argmax(score)
    for row in range(len(evidence) - 1, 0, -1):
        path[row - 1] = back[row, path[row]]
    return path


def shift_evidence(onsets: NDArray[np.float32], halves: Floats, window: float) -> Floats:
    """How well a comb of half pulses fits around each path point, shifted by each of SHIFTS: (points, SHIFTS)."""
    width = int(window * FRAMES) // 2 * 2 + 1
    taper = np.hanning(width + 2)[1:-1]
    shifts = np.arange(SHIFTS) / SHIFTS
    total = np.zeros((len(range(0, len(onsets), STEP)), SHIFTS))
    for harmonic, weight in HARMONICS:
        spun = onsets * np.exp(-2j * np.pi * harmonic * halves)
        around = fftconvolve(spun, taper, "same")[::STEP]
        total += weight * np.real(around[:, None] * np.exp(2j * np.pi * harmonic * shifts))
    return total


def peak(values: Floats, index: NDArray[np.intp]) -> Floats:
    """Where, as a fraction of a step from `index`, the parabola through each row's circular neighbours peaks."""
    row = np.arange(len(values))
    before, here, after = (values[row, (index + step) % values.shape[1]] for step in (-1, 0, 1))
    bend = np.minimum(before - 2 * here + after, -1e-9)
    return np.asarray(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def follow(onsets: NDArray[np.float32], points: Floats, tempo: Floats) -> Pulse:
    """The half pulses along a tempo path, their phase followed too, as few straight pieces."""
    times = np.arange(len(onsets)) / FRAMES
    halves = np.cumsum(2 * np.interp(times, points, tempo)) / FRAMES
    apart = np.arange(SHIFTS)
    apart = np.minimum(apart, SHIFTS - apart)[(apart[:, None] - apart) % SHIFTS] / SHIFTS
    cost = np.minimum(3 * apart + 500 * apart**2, 8.0)
    for window in (6.0, 4.0, 3.0):
        evidence = shift_evidence(onsets, halves, window)
        evidence /= evidence.max(axis=1).mean() + 1e-9
        path = best_path(evidence, cost)
        shift = np.unwrap(2 * np.pi * (path + peak(evidence, path)) / SHIFTS) / (2 * np.pi)
        halves -= np.interp(times, points, shift)
    trust = np.clip(evidence[np.arange(len(path)), path], 0.0, 2.0) + 0.02
    return straighten(points, halves[::STEP], trust)


def straighten(points: Floats, halves: Floats, trust: Floats) -> Pulse:
    """The cheapest polyline along the path: its knots by dynamic programming, their heights by least squares."""
    rate = (halves[-1] - halves[0]) / (points[-1] - points[0])
    x, y = points - points[0], halves - halves[0] - rate * (points - points[0])
    sums = [np.concatenate([[0.0], np.cumsum(trust * part)]) for part in (1, x, y, x * x, x * y, y * y)]
    best = np.full(len(x), np.inf)
    best[0] = 0.0
    back = np.zeros(len(x), dtype=int)
    for stop in range(1, len(x)):
        start = np.arange(max(0, stop - 600), stop)
        slope = (y[stop] - y[start]) / (x[stop] - x[start])
        base = y[start] - slope * x[start]
        one, sx, sy, sxx, sxy, syy = (total[stop] - total[start] for total in sums)
        squares = syy - 2 * base * sy - 2 * slope * sxy + base**2 * one + 2 * base * slope * sx + slope**2 * sxx
        cost = best[start] + np.maximum(squares, 0.0) / (TOLERANCE * rate) ** 2 + PIECE
        back[stop] = start[np.argmin(cost)]
        best[stop] = cost.min()
    chosen = [len(x) - 1]
    while chosen[-1] > 0:
        chosen.append(back[chosen[-1]])
    knots = points[chosen[::-1]]
    hats = np.stack([np.interp(points, knots, unit) for unit in np.eye(len(knots))], axis=1)
    weight = np.sqrt(trust)
    heights = np.linalg.lstsq(hats * weight[:, None], halves * weight, rcond=None)[0]
    return Pulse(knots, np.maximum.accumulate(heights + 1e-6 * np.arange(len(heights))))


def mend(onsets: NDArray[np.float32], pulse: Pulse) -> Pulse:
    """Where the path took short pieces from one tempo to the next, or lost a half pulse on the way: one knot where the
    tempi on both sides meet, or none, with what follows moved by whole half pulses, if the flux agrees."""
    worth = PIECE_WORTH * float(np.mean(onsets)) * FRAMES
    first = 1
    while first < len(pulse.seconds) - 1:
        best, mended = worth / 10, pulse
        for last in range(first, len(pulse.seconds) - 1):
            if pulse.seconds[last] - pulse.seconds[first] > MEND_SPAN:
                break
            start, stop = pulse.seconds[first - 1], pulse.seconds[last + 1]
            before = comb_sum(onsets, pulse, start, stop)
            for other in bridges(pulse, first, last):
                fewer = len(pulse.seconds) - len(other.seconds)
                gain = comb_sum(onsets, other, start, stop) - before + worth * fewer
                if gain > best:
                    best, mended = gain, other
        # What was mended may join what is before it.
        first = first + 1 if mended is pulse else max(1, first - 1)
        pulse = mended
    return pulse


def bridges(pulse: Pulse, first: int, last: int) -> Iterator[Pulse]:
    """The pulse with other ways over its knots `first` to `last`."""
    x, y = pulse.seconds, pulse.halves
    left = (y[first] - y[first - 1]) / (x[first] - x[first - 1])
    right = (y[last + 1] - y[last]) / (x[last + 1] - x[last])
    for lost in (0, -1, 1, -2, 2):
        after = y[last + 1 :] + lost
        if after[0] > y[first - 1]:
            yield Pulse(np.delete(x, np.s_[first : last + 1]), np.concatenate([y[:first], after]))
        if abs(left - right) < 1e-3 * right:
            continue
        meeting = (y[last] + lost - right * x[last] - y[first] + left * x[first]) / (left - right)
        inside = x[first - 1] + 0.5 < meeting < x[last + 1] - 0.5
        if inside and x[first] - MEND_SPAN < meeting < x[last] + MEND_SPAN:
            height = y[first] + left * (meeting - x[first])
            yield Pulse(
                np.concatenate([x[:first], [meeting], x[last + 1 :]]), np.concatenate([y[:first], [height], after])
            )


def steady(onsets: NDArray[np.float32], rate: float) -> tuple[float, float]:
    """The one constant rate near `rate` (half pulses a second) that fits best, and its phase: see `phase`."""
    size = int(fft.next_fast_len(8 * len(onsets)))
    power = np.abs(fft.rfft(onsets, size))
    near = rate * np.exp(np.arange(-0.04, 0.04, 0.00005))
    places = np.arange(len(power)) * FRAMES / size
    rate = float(near[np.argmax(sum(weight * np.interp(near * k, places, power) for k, weight in HARMONICS))])
    times = np.arange(len(onsets)) / FRAMES
    reach = SHIFTS // 5
    for _ in range(3):  # the drift of each moment's own phase against the common one corrects the rate
        evidence = shift_evidence(onsets, rate * times, 4.0)
        common = int(np.argmax(evidence.sum(axis=0)))
        close = evidence[:, (np.arange(-reach, reach + 1) + common) % SHIFTS]
        own = np.argmax(close, axis=1)
        trust = np.where(np.abs(own - reach) < reach, close.max(axis=1).clip(0.0), 0.0)
        slope = np.polyfit(times[::STEP], (own - reach) / SHIFTS, 1, w=np.sqrt(trust) + 1e-9)[0]
        if abs(slope) < 1e-3 * rate:
            rate -= slope
    return rate, phase(onsets, rate)


def phase(onsets: NDArray[np.float32], rate: float) -> float:
    """Half pulses at time 0, in [0, 1), where a comb of this constant rate fits best, negated."""
    total = shift_evidence(onsets, np.asarray(np.arange(len(onsets)) * rate / FRAMES), 4.0).sum(axis=0)[None]
    best = np.argmax(total, axis=1)
    return float((best + peak(total, best))[0] / SHIFTS)


def explained(onsets: NDArray[np.float32], pulse: Pulse) -> float:
    """How much of the flux lies on the half pulses and their even parts: 1 if all of it does, 0 if it does not care."""
    return comb_sum(onsets, pulse, 0.0, len(onsets) / FRAMES) / (float(np.sum(onsets)) + 1e-9)


def comb_sum(onsets: NDArray[np.float32], pulse: Pulse, start: float, stop: float) -> float:
    """The flux between two times, weighted by a comb that is 1 on the half pulses."""
    frames = np.arange(int(start * FRAMES), min(int(stop * FRAMES), len(onsets)))
    turn = 2 * np.pi * pulse.at(frames / FRAMES)
    comb = sum(weight * np.cos(harmonic * turn) for harmonic, weight in HARMONICS)
    return float(np.sum(onsets[frames] * comb)) / sum(weight for _, weight in HARMONICS)

"""The tactus: the steady step under the music, followed through the song before asking which level of it is the beat.

Its half, the tatum, is what is tracked, in three moves: the strongest periodicity of each moment (a path through a
Fourier tempogram: Grosche, Müller and Kurth, "Cyclic tempogram", 2010), its phase (a path through the shifts of a
comb), and then one constant tempo if that explains the onset strength about as well, else as few straight pieces as do.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import fftconvolve

from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.polyline import fit_polyline, join_pieces
from davproxy.charter.timing.tatum_map import HARMONICS, TatumMap, explained_share
from davproxy.charter.viterbi import Floats, best_path

STEP = 86  # frames between points of a path: half a second
TACTUS_RATES = np.exp(np.arange(np.log(1.0), np.log(250 / 60), 0.005))  # a second: those that are looked for
SPAN, SIZE = 8.0, 8192  # seconds of onset strength that a column of the tempogram sees, and points of its transform
LARGEST_CHANGE, CHANGE_COST = 0.26, 6.0  # of the rate's logarithm at once, and what it costs
TYPICAL, OCTAVES = 2.0, 1.0  # log-normal prior of the tactus: centre (a second) and deviation
TACTUS_HARMONICS = ((1, 1.0), (2, 1.0), (3, 0.35), (4, 0.8))  # with their weights
SHIFTS = 48  # steps of phase in a tatum
PIECE_GAIN = 0.8  # seconds of onset strength on the comb that each piece has to add to those of a constant tempo
CONSTANT_SHARE = 0.82  # a constant tempo that explains this much of what the pieces explain is taken


def track_tatums(onsets: NDArray[np.float32]) -> TatumMap:
    """The tatums of an onset strength envelope (frames,), FRAME_RATE frames a second."""
    end = np.array([0.0, len(onsets) / FRAME_RATE])
    rates = tactus_path(onsets)
    points = np.arange(len(rates)) * STEP / FRAME_RATE
    pieces = join_pieces(onsets, follow_phase(onsets, points, rates))
    rate, shift = constant_rate(onsets, 2 * float(np.median(rates)))
    constant = TatumMap(end, rate * end - shift)
    by_one, by_pieces = explained_share(onsets, constant), explained_share(onsets, pieces)
    gain = (by_pieces - by_one) * end[1] / max(1, len(pieces.seconds) - 2)
    return constant if by_one >= CONSTANT_SHARE * by_pieces or gain < PIECE_GAIN else pieces


def tactus_path(onsets: NDArray[np.float32]) -> Floats:
    """Tactus rate a second every STEP frames, (points,): the best path through the tempogram, where changes cost."""
    width = int(SPAN * FRAME_RATE)
    padded = np.pad(onsets, (width // 2, width // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[: len(onsets) : STEP]
    power = np.abs(fft.rfft(frames * np.hanning(width).astype(np.float32), SIZE))
    evidence = np.zeros((len(frames), len(TACTUS_RATES)))
    for harmonic, weight in TACTUS_HARMONICS:
        place = TACTUS_RATES * harmonic * SIZE / FRAME_RATE
        below = np.floor(place).astype(int)
        above = place - below
        evidence += weight * ((1 - above) * power[:, below] + above * power[:, below + 1])
    evidence *= np.exp(-0.5 * (np.log2(TACTUS_RATES / TYPICAL) / OCTAVES) ** 2) / (evidence.max(axis=1).mean() + 1e-9)
    change = np.abs(np.log(TACTUS_RATES)[:, None] - np.log(TACTUS_RATES))
    # A step in tempo costs less than any way to another level of the same tactus.
    cost = np.where(change < LARGEST_CHANGE, np.minimum(20 * change, CHANGE_COST), 30.0)
    return np.asarray(TACTUS_RATES[best_path(evidence, cost)])


def phase_evidence(onsets: NDArray[np.float32], tatums: Floats, window: float) -> Floats:
    """How well a comb of tatums fits within `window` seconds of each path point, shifted by each of SHIFTS:
    (points, SHIFTS). `tatums` is the tatum of each frame."""
    width = int(window * FRAME_RATE) // 2 * 2 + 1
    taper = np.hanning(width + 2)[1:-1]
    shifts = np.arange(SHIFTS) / SHIFTS
    total = np.zeros((len(range(0, len(onsets), STEP)), SHIFTS))
    for harmonic, weight in HARMONICS:
        spun = onsets * np.exp(-2j * np.pi * harmonic * tatums)
        around = fftconvolve(spun, taper, "same")[::STEP]
        total += weight * np.real(around[:, None] * np.exp(2j * np.pi * harmonic * shifts))
    return total


def parabolic_peak(values: Floats, index: NDArray[np.intp]) -> Floats:
    """Where, as a fraction of a step from `index` (rows,), the parabola through the circular neighbours there of each
    row of `values` peaks: (rows,), -0.5 to 0.5."""
    row = np.arange(len(values))
    before, here, after = (values[row, (index + step) % values.shape[1]] for step in (-1, 0, 1))
    bend = np.minimum(before - 2 * here + after, -1e-9)
    return np.asarray(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def follow_phase(onsets: NDArray[np.float32], points: Floats, rates: Floats) -> TatumMap:
    """The tatums along a path of tactus `rates` at `points` (seconds), their phase followed too, as few straight
    pieces."""
    times = np.arange(len(onsets)) / FRAME_RATE
    tatums = np.cumsum(2 * np.interp(times, points, rates)) / FRAME_RATE
    apart = np.arange(SHIFTS)
    apart = np.minimum(apart, SHIFTS - apart)[(apart[:, None] - apart) % SHIFTS] / SHIFTS
    cost = np.minimum(3 * apart + 500 * apart**2, 8.0)
    for window in (6.0, 4.0, 3.0):
        evidence = phase_evidence(onsets, tatums, window)
        evidence /= evidence.max(axis=1).mean() + 1e-9
        path = best_path(evidence, cost)
        shift = np.unwrap(2 * np.pi * (path + parabolic_peak(evidence, path)) / SHIFTS) / (2 * np.pi)
        tatums -= np.interp(times, points, shift)
    trust = np.clip(evidence[np.arange(len(path)), path], 0.0, 2.0) + 0.02
    return fit_polyline(points, tatums[::STEP], trust)


def constant_rate(onsets: NDArray[np.float32], rate: float) -> tuple[float, float]:
    """The one constant rate near `rate` (tatums a second) that fits best, and its phase: see `phase`."""
    size = int(fft.next_fast_len(8 * len(onsets)))
    power = np.abs(fft.rfft(onsets, size))
    near = rate * np.exp(np.arange(-0.04, 0.04, 0.00005))
    places = np.arange(len(power)) * FRAME_RATE / size
    rate = float(near[np.argmax(sum(weight * np.interp(near * k, places, power) for k, weight in HARMONICS))])
    times = np.arange(len(onsets)) / FRAME_RATE
    reach = SHIFTS // 5
    for _ in range(3):  # the drift of each moment's own phase against the common one corrects the rate
        evidence = phase_evidence(onsets, rate * times, 4.0)
        common = int(np.argmax(evidence.sum(axis=0)))
        close = evidence[:, (np.arange(-reach, reach + 1) + common) % SHIFTS]
        own = np.argmax(close, axis=1)
        trust = np.where(np.abs(own - reach) < reach, close.max(axis=1).clip(0.0), 0.0)
        slope = np.polyfit(times[::STEP], (own - reach) / SHIFTS, 1, w=np.sqrt(trust) + 1e-9)[0]
        if abs(slope) < 1e-3 * rate:
            rate -= slope
    return rate, phase(onsets, rate)


def phase(onsets: NDArray[np.float32], rate: float) -> float:
    """How far a comb of this constant rate (tatums a second) has to be shifted to fit best: 0 to 1 tatum. At time 0 the
    tatum is minus that."""
    total = phase_evidence(onsets, np.asarray(np.arange(len(onsets)) * rate / FRAME_RATE), 4.0).sum(axis=0)[None]
    best = np.argmax(total, axis=1)
    return float((best + parabolic_peak(total, best))[0] / SHIFTS)

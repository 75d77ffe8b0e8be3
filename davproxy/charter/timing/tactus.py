"""The tactus: the steady pulse of the music, tracked through the song before its metrical level is decided.

Its half, the tatum, is tracked in three steps: the strongest periodicity over time (the best path through a Fourier
tempogram: Grosche, Müller and Kurth, "Cyclic tempogram", 2010), its phase (the best path through the shifts of a comb),
and then a constant tempo, if it explains the onset strength about as well, or else a polyline of few pieces. Thirds of
the tactus replace its halves in a shuffle.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import fftconvolve

from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.polyline import fit_polyline, join_pieces
from davproxy.charter.timing.tatum_map import HARMONICS, TatumMap, explained_share
from davproxy.charter.viterbi import Floats, best_path

STEP = 86  # frames between points of a path: half a second
TACTUS_RATES = np.exp(np.arange(np.log(1.0), np.log(250 / 60), 0.005))  # Hz, rows of the tempogram
SPAN, SIZE = 8.0, 8192  # window of the tempogram in seconds, and points of its transform
LARGEST_CHANGE, CHANGE_COST = 0.26, 6.0  # of the rate's logarithm from point to point, and the highest cost of one
TYPICAL, OCTAVES = 2.0, 1.0  # log-normal prior of the tactus: centre in Hz and standard deviation in octaves
KNOWN = 0.04  # octaves: that deviation where a person tapped the tempo
TACTUS_HARMONICS = ((1, 1.0), (2, 1.0), (3, 0.35), (4, 0.8))  # (harmonic, weight)
SHIFTS = 48  # steps of phase in a tatum
PIECE_GAIN = 0.8  # seconds of explained onset strength that each further piece has to add to a constant tempo
SHUFFLED = 1.3  # ratio of what thirds of the tactus explain to what its halves do; straight music has up to .9
CONSTANT_SHARE = 0.82  # share of what the pieces explain, from which a constant tempo is preferred


def track_tatums(onsets: NDArray[np.float32], near: float = 0.0) -> TatumMap:
    """The tatums of an onset strength envelope (frames,), float32, FRAME_RATE frames a second. `near` is a tempo (BPM)
    that the tactus has, an octave higher or lower; 0 if none is known."""
    end = np.array([0.0, len(onsets) / FRAME_RATE])
    rates = tactus_path(onsets, *(_known(near) if near else (TYPICAL, OCTAVES)))
    points = np.arange(len(rates)) * STEP / FRAME_RATE
    pieces = join_pieces(onsets, follow_phase(onsets, points, rates))
    rate, shift = constant_rate(onsets, 2 * float(np.median(rates)))
    constant = TatumMap(end, rate * end - shift)
    by_one, by_pieces = explained_share(onsets, constant), explained_share(onsets, pieces)
    gain = (by_pieces - by_one) * end[1] / max(1, len(pieces.seconds) - 2)
    return constant if by_one >= CONSTANT_SHARE * by_pieces or gain < PIECE_GAIN else pieces


def in_thirds(onsets: NDArray[np.float32], tatums: TatumMap) -> TatumMap:
    """The thirds of the tactus, if they explain the onset strength (frames,) clearly better than its halves `tatums`;
    else `tatums`. The beats of a shuffle are on thirds; the halves that fit it best lie beside them."""
    thirds = replace(tatums, tatums=tatums.tatums * 3 / tatums.of_tactus, of_tactus=3)
    shift = best_shift(onsets, thirds.at(np.arange(len(onsets)) / FRAME_RATE))
    thirds = replace(thirds, tatums=thirds.tatums - shift)
    clearly = explained_share(onsets, thirds) > SHUFFLED * explained_share(onsets, tatums)
    return thirds if clearly else tatums


def _known(bpm: float) -> tuple[float, float]:
    """The prior of a tactus that has the tempo `bpm`, in the octaves nearest to TYPICAL."""
    return float(bpm / 60 * 2 ** np.round(np.log2(TYPICAL * 60 / bpm))), KNOWN


def tactus_path(onsets: NDArray[np.float32], typical: float = TYPICAL, octaves: float = OCTAVES) -> Floats:
    """The rate of the tactus in Hz every STEP frames, (points,): the best path through the tempogram of an onset
    strength envelope (frames,), with a cost for changes. Its prior is log-normal, with its centre at `typical` Hz."""
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
    evidence *= np.exp(-0.5 * (np.log2(TACTUS_RATES / typical) / octaves) ** 2) / (evidence.max(axis=1).mean() + 1e-9)
    change = np.abs(np.log(TACTUS_RATES)[:, None] - np.log(TACTUS_RATES))
    # A change of tempo costs less than a change of metrical level.
    cost = np.where(change < LARGEST_CHANGE, np.minimum(20 * change, CHANGE_COST), 30.0)
    return np.asarray(TACTUS_RATES[best_path(evidence, cost)])


def phase_evidence(onsets: NDArray[np.float32], tatums: Floats, window: float) -> Floats:
    """The onset strength on a comb of tatums, for each point of the path and each shift: (points, SHIFTS).

    `onsets` is the envelope and `tatums` the tatum of each frame, both (frames,). A Hann window of `window` seconds is
    centred on each point; column i shifts the comb by i / SHIFTS of a tatum.
    """
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
    """The peak of each row, between its samples: the offset from `index` (rows,) of the vertex of the parabola through
    the sample there and its circular neighbours, (rows,), -0.5 to 0.5. `values` is (rows, samples)."""
    row = np.arange(len(values))
    before, here, after = (values[row, (index + step) % values.shape[1]] for step in (-1, 0, 1))
    bend = np.minimum(before - 2 * here + after, -1e-9)
    return np.asarray(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def follow_phase(onsets: NDArray[np.float32], points: Floats, rates: Floats) -> TatumMap:
    """The tatums along a path of the tactus: `rates` (Hz) at `points` (seconds), both (points,). Their phase is the
    best path through `phase_evidence`, and the result a polyline of few pieces."""
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
    """(rate, phase): the constant rate near `rate`, in tatums a second, that fits best, and its `phase`."""
    size = int(fft.next_fast_len(8 * len(onsets)))
    power = np.abs(fft.rfft(onsets, size))
    near = rate * np.exp(np.arange(-0.04, 0.04, 0.00005))
    places = np.arange(len(power)) * FRAME_RATE / size
    rate = float(near[np.argmax(sum(weight * np.interp(near * k, places, power) for k, weight in HARMONICS))])
    times = np.arange(len(onsets)) / FRAME_RATE
    reach = SHIFTS // 5
    for _ in range(3):  # the drift of the local phase against the global one corrects the rate
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
    """The phase of the best comb with this constant rate (tatums a second), 0 to 1: the tatum at time 0 is minus
    that."""
    return best_shift(onsets, np.asarray(np.arange(len(onsets)) * rate / FRAME_RATE))


def best_shift(onsets: NDArray[np.float32], tatums: Floats) -> float:
    """The part of a tatum, 0 to 1, by which a comb of `tatums`, those of each frame, fits best when it is later."""
    total = phase_evidence(onsets, tatums, 4.0).sum(axis=0)[None]
    best = np.argmax(total, axis=1)
    return float((best + parabolic_peak(total, best))[0] / SHIFTS)

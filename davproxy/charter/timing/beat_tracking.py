"""From audio to its grid: the pulse, then which of its steps are beats and bar lines, then the exact tempo."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.onset_strength import LEAD
from davproxy.charter.timing.grid import Grid, Segment
from davproxy.charter.timing.meter import Beat, find_bar, find_beat, listen
from davproxy.charter.timing.tactus import Pulse, find_pulse, phase
from davproxy.errors import BadAudio

DRIFT = 0.025  # seconds that a rounder tempo may drift away over the song
ROUND = (1.0, 0.5)  # BPM: musicians who play to a click set it to a whole or a half number
SILENT = 1e-10  # mean square
EARLY = 0.07  # seconds by which the first sound may come before its bar line


def find_grid(audio: Audio) -> Grid:
    """The beats and bars of a song. Raises BadAudio where nothing is heard."""
    heard = listen(audio)
    onsets = heard.flux.whole
    if float(np.mean(audio.samples**2)) < SILENT or not onsets.any():
        raise BadAudio("This file is silent. Choose a recording that can be heard.")
    pulse = find_pulse(onsets)
    beat = find_beat(heard, pulse)
    if pulse.constant:
        pulse = rounded(onsets, pulse, beat)
    places = beat.places(pulse, audio.seconds)
    bar = find_bar(heard, pulse.time(places))
    lines = places[0] + beat.halves * (bar.offset + bar.beats * np.arange(-2, len(places) // bar.beats + 1))
    before = lines[pulse.time(lines) + LEAD <= heard.start + EARLY]
    return Grid(segments(pulse, beat, float(before[-1] if len(before) else lines[0])), bar.beats)


def rounded(onsets: NDArray[np.float32], pulse: Pulse, beat: Beat) -> Pulse:
    """A constant pulse whose beat is a whole or half number of BPM, if that drifts by less than can be told."""
    bpm = 60 * pulse.rate / beat.halves
    for unit in ROUND:
        exact = round(bpm / unit) * unit
        if exact and abs(bpm / exact - 1) * pulse.seconds[-1] < DRIFT:
            bpm = exact
            break
    rate = round(bpm, 3) * beat.halves / 60
    shift = phase(onsets, rate)
    middle = pulse.seconds[-1] / 2
    # The comb tells the phase within a half pulse; the old pulse tells which one it was.
    turn = np.round(pulse.at(np.array([middle]))[0] - (rate * middle - shift))
    return Pulse(pulse.seconds, rate * pulse.seconds - shift + turn)


def segments(pulse: Pulse, beat: Beat, origin: float) -> tuple[Segment, ...]:
    """The pulse in beats from the half pulse `origin` on. Tempo changes fall on beats, and each BPM has three decimals,
    as charts keep them; a tempo aims at where its segment should end, so that roundings never add up."""
    marks = np.unique(np.round((pulse.halves[1:-1] - origin) / beat.halves))
    beats = np.array([0.0, *marks[marks > 0]])
    ends = np.append(beats[1:], max(beats[-1] + 1, np.floor((pulse.halves[-1] - origin) / beat.halves)))
    goals = pulse.time(origin + beat.halves * ends) + LEAD
    seconds = float(pulse.time(np.array([origin]))[0]) + LEAD
    found: list[Segment] = []
    for start, end, goal in zip(beats, ends, goals, strict=True):
        bpm = round(60 * float(end - start) / (float(goal) - seconds), 3)
        if not found or bpm != found[-1].bpm:
            found.append(Segment(float(start), seconds, bpm))
        seconds += float(end - start) * 60 / bpm
    return tuple(found)

"""From audio to its grid: first the tatums, then which of them are beats and downbeats, then the exact tempo.

Dynamic programming over beats (Ellis, "Beat tracking by dynamic programming", 2007) decides the metrical level first;
here it is decided last, on the whole song.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.onset_strength import EARLY, OnsetStrength
from davproxy.charter.timing.bar_choice import Bar, rank_bars
from davproxy.charter.timing.beat_choice import Beat, find_beat
from davproxy.charter.timing.grid import Grid, Segment, segments_through
from davproxy.charter.timing.meter import MeterCues, meter_cues
from davproxy.charter.timing.tactus import in_thirds, phase, track_tatums
from davproxy.charter.timing.tatum_map import TatumMap
from davproxy.charter.viterbi import Floats
from davproxy.errors import BadAudio

DRIFT = 0.025  # seconds by which a rounded tempo may be off at the end of the song
ROUND = (1.0, 0.5)  # BPM: musicians who play to a click set it to a multiple of these
SILENT = 1e-10  # mean square of a silent signal
FEWEST_BEATS = 8  # beats between the first and the last sound from which only these decide about bars
PICKUP = 0.07  # seconds by which the first sound may precede its downbeat


@dataclass(frozen=True)
class RankedGrid:
    """A grid, and how good the bars would be if they began so many beats later: `ranks`, (beats_per_bar,), the first of
    them that of the grid as it is. `start` is the time of the first sound (seconds)."""

    grid: Grid
    ranks: Floats
    start: float

    def later(self, beats: int) -> Grid:
        """The grid whose bars begin `beats` later."""
        if float(self.grid.time(beats)) > self.start + PICKUP:
            beats -= self.grid.beats_per_bar
        return self.grid.from_beat(beats)


def find_grid(audio: Audio, onsets: OnsetStrength, near: float = 0.0) -> RankedGrid:
    """The grid of a recording and its onset strength. `near` is a tempo (BPM) of which some multiple or part is that of
    the music; 0 if none is known. Raises BadAudio if it is silent."""
    if float(np.mean(audio.samples**2)) < SILENT or not onsets.total.any():
        raise BadAudio("This file is silent. Choose a recording that can be heard.")
    cues = meter_cues(audio, onsets)
    tatums = in_thirds(onsets.total, track_tatums(onsets.total, near))
    beat = find_beat(cues, tatums)
    if tatums.constant:
        tatums = round_tempo(onsets.total, tatums, beat)
    positions = beat.positions(tatums, audio.seconds)
    times = tatums.time(positions)
    played = played_beats(cues, times)
    ranks = rank_bars(cues, times[played])
    best = max(ranks, key=lambda bar: ranks[bar])
    bar = Bar(best.beats, int(best.offset + played[0]) % best.beats)
    downbeats = positions[0] + beat.tatums * (bar.offset + bar.beats * np.arange(-2, len(positions) // bar.beats + 1))
    before = downbeats[tatums.time(downbeats) + EARLY <= cues.start + PICKUP]
    grid = Grid(segments(tatums, beat, float(before[-1] if len(before) else downbeats[0])), bar.beats)
    others = [Bar(best.beats, (best.offset + later) % best.beats) for later in range(best.beats)]
    return RankedGrid(grid, np.array([ranks[other] for other in others]), cues.start)


def played_beats(cues: MeterCues, times: Floats) -> NDArray[np.intp]:
    """Which of the beats at `times` (seconds) are between the first and the last sound, (beats,): only these decide
    about bars. All of them if these are few."""
    played = np.flatnonzero((times + EARLY > cues.start - PICKUP) & (times < cues.end))
    return played if len(played) >= FEWEST_BEATS else np.arange(len(times))


def round_tempo(onsets: NDArray[np.float32], tatums: TatumMap, beat: Beat) -> TatumMap:
    """A constant map with a tempo of a whole or half number of BPM, if that drifts by less than DRIFT; else with the
    same tempo to three decimals. `onsets` is the onset strength (frames,)."""
    bpm = 60 * tatums.rate / beat.tatums
    for unit in ROUND:
        exact = round(bpm / unit) * unit
        if exact and abs(bpm / exact - 1) * tatums.seconds[-1] < DRIFT:
            bpm = exact
            break
    rate = round(bpm, 3) * beat.tatums / 60
    shift = phase(onsets, rate)
    middle = tatums.seconds[-1] / 2
    # `phase` gives the position within a tatum; the old map gives the number of the tatum.
    turn = np.round(tatums.at(np.array([middle]))[0] - (rate * middle - shift))
    return TatumMap(tatums.seconds, rate * tatums.seconds - shift + turn)


def segments(tatums: TatumMap, beat: Beat, origin: float) -> tuple[Segment, ...]:
    """The tempo segments of a map, in beats from the tatum `origin` on. Tempo changes are moved to the nearest beat."""
    marks = np.unique(np.round((tatums.tatums[1:-1] - origin) / beat.tatums))
    starts = np.array([0.0, *marks[marks > 0]])
    end = max(starts[-1] + 1, np.floor((tatums.tatums[-1] - origin) / beat.tatums))
    beats = np.append(starts, end)
    return segments_through(beats, tatums.time(origin + beat.tatums * beats) + EARLY)

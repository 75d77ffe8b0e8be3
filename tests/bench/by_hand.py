"""What a person's correction of the grid is worth: real songs cut anywhere, as found and as somebody corrects them.

The person taps the tempo, up to TAPPED wrong, hears by how much beats are off and on which beat the bar is, and says so
once. Nothing else of the true beats is known to the charter.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.correction import FARTHEST, MOST_SHIFTED, Correction
from davproxy.charter.notes.downbeats import grid_with_drums
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.features import spectral_features
from davproxy.charter.signal.onset_strength import onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.structure.slots import beat_division
from davproxy.charter.timing.attacks import align_with_attacks
from davproxy.charter.timing.corrected import corrected, track
from davproxy.charter.timing.grid import Grid

TAPPED = 0.02

Times = NDArray[np.float64]


def grid_by_hand(sound: Audio, beats: Times, downbeats: Times, chance: np.random.Generator) -> Grid:
    """The grid that comes of it for a recording whose true beats and downbeats these are, in seconds."""
    tapped = 60 / float(np.median(np.diff(beats))) * (1 + chance.uniform(-TAPPED, TAPPED))
    correction = Correction(bpm=round(tapped, 1), beats_per_bar=4)
    mel = log_mel(sound.samples)
    onsets = onset_strength(mel)
    ranked, _ = track(sound, onsets, correction)
    features = spectral_features(sound.samples, mel)
    plain, _, _ = grid_with_drums(ranked, beat_division(ranked.grid, onsets), sound.seconds, features)
    exact = align_with_attacks(plain, sound.samples)

    def heard(correction: Correction) -> Grid:
        return corrected(plain, exact, ranked.start, correction)[1]

    correction = replace(correction, offset=_offset(heard(correction), beats))
    shifts = range(-MOST_SHIFTED // 2, MOST_SHIFTED // 2)
    best = max(shifts, key=lambda shift: _bars_right(heard(replace(correction, bar_shift=shift)), downbeats))
    return heard(replace(correction, bar_shift=best))


def _offset(grid: Grid, beats: Times) -> float:
    """By how many seconds the beats of a grid are heard to be early."""
    places = grid.beat(beats)
    turn = np.angle(np.mean(np.exp(2j * np.pi * places))) / (2 * np.pi)
    return float(np.clip(turn * np.median(np.diff(beats)), -FARTHEST, FARTHEST))


def _bars_right(grid: Grid, downbeats: Times) -> float:
    """The share of the true downbeats with which a bar begins."""
    places = grid.beat(downbeats) / grid.beats_per_bar
    return float(np.mean(np.abs(places - np.round(places)) * grid.beats_per_bar < 0.25))

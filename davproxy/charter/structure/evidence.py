"""Whether a recording is music, by the clarity of its beat and the number of its held notes.

Noise has neither; speech has syllables, but few held notes. Music may lack one of the two: drums have no notes, and a
freely played piano has no steady beat.
"""

from dataclasses import dataclass

import numpy as np

from davproxy.charter.signal.note_activations import ACTIVATION_RATE, NoteActivations
from davproxy.charter.signal.onset_strength import EARLY, OnsetStrength
from davproxy.charter.timing.grid import Grid
from davproxy.charter.timing.tatum_map import TatumMap, explained_share
from davproxy.errors import BadAudio

DIVISIONS = (1, 2, 3, 4)  # onsets in a beat, one of which most of a song has
SOUNDING = 0.5  # activation from which a note sounds
HELD = 0.3  # seconds from which a note counts as held; the pitch of a syllable glides
FEWEST_HELD = (
    0.35  # held notes a second from which a recording without a beat is music; speech has .17, freely played piano 1.3
)
CLEAR_BEAT = 0.12  # clarity from which a long recording has a beat; speech has .08, fast metal .23
BY_CHANCE = 0.8  # added to it, divided by the length in seconds: speech of 6 s has .25
FAINT = 0.08  # clarity beyond both from which the beat is not faint

NO_MUSIC = "There is no music to be heard in this file, neither a beat nor notes. Choose a recording of a song."
NO_BEAT = "No steady beat can be heard in this recording, so bars and notes may lie beside the music."
FAINT_BEAT = "The beat is faint in this recording: check that the bars are right."


@dataclass(frozen=True)
class Evidence:
    """Two measures of a recording of `seconds`. `beat` is the clarity of the beat, about 0 to 1 (`beat_clarity`);
    `held_notes` are held notes a second (`held_notes`)."""

    beat: float
    held_notes: float
    seconds: float

    def doubts(self) -> tuple[str, ...]:
        """Sentences about the chart to expect, for a player. Raises BadAudio if the recording is no music."""
        clear = CLEAR_BEAT + BY_CHANCE / self.seconds
        if self.beat >= clear + FAINT:
            return ()
        if self.beat >= clear:
            return (FAINT_BEAT,)
        if self.held_notes < FEWEST_HELD:
            raise BadAudio(NO_MUSIC)
        return (NO_BEAT,)


def evidence(grid: Grid, onsets: OnsetStrength, activations: NoteActivations) -> Evidence:
    """The evidence that a recording is music, from its grid, onset strength and note activations."""
    return Evidence(beat_clarity(grid, onsets), held_notes(activations), onsets.seconds)


def beat_clarity(grid: Grid, onsets: OnsetStrength) -> float:
    """The share of onset strength on the grid's beats, or on the best of their DIVISIONS: about 0 to 1."""
    changes = [segment.seconds for segment in grid.segments if 0 < segment.seconds < onsets.seconds]
    seconds = np.array([0.0, *changes, onsets.seconds])
    beats = grid.beat(seconds)
    shares = [explained_share(onsets.total, TatumMap(seconds - EARLY, count * beats)) for count in DIVISIONS]
    return max(shares)


def held_notes(activations: NoteActivations) -> float:
    """The number of notes a second that sound for HELD seconds or more."""
    sounding = np.pad(activations.notes >= SOUNDING, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(sounding, axis=1)
    # nonzero goes row by row, so the i-th end belongs to the i-th begin.
    lasting = np.nonzero(change == -1)[1] - np.nonzero(change == 1)[1]
    seconds = activations.notes.shape[1] / ACTIVATION_RATE
    return float(np.sum(lasting >= HELD * ACTIVATION_RATE) / seconds)

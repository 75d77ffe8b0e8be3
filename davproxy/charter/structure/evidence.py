"""Whether a recording is music: how clear its beat is, and how many notes ring in it.

Noise has neither, and speech has syllables but hardly a note that is held. Music may lack one of the two: drums have no
notes, and a piano that is played freely has no steady beat.
"""

from dataclasses import dataclass

import numpy as np

from davproxy.charter.signal.note_activations import ACTIVATION_RATE, NoteActivations
from davproxy.charter.signal.onset_strength import EARLY, OnsetStrength
from davproxy.charter.timing.grid import Grid
from davproxy.charter.timing.tatum_map import TatumMap, explained_share
from davproxy.errors import BadAudio

DIVISIONS = (1, 2, 3, 4)  # of a beat, one of which is played throughout
SOUNDING = 0.5  # activation from which a note sounds
HELD = 0.3  # seconds from which a note is held: syllables glide
FEWEST_HELD = (
    0.35  # notes a second that ring where there is music without a beat; speech has .17, freely played piano 1.3
)
CLEAR_BEAT = 0.12  # clarity of the beat of a long recording from which there is one: speech has .08, fast metal .23
BY_CHANCE = 0.8  # more of it, by second of the recording: in 6 s speech has .25
FAINT = 0.08  # clarity above that from which the beat is no longer faint

NO_MUSIC = "There is no music to be heard in this file, neither a beat nor notes. Choose a recording of a song."
NO_BEAT = "No steady beat can be heard in this recording, so bars and notes may lie beside the music."
FAINT_BEAT = "The beat is faint in this recording: check that the bars are right."


@dataclass(frozen=True)
class Evidence:
    """`beat` is how much of what begins lies on the grid, from about 0 to 1; `held_notes` how many notes a second begin
    and ring for HELD seconds; the recording lasts `seconds`."""

    beat: float
    held_notes: float
    seconds: float

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to say of a song made of it. Raises BadAudio where it is no music."""
        clear = CLEAR_BEAT + BY_CHANCE / self.seconds
        if self.beat >= clear + FAINT:
            return ()
        if self.beat >= clear:
            return (FAINT_BEAT,)
        if self.held_notes < FEWEST_HELD:
            raise BadAudio(NO_MUSIC)
        return (NO_BEAT,)


def evidence(grid: Grid, onsets: OnsetStrength, activations: NoteActivations) -> Evidence:
    """What tells that there is music in a recording."""
    return Evidence(beat_clarity(grid, onsets), held_notes(activations), onsets.seconds)


def beat_clarity(grid: Grid, onsets: OnsetStrength) -> float:
    """How much of the onset strength lies on the best of DIVISIONS of the grid's beats: about 0 to 1."""
    changes = [segment.seconds for segment in grid.segments if 0 < segment.seconds < onsets.seconds]
    seconds = np.array([0.0, *changes, onsets.seconds])
    beats = grid.beat(seconds)
    shares = [explained_share(onsets.total, TatumMap(seconds - EARLY, count * beats)) for count in DIVISIONS]
    return max(shares)


def held_notes(activations: NoteActivations) -> float:
    """How many notes a second begin and ring for HELD seconds at least."""
    sounding = np.pad(activations.notes >= SOUNDING, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(sounding, axis=1)
    # Row by row, begin and end of the notes are in the same order.
    lasting = np.nonzero(change == -1)[1] - np.nonzero(change == 1)[1]
    seconds = activations.notes.shape[1] / ACTIVATION_RATE
    return float(np.sum(lasting >= HELD * ACTIVATION_RATE) / seconds)

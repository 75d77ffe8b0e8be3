"""The Expert guitar part: notes, chords and held notes; a repeated passage is charted alike."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.correction import NOTHING, Correction
from davproxy.charter.notes.frets import fret_path, log_moves
from davproxy.charter.notes.gems import FRETS, TICKS, Gem
from davproxy.charter.notes.melody import melody_contour
from davproxy.charter.notes.muted import next_muted
from davproxy.charter.notes.note_selection import SelectedNotes
from davproxy.charter.notes.repeats import repeated_notes
from davproxy.charter.signal.features import Features, pool
from davproxy.charter.signal.note_activations import NoteActivations
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.structure.slots import Slots, rank

CHORDS = 0.18  # share of notes that are chords
LOW_BANDS = 2  # bands of the features in which chords on low strings sound
STRUCK = (0.02, 0.15)  # seconds after a note's start over which its level is averaged
CHORD_DISTANCE = 0.16  # seconds from a chord to both neighbours, in which the hand changes
HELD = 1.0  # beats to the next note from which a note may be held
HELD_SECONDS = 0.38
RELEASE = TICKS // 4  # ticks, the least gap between the end of a held note and the next note
RELEASE_SECONDS = 0.08
ATTACK = 0.05  # seconds of a note that are its attack
SUSTAIN = 0.1  # seconds after the attack, whose mean level is the note's level
SOUNDS_ON = 0.55  # share of that level, below which the note has faded
LONGEST_BARS = 4


def expert_guitar(
    features: Features,
    activations: NoteActivations,
    slots: Slots,
    selected: SelectedNotes,
    first_tick: int,
    on_stem: bool,
    correction: Correction = NOTHING,
) -> list[Gem]:
    """A gem for each selected slot, in order of ticks. Beat 0 of the grid is at `first_tick`. `on_stem` means that
    `features` and `activations` are of the lead instrument alone. No note is held into what `correction` mutes."""
    times, beats = slots.times[selected.slots], slots.beats[selected.slots]
    melody = melody_contour(activations, times, beats, on_stem)
    path = fret_path(melody)
    source = repeated_notes(path, log_moves(melody), selected.slots, slots.per_bar)
    path = path[source]
    chords = _chords(features, selected, times, slots, on_stem)[source]
    ticks = np.round(beats * TICKS).astype(int) + first_tick
    lengths = _lengths(features.levels.mean(axis=0), slots, times, next_muted(correction.muted, times))
    on_beat = beats % 1.0 == 0
    weight = (selected.strength + 0.3 * chords + 0.2 * (lengths > 0) + 0.2 * on_beat)[
        source
    ]  # so repeats are thinned alike
    return [
        Gem(int(tick), _shape(int(fret), bool(chord)), int(length), float(worth), float(seconds))
        for tick, fret, chord, length, worth, seconds in zip(ticks, path, chords, lengths, weight, times, strict=True)
    ]


def _shape(fret: int, chord: bool) -> tuple[int, ...]:
    """The frets of a note, or of a chord of two neighbouring frets."""
    low = min(fret, FRETS - 2)
    return (low, low + 1) if chord else (fret,)


def _chords(
    features: Features, selected: SelectedNotes, times: NDArray[np.float64], slots: Slots, on_stem: bool
) -> NDArray[np.bool_]:
    """Which notes are chords, (notes,): those in the half bars with the strongest accents, if they are slow enough to
    grip. On a stem, loud low strings count too, as in riffs of chords. Bars that sound alike have the same chords."""
    if len(times) < 2:
        return np.zeros(len(times), dtype=bool)
    gaps = np.diff(times)
    nearest = np.minimum(np.append(gaps, gaps[-1]), np.insert(gaps, 0, gaps[0]))
    worth = selected.strength.copy()
    if on_stem:  # in a mix, bass and kick drum are loud there
        worth += rank(pool(features.levels[:LOW_BANDS], FRAME_RATE, times, *STRUCK, "mean").mean(axis=0))
    halves: dict[tuple[int, int], list[int]] = {}
    for note, slot in enumerate(selected.slots.tolist()):
        bar, place = divmod(slot, slots.per_bar)
        halves.setdefault((int(selected.first_alike[bar]), 2 * place // slots.per_bar), []).append(note)
    for notes in halves.values():
        worth[notes] = worth[notes].mean()
    return np.asarray((nearest >= CHORD_DISTANCE) & (worth > np.quantile(worth, 1 - CHORDS)))


def _lengths(
    level: NDArray[np.float32], slots: Slots, times: NDArray[np.float64], latest: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The length of each note in ticks, (notes,): until the `level` (frames,) has faded or shortly before the next
    note or the time `latest` (notes,), in seconds; 0 if that is too short to hold."""
    lengths = np.zeros(len(times), dtype=np.int64)
    following = np.minimum(np.append(times[1:], slots.times[-1]), latest)
    beats = slots.lengths[np.searchsorted(slots.times, times)] * slots.division
    for note, (start, until, beat) in enumerate(zip(times.tolist(), following.tolist(), beats.tolist(), strict=True)):
        if until - start < max(HELD * beat - 1e-6, HELD_SECONDS):
            continue
        sounding = _sounding(level[int(start * FRAME_RATE) : int(until * FRAME_RATE)], until - start)
        release = max(RELEASE_SECONDS, RELEASE / TICKS * beat)
        seconds = min(sounding, until - start - release, LONGEST_BARS * slots.beats_per_bar * beat)
        step = TICKS // slots.division
        held = int(seconds / beat * TICKS) // step * step
        if held >= TICKS // 2:
            lengths[note] = held
    return lengths


def _sounding(level: NDArray[np.float32], longest: float) -> float:
    """Seconds until the level of a note (frames,), from its start on, falls below SOUNDS_ON of its level after the
    attack; `longest` if it does not, 0 if there are no frames after the attack."""
    sustained = level[int(ATTACK * FRAME_RATE) :]
    if sustained.size == 0:
        return 0.0
    first = float(sustained[: int(SUSTAIN * FRAME_RATE) + 1].mean())
    faded = np.flatnonzero(sustained < SOUNDS_ON * first)
    return ATTACK + float(faded[0]) / FRAME_RATE if faded.size else longest

"""The Expert guitar part: notes, chords, held notes, the same riff charted the same."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes import frets
from davproxy.charter.notes.gems import FRETS, TICKS, Gem
from davproxy.charter.notes.melody import melody
from davproxy.charter.notes.note_selection import Played
from davproxy.charter.signal.features import Hearing, around
from davproxy.charter.signal.onset_strength import FRAMES
from davproxy.charter.signal.transcription import Transcription
from davproxy.charter.structure.slots import Slots, rank

CHORDS = 0.18  # share of notes that are chords
LOW_BANDS = 2  # of the hearing's, where chords on low strings sound
STRUCK = (0.02, 0.15)  # seconds after a note's start in which its loudness is taken
CHORD_DISTANCE = 0.16  # seconds to both neighbours: a hand has to change
HELD = 1.0  # beats to the next note from which a note is held, if it sounds on
HELD_SECONDS = 0.38
RELEASE = TICKS // 4  # ticks between the end of a held note and the next note, at least
RELEASE_SECONDS = 0.08
SOUNDS_ON = 0.55  # of its first level
LONGEST_BARS = 4


def expert(
    hearing: Hearing, transcription: Transcription, slots: Slots, played: Played, first_tick: int, on_stem: bool
) -> list[Gem]:
    """Gems for the slots played; the grid's beat 0 lies at `first_tick`. `on_stem` says that the lead instrument alone
    was heard and transcribed."""
    times, beats = slots.times[played.slots], slots.beats[played.slots]
    path = _repeated(frets.path(melody(transcription, times, beats, on_stem)), played, slots)
    chords = _chords(hearing, played, times, slots, on_stem)
    ticks = np.round(beats * TICKS).astype(int) + first_tick
    lengths = _lengths(hearing, slots, times, ticks)
    on_beat = slots.beats[played.slots] % 1.0 == 0
    weight = played.strength + 0.3 * chords + 0.2 * (lengths > 0) + 0.2 * on_beat
    return [
        Gem(int(tick), _shape(int(fret), bool(chord)), int(length), float(worth), float(seconds))
        for tick, fret, chord, length, worth, seconds in zip(ticks, path, chords, lengths, weight, times, strict=True)
    ]


def _shape(fret: int, chord: bool) -> tuple[int, ...]:
    """The note alone, or with its upper neighbour."""
    low = min(fret, FRETS - 2)
    return (low, low + 1) if chord else (fret,)


def _bars(played: Played, slots: Slots) -> dict[int, NDArray[np.int64]]:
    """For each bar with notes, the indices of its notes."""
    bar_of = played.slots // slots.per_bar
    return {int(bar): np.flatnonzero(bar_of == bar) for bar in np.unique(bar_of)}


def _repeated(path: NDArray[np.int64], played: Played, slots: Slots) -> NDArray[np.int64]:
    """Bars that sound alike and have the same rhythm get the frets of the first of them."""
    result = path.copy()
    known: dict[tuple[int, tuple[int, ...]], NDArray[np.int64]] = {}
    for bar, notes in _bars(played, slots).items():
        rhythm = tuple((played.slots[notes] % slots.per_bar).tolist())
        source = known.setdefault((int(played.first[bar]), rhythm), notes)
        result[notes] = path[source]
    return result


def _chords(
    hearing: Hearing, played: Played, times: NDArray[np.float64], slots: Slots, on_stem: bool
) -> NDArray[np.bool_]:
    """Chords in the half bars with the strongest accents, on a stem also where the low strings are loud, as riffs of
    chords, wherever they are slow enough to grip; alike in bars alike."""
    if len(times) < 2:
        return np.zeros(len(times), dtype=bool)
    gaps = np.diff(times)
    near = np.minimum(np.append(gaps, gaps[-1]), np.insert(gaps, 0, gaps[0]))
    wish = played.strength.copy()
    if on_stem:  # in a mix it is the bass and the kick drum that are loud there
        wish += rank(around(hearing.levels[:LOW_BANDS], FRAMES, times, *STRUCK, "mean").mean(axis=0))
    halves: dict[tuple[int, int], list[int]] = {}
    for note, slot in enumerate(played.slots.tolist()):
        bar, place = divmod(slot, slots.per_bar)
        halves.setdefault((int(played.first[bar]), 2 * place // slots.per_bar), []).append(note)
    for notes in halves.values():
        wish[notes] = wish[notes].mean()
    return np.asarray((near >= CHORD_DISTANCE) & (wish > np.quantile(wish, 1 - CHORDS)))


def _lengths(hearing: Hearing, slots: Slots, times: NDArray[np.float64], ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ticks for which each note is held: until the sound has faded or the next note needs the hand."""
    level = hearing.levels.mean(axis=0)
    lengths = np.zeros(len(times), dtype=np.int64)
    end = float(slots.times[-1])
    for note, (start, _tick) in enumerate(zip(times, ticks, strict=True)):
        until = times[note + 1] if note + 1 < len(times) else end
        beat = float(slots.lengths[np.searchsorted(slots.times, start)]) * slots.division
        if until - start < max(HELD * beat - 1e-6, HELD_SECONDS):
            continue
        heard = level[int(start * FRAMES) : int(until * FRAMES)]
        after_attack = heard[int(0.05 * FRAMES) :]
        if after_attack.size == 0:
            continue
        faded = np.flatnonzero(after_attack < SOUNDS_ON * float(after_attack[: int(0.1 * FRAMES) + 1].mean()))
        sounding = (0.05 + faded[0] / FRAMES) if faded.size else until - start
        release = max(RELEASE_SECONDS, RELEASE / TICKS * beat)
        seconds = min(sounding, until - start - release, LONGEST_BARS * slots.beats_per_bar * beat)
        step = TICKS // slots.division
        held = int(seconds / beat * TICKS) // step * step
        if held >= TICKS // 2:
            lengths[note] = held
    return lengths

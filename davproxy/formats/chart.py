"""A chart as values, the same for notes.chart and notes.mid: tempo, events, and a track for each instrument."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Difficulty(StrEnum):
    """The four difficulties, hardest first."""

    EXPERT = "expert"
    HARD = "hard"
    MEDIUM = "medium"
    EASY = "easy"


class Family(StrEnum):
    """What is in the player's hands; it decides what a note's `lane` means."""

    FIVE_FRET = "five-fret"
    SIX_FRET = "six-fret"
    DRUMS = "drums"


class Instrument(StrEnum):
    """What a track is played on. The names are those of the public index's scanner."""

    GUITAR = "guitar"
    GUITAR_COOP = "guitarcoop"
    RHYTHM = "rhythm"
    BASS = "bass"
    DRUMS = "drums"
    KEYS = "keys"
    GUITAR_GHL = "guitarghl"
    GUITAR_COOP_GHL = "guitarcoopghl"
    RHYTHM_GHL = "rhythmghl"
    BASS_GHL = "bassghl"

    @property
    def family(self) -> Family:
        """Five frets, six frets or drums."""
        if self is Instrument.DRUMS:
            return Family.DRUMS
        return Family.SIX_FRET if self.endswith("ghl") else Family.FIVE_FRET


GREEN, RED, YELLOW, BLUE, ORANGE = range(5)
"""Lanes of a five-fret track. On six frets 0-2 are white 1-3, then come black 1, black 2 and (8) black 3."""
FORCE_FLIP, TAP, OPEN, BLACK_3 = 5, 6, 7, 8
"""`FORCE_FLIP` turns a strum into a hammer-on and back, `TAP` makes a tap note; `OPEN` is played without a fret."""

KICK, SNARE, YELLOW_DRUM, BLUE_DRUM, GREEN_DRUM, FIFTH_DRUM, DOUBLE_KICK = 0, 1, 2, 3, 4, 5, 32
"""Lanes of a drum track. `FIFTH_DRUM` is green where there are five lanes; `GREEN_DRUM` is orange there."""
YELLOW_CYMBAL, BLUE_CYMBAL, GREEN_CYMBAL = 66, 67, 68
"""Marks beside a drum note that make it a cymbal. Accents are its lane + 33, ghosts its lane + 39."""

_PLAYED = {
    Family.FIVE_FRET: frozenset({GREEN, RED, YELLOW, BLUE, ORANGE, OPEN}),
    Family.SIX_FRET: frozenset({0, 1, 2, 3, 4, OPEN, BLACK_3}),
    Family.DRUMS: frozenset({KICK, SNARE, YELLOW_DRUM, BLUE_DRUM, GREEN_DRUM, FIFTH_DRUM, DOUBLE_KICK}),
}


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """A note, or a mark that changes the notes at its tick. `lane` and `length` (in ticks) are as in notes.chart."""

    tick: int
    lane: int
    length: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Phrase:
    """A stretch of ticks; `tick + length` no longer belongs to it."""

    tick: int
    length: int


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """A word at a tick: `section Chorus`, `lyric Hel-`, `end` …"""

    tick: int
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Tempo:
    """From `tick` on, `millibeats` beats in a thousand minutes: BPM x 1000, a whole number in notes.chart."""

    tick: int
    millibeats: float

    @property
    def bpm(self) -> float:
        """Beats per minute."""
        return self.millibeats / 1000


@dataclass(frozen=True, slots=True, order=True)
class TimeSignature:
    """From `tick` on, `numerator` notes of 1/`denominator` in a bar; the denominator is a power of two."""

    tick: int
    numerator: int = 4
    denominator: int = 4


@dataclass(frozen=True, slots=True)
class Track:
    """What one player plays: an instrument at a difficulty. Everything is in order of ticks.

    `notes` holds marks too (`FORCE_FLIP`, cymbals …); `chords` gives only what is played. `fills` are the drum fills
    that activate star power, `rolls` and `swells` the lanes for rolling on one drum and on two.
    """

    instrument: Instrument
    difficulty: Difficulty
    notes: tuple[Note, ...] = ()
    star_power: tuple[Phrase, ...] = ()
    solos: tuple[Phrase, ...] = ()
    fills: tuple[Phrase, ...] = ()
    rolls: tuple[Phrase, ...] = ()
    swells: tuple[Phrase, ...] = ()
    events: tuple[Event, ...] = ()

    def chords(self) -> list[tuple[Note, ...]]:
        """The notes that are played, those at one tick together, by lane; of two in one lane the longer one."""
        played = _PLAYED[self.instrument.family]
        found: list[list[Note]] = []
        tick = -1
        for note in self.notes:
            if note.lane in played:
                if note.tick == tick:
                    found[-1].append(note)
                else:
                    tick = note.tick
                    found.append([note])
        return [tuple(chord) if len(chord) == 1 else _by_lane(chord) for chord in found]

    def hammer_ons(self, resolution: int) -> frozenset[int]:
        """The ticks of notes played without a strum, being close after a different note, or marked so; not the taps.

        Close is 65/192 of a quarter note, what the games take unless song.ini says otherwise.
        """
        marks = {(note.tick, note.lane) for note in self.notes if note.lane in (FORCE_FLIP, TAP)}
        threshold = 65 * resolution // 192
        found = []
        earlier: tuple[Note, ...] = ()
        for chord in self.chords() if self.instrument.family is not Family.DRUMS else ():
            tick = chord[0].tick
            close = bool(earlier) and tick - earlier[0].tick <= threshold
            natural = close and len(chord) == 1 and [n.lane for n in earlier] != [chord[0].lane]
            if natural != ((tick, FORCE_FLIP) in marks) and (tick, TAP) not in marks:
                found.append(tick)
            earlier = chord
        return frozenset(found)


def _by_lane(chord: list[Note]) -> tuple[Note, ...]:
    return tuple({note.lane: note for note in sorted(chord)}.values())


@dataclass(frozen=True, slots=True)
class Chart:
    """A whole notes file.

    `resolution` is the number of ticks in a quarter note. `song` holds the pairs of [Song] but for the resolution, as
    text without quotes, and the year without the comma that files put before it (`Name`, `Artist`, `Year`, `Offset` in
    seconds …); a notes.mid has none. `events` are those for everybody: sections, lyrics, `end`.
    """

    resolution: int = 192
    song: Mapping[str, str] = field(default_factory=dict)
    tempos: tuple[Tempo, ...] = ()
    time_signatures: tuple[TimeSignature, ...] = ()
    events: tuple[Event, ...] = ()
    tracks: tuple[Track, ...] = ()
    has_vocals: bool = False

    def track(self, instrument: Instrument, difficulty: Difficulty) -> Track | None:
        """The track for that instrument and difficulty, if there is one."""
        return next((t for t in self.tracks if t.instrument is instrument and t.difficulty is difficulty), None)

    @property
    def sections(self) -> tuple[Event, ...]:
        """The practice sections by name, in order."""
        return tuple(self._after("section ", "section_", "prc_", "prc "))

    @property
    def lyrics(self) -> tuple[Event, ...]:
        """The syllables, in order."""
        return tuple(self._after("lyric "))

    @property
    def ends(self) -> tuple[int, ...]:
        """The ticks of the `end` events; there should be one at most."""
        return tuple(event.tick for event in self.events if event.text.strip("[]") == "end")

    def _after(self, *prefixes: str) -> Iterator[Event]:
        for event in self.events:
            text = event.text.strip("[]")
            if text.startswith(prefixes):
                yield Event(event.tick, next(text[len(p) :] for p in prefixes if text.startswith(p)).strip())

"""A chart as values, the same for notes.chart and notes.mid: tempo, events, and a track for each instrument.

The numbers are those of notes.chart, as github.com/TheNathannator/GuitarGame_ChartFormats documents them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Difficulty(StrEnum):
    """The four difficulties, hardest first."""

    EXPERT = "expert"
    HARD = "hard"
    MEDIUM = "medium"
    EASY = "easy"


class Family(StrEnum):
    """A kind of controller, which decides what the `lane` of a note means."""

    FIVE_FRET = "five-fret"
    SIX_FRET = "six-fret"
    DRUMS = "drums"


class Instrument(StrEnum):
    """An instrument. The names are those of the public index's scanner (github.com/Geomitron/scan-chart)."""

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
        """The controller that it is played on."""
        if self is Instrument.DRUMS:
            return Family.DRUMS
        return Family.SIX_FRET if self.endswith("ghl") else Family.FIVE_FRET


class Violation(StrEnum):
    """What a notes file does against its format, though it can be read. The values are codes of problems.

    STRUCTURE is all that some games take for a damaged file: chunks, lengths, braces, and events out of order.
    """

    FORMAT = "midiFormat"
    TRACK_NAMES = "multipleTrackNames"
    TRACK_TWICE = "duplicateTrack"
    LONE_TRACK = "unnamedTrack"
    TEMPO = "misplacedTempo"
    STRUCTURE = "badStructure"


GREEN, RED, YELLOW, BLUE, ORANGE = range(5)
"""Lanes of a five-fret track. On six frets 0-2 are white 1-3, 3 and 4 black 1 and 2, and 8 is black 3."""
FORCE_FLIP, TAP, OPEN, BLACK_3 = 5, 6, 7, 8
"""`FORCE_FLIP` turns a strum into a hammer-on or back, `TAP` makes a tap note, `OPEN` is played without a fret."""

KICK, SNARE, YELLOW_DRUM, BLUE_DRUM, GREEN_DRUM, FIFTH_DRUM, DOUBLE_KICK = 0, 1, 2, 3, 4, 5, 32
"""Lanes of a drum track. With five lanes, `FIFTH_DRUM` is green and `GREEN_DRUM` is orange."""
YELLOW_CYMBAL, BLUE_CYMBAL, GREEN_CYMBAL = 66, 67, 68
"""Marks that make the drum note at their tick a cymbal. An accent is its lane + 33, a ghost note its lane + 39."""

_PLAYED = {
    Family.FIVE_FRET: frozenset({GREEN, RED, YELLOW, BLUE, ORANGE, OPEN}),
    Family.SIX_FRET: frozenset({0, 1, 2, 3, 4, OPEN, BLACK_3}),
    Family.DRUMS: frozenset({KICK, SNARE, YELLOW_DRUM, BLUE_DRUM, GREEN_DRUM, FIFTH_DRUM, DOUBLE_KICK}),
}


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """A note, or a mark that changes the notes at its tick. `length` is in ticks, 0 for a note that is not held."""

    tick: int
    lane: int
    length: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Phrase:
    """A range of ticks; `tick + length` is the first one after it."""

    tick: int
    length: int


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """A text at a tick: `section Chorus`, `lyric Hel-`, `end` …"""

    tick: int
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Tempo:
    """The tempo from `tick` on. `millibeats` is BPM x 1000, a whole number in notes.chart."""

    tick: int
    millibeats: float

    @property
    def bpm(self) -> float:
        """Beats per minute."""
        return self.millibeats / 1000


@dataclass(frozen=True, slots=True, order=True)
class TimeSignature:
    """The time signature from `tick` on: `numerator`/`denominator`; the denominator is a power of two."""

    tick: int
    numerator: int = 4
    denominator: int = 4


@dataclass(frozen=True, slots=True)
class Track:
    """One instrument at one difficulty. Everything is in order of ticks.

    `notes` includes marks (`FORCE_FLIP`, cymbals …); `chords` returns only what is played. `fills` are the drum fills
    that activate star power, `rolls` and `swells` the lanes for rolls on one drum and on two.
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
        """The notes that are played, grouped by tick and sorted by lane; of two in one place only the longer one."""
        played = _PLAYED[self.instrument.family]
        chords: list[list[Note]] = []
        tick = -1
        for note in self.notes:
            if note.lane in played:
                if note.tick == tick:
                    chords[-1].append(note)
                else:
                    tick = note.tick
                    chords.append([note])
        drums = self.instrument.family is Family.DRUMS
        return [tuple(chord) if len(chord) == 1 else _by_lane(chord, drums) for chord in chords]

    def hammer_ons(self, resolution: int, close: int = 0) -> frozenset[int]:
        """The ticks of the hammer-ons: notes that follow a different one closely, and notes marked so. Taps are none.

        They follow closely after at most `close` ticks, or else, as in Clone Hero, after at most 65/192 of a quarter
        note of `resolution` ticks.
        """
        marks = {(note.tick, note.lane) for note in self.notes if note.lane in (FORCE_FLIP, TAP)}
        threshold = close or 65 * resolution // 192
        ticks = []
        earlier: tuple[Note, ...] = ()
        for chord in self.chords() if self.instrument.family is not Family.DRUMS else ():
            tick = chord[0].tick
            follows = bool(earlier) and tick - earlier[0].tick <= threshold
            natural = follows and len(chord) == 1 and [n.lane for n in earlier] != [chord[0].lane]
            if natural != ((tick, FORCE_FLIP) in marks) and (tick, TAP) not in marks:
                ticks.append(tick)
            earlier = chord
        return frozenset(ticks)


def _by_lane(chord: list[Note], drums: bool) -> tuple[Note, ...]:
    by_lane = {note.lane: note for note in sorted(chord)}
    if drums:
        _join(by_lane, KICK, DOUBLE_KICK)
        if GREEN_DRUM in by_lane:  # on four lanes, orange and green at once are green and blue
            _join(by_lane, FIFTH_DRUM, BLUE_DRUM)
    return tuple(by_lane.values())


def _join(by_lane: dict[int, Note], lane: int, other: int) -> None:
    """Where both lanes have a note, which is one hit for the player, keep the one in `other`, as long as the longer."""
    if lane in by_lane and other in by_lane:
        length = max(by_lane.pop(lane).length, by_lane[other].length)
        by_lane[other] = replace(by_lane[other], length=length)


@dataclass(frozen=True, slots=True)
class Chart:
    """A whole notes file.

    `resolution` is the number of ticks in a quarter note. `song` maps the keys of [Song] but Resolution to texts
    without quotes (`Name`, `Artist`, `Offset` in seconds …), the year without the comma that files put before it; a
    notes.mid has none. `events` are those of all instruments: sections, lyrics, `end`. `violations` are what the file
    does against its format. `hopo_threshold` is the song's own one for `Track.hammer_ons`, 0 for the game's default.
    """

    resolution: int = 192
    song: Mapping[str, str] = field(default_factory=dict)
    tempos: tuple[Tempo, ...] = ()
    time_signatures: tuple[TimeSignature, ...] = ()
    events: tuple[Event, ...] = ()
    tracks: tuple[Track, ...] = ()
    has_vocals: bool = False
    violations: frozenset[Violation] = frozenset()
    hopo_threshold: int = 0

    def track(self, instrument: Instrument, difficulty: Difficulty) -> Track | None:
        """The track of this instrument and difficulty, or None."""
        return next((t for t in self.tracks if t.instrument is instrument and t.difficulty is difficulty), None)

    @property
    def sections(self) -> tuple[Event, ...]:
        """The practice sections, in order; the text of each is its name."""
        return tuple(self._after("section ", "section_", "prc_", "prc "))

    @property
    def lyrics(self) -> tuple[Event, ...]:
        """The syllables of the lyrics, in order."""
        return tuple(self._after("lyric "))

    @property
    def ends(self) -> tuple[int, ...]:
        """The ticks of the `end` events; a good chart has one at most."""
        return tuple(event.tick for event in self.events if event.text.strip("[]") == "end")

    def _after(self, *prefixes: str) -> Iterator[Event]:
        for event in self.events:
            text = event.text.strip("[]")
            if text.startswith(prefixes):
                yield Event(event.tick, next(text[len(p) :] for p in prefixes if text.startswith(p)).strip())

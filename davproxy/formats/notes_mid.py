"""notes.mid, the MIDI format of charts, read into the same values as notes.chart.

Notes above the lanes hold for the whole instrument: star power, solos, taps, toms, drum fills, roll lanes. Left out are
forced strums and hammer-ons, and what Phase Shift hid in SysEx: nothing here counts or judges them.
"""

from collections.abc import Iterable, Iterator

from davproxy.errors import BadChart
from davproxy.formats import midi_file
from davproxy.formats.chart import (
    BLACK_3,
    BLUE_CYMBAL,
    DOUBLE_KICK,
    GREEN_CYMBAL,
    GREEN_DRUM,
    OPEN,
    TAP,
    YELLOW_CYMBAL,
    YELLOW_DRUM,
    Chart,
    Difficulty,
    Event,
    Family,
    Instrument,
    Note,
    Phrase,
    Tempo,
    TimeSignature,
    Track,
)
from davproxy.formats.midi_file import MidiFile, MidiNote, MidiTrack

_TRACKS = {
    "PART GUITAR": Instrument.GUITAR,
    "T1 GEMS": Instrument.GUITAR,
    "PART GUITAR COOP": Instrument.GUITAR_COOP,
    "PART RHYTHM": Instrument.RHYTHM,
    "PART BASS": Instrument.BASS,
    "PART DRUMS": Instrument.DRUMS,
    "PART KEYS": Instrument.KEYS,
    "PART GUITAR GHL": Instrument.GUITAR_GHL,
    "PART GUITAR COOP GHL": Instrument.GUITAR_COOP_GHL,
    "PART RHYTHM GHL": Instrument.RHYTHM_GHL,
    "PART BASS GHL": Instrument.BASS_GHL,
}
_LOWEST = {Difficulty.EXPERT: 96, Difficulty.HARD: 84, Difficulty.MEDIUM: 72, Difficulty.EASY: 60}
"""The MIDI note of the green lane and of the kick."""
_LANES = {
    Family.FIVE_FRET: {-1: OPEN, 0: 0, 1: 1, 2: 2, 3: 3, 4: 4},
    Family.SIX_FRET: {-2: OPEN, -1: 0, 0: 1, 1: 2, 2: 3, 3: 4, 4: BLACK_3},
    Family.DRUMS: {-1: DOUBLE_KICK, 0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5},
}
_SOLO, _TAP, _STAR_POWER, _FILL, _ROLL, _SWELL = 103, 104, 116, 120, 126, 127
_TOMS = {110: (YELLOW_DRUM, YELLOW_CYMBAL), 111: (YELLOW_DRUM + 1, BLUE_CYMBAL), 112: (GREEN_DRUM, GREEN_CYMBAL)}
_SOFTEST_ROLL, _LOUDEST_ROLL = 21, {Difficulty.HARD: 50, Difficulty.MEDIUM: 40, Difficulty.EASY: 30}
_VOCALS = range(36, 85)


def parse(data: bytes) -> Chart:
    """The chart in a notes.mid. Raises BadChart where no game could play it."""
    file = midi_file.parse(data)
    named = {track.name: track for track in reversed(file.tracks)}
    vocals = named.get("PART VOCALS", MidiTrack())
    lyrics = [Event(tick, f"lyric {text}") for tick, text in vocals.texts if not text.startswith("[")]
    events = [Event(tick, text.strip("[]")) for tick, text in named.get("EVENTS", MidiTrack()).texts]
    instruments = {instrument: named[name] for name, instrument in _TRACKS.items() if name in named}
    return Chart(
        resolution=file.resolution,
        tempos=tuple(_tempos(file)),
        time_signatures=tuple(_time_signatures(file)),
        events=tuple(sorted([*events, *lyrics], key=lambda event: event.tick)),
        tracks=tuple(
            track
            for instrument, midi in (instruments or _lone_guitar(file)).items()
            for track in _tracks(instrument, midi, file.resolution)
        ),
        has_vocals=any(note.number in _VOCALS for note in vocals.notes),
    )


def _tempos(file: MidiFile) -> Iterator[Tempo]:
    for tick, microseconds in sorted(tempo for track in file.tracks for tempo in track.tempos):
        if microseconds == 0:
            raise BadChart(f"The tempo at tick {tick} is endless. Correct it in a chart editor.")
        yield Tempo(tick, 60_000_000_000 / microseconds)


def _time_signatures(file: MidiFile) -> Iterator[TimeSignature]:
    for tick, numerator, denominator in sorted(found for track in file.tracks for found in track.signatures):
        if numerator == 0:
            raise BadChart(f"The time signature at tick {tick} is impossible. Correct it in a chart editor.")
        yield TimeSignature(tick, numerator, denominator)


def _lone_guitar(file: MidiFile) -> dict[Instrument, MidiTrack]:
    """The first games knew only one instrument, and any name for its track."""
    playing = [track for track in file.tracks if track.notes]
    return {Instrument.GUITAR: playing[0]} if len(playing) == 1 else {}


def _tracks(instrument: Instrument, midi: MidiTrack, resolution: int) -> Iterator[Track]:
    whole: dict[int, list[MidiNote]] = {}
    lanes: dict[Difficulty, list[tuple[int, MidiNote]]] = {difficulty: [] for difficulty in Difficulty}
    known = dict(_lanes(instrument.family, any("ENHANCED_OPENS" in text for _, text in midi.texts)))
    for note in midi.notes:
        if note.number in known:
            difficulty, lane = known[note.number]
            lanes[difficulty].append((lane, note))
        else:
            whole.setdefault(note.number, []).append(note)
    star_power, solos = whole.get(_STAR_POWER, []), whole.get(_SOLO, [])
    if not star_power and len(solos) > 1 and instrument.family is not Family.DRUMS:
        star_power, solos = solos, []  # as the first games had it
    for difficulty, played in lanes.items():
        if played:
            yield Track(
                instrument,
                difficulty,
                notes=tuple(_notes(instrument.family, played, whole, resolution)),
                star_power=_phrases(star_power),
                solos=_phrases(solos),
                fills=_phrases(whole.get(_FILL, [])),
                rolls=_phrases(_kept_rolls(whole.get(_ROLL, []), difficulty)),
                swells=_phrases(_kept_rolls(whole.get(_SWELL, []), difficulty)),
            )


def _lanes(family: Family, open_notes: bool) -> Iterator[tuple[int, tuple[Difficulty, int]]]:
    """MIDI note to difficulty and lane."""
    for difficulty, lowest in _LOWEST.items():
        for offset, lane in _LANES[family].items():
            if lane != OPEN or open_notes or family is Family.SIX_FRET:
                yield lowest + offset, (difficulty, lane)


def _notes(
    family: Family, played: list[tuple[int, MidiNote]], whole: dict[int, list[MidiNote]], resolution: int
) -> list[Note]:
    shortest = resolution // 3 + 1  # what is no longer than this is no sustain
    notes = [Note(note.tick, lane, note.length if note.length > shortest else 0) for lane, note in played]
    if family is not Family.DRUMS:
        marks = {Note(tick, TAP) for tick in _inside(whole.get(_TAP, []), notes)}
    elif any(number in whole for number in _TOMS):
        marks = set()
        for number, (drum, cymbal) in _TOMS.items():
            hits = [note for note in notes if note.lane == drum]
            toms = set(_inside(whole.get(number, []), hits))
            marks |= {Note(note.tick, cymbal) for note in hits if note.tick not in toms}
    else:
        marks = set()
    return sorted([*notes, *marks], key=lambda note: note.tick)


def _inside(spans: list[MidiNote], notes: Iterable[Note]) -> Iterator[int]:
    """The ticks of the notes that begin within one of the spans; both are in order of ticks."""
    place, end = 0, -1
    for note in notes:
        while place < len(spans) and spans[place].tick <= note.tick:
            end = max(end, spans[place].tick + max(spans[place].length, 1))
            place += 1
        if note.tick < end:
            yield note.tick


def _kept_rolls(rolls: list[MidiNote], difficulty: Difficulty) -> list[MidiNote]:
    """A roll holds below Expert only if it was struck softly."""
    if difficulty is Difficulty.EXPERT:
        return rolls
    return [roll for roll in rolls if _SOFTEST_ROLL <= roll.velocity <= _LOUDEST_ROLL[difficulty]]


def _phrases(notes: list[MidiNote]) -> tuple[Phrase, ...]:
    return tuple(Phrase(note.tick, note.length) for note in notes)

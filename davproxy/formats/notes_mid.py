"""notes.mid, the MIDI format of charts, read into the same values as notes.chart.

The format is documented in github.com/TheNathannator/GuitarGame_ChartFormats, midi-format. The highest notes apply to
all difficulties of an instrument: star power, solos, taps, toms, drum fills, roll lanes. The two notes above the lanes
of a difficulty force hammer-ons and strums. Open notes and taps can also be in Phase Shift's system exclusive messages:
`PS`, 0, 0, difficulty, kind, and 1 or 0 for begin or end. Thresholds and the note for star power can be in song.ini.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter

from davproxy.errors import BadChart
from davproxy.formats import midi_file, song_fields
from davproxy.formats.chart import (
    BLACK_3,
    BLUE_CYMBAL,
    DOUBLE_KICK,
    FORCE_FLIP,
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
    Violation,
)
from davproxy.formats.midi_file import MidiFile, MidiNote, MidiTrack

_TRACKS = {
    "PART GUITAR": Instrument.GUITAR,
    "T1 GEMS": Instrument.GUITAR,  # read where there is no PART GUITAR
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
_VOCALS_TRACK = "PART VOCALS"
_HARMONIES = ("HARM1", "PART HARM1")
_OTHER_TRACKS = ("PART ", "HARM", "BAND ", "EVENTS", "BEAT", "VENUE", "ANIM", "TRIGGERS", "LIGHTSHOW")
"""How the names of tracks begin that games know and that no guitar is played from."""
_LOWEST = {Difficulty.EXPERT: 96, Difficulty.HARD: 84, Difficulty.MEDIUM: 72, Difficulty.EASY: 60}
"""The MIDI note of the green lane and of the kick."""
_LANES = {
    Family.FIVE_FRET: {-1: OPEN, 0: 0, 1: 1, 2: 2, 3: 3, 4: 4},
    Family.SIX_FRET: {-2: OPEN, -1: 0, 0: 1, 1: 2, 2: 3, 3: 4, 4: BLACK_3},
    Family.DRUMS: {-1: DOUBLE_KICK, 0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5},
}
_HAMMER_ON, _STRUM = 5, 6
"""Semitones above the lowest note of a difficulty."""
_SOLO, _TAP, _STAR_POWER, _FILL, _ROLL, _SWELL = 103, 104, 116, 120, 126, 127
_TOMS = {110: (YELLOW_DRUM, YELLOW_CYMBAL), 111: (YELLOW_DRUM + 1, BLUE_CYMBAL), 112: (GREEN_DRUM, GREEN_CYMBAL)}
_SOFTEST_ROLL, _LOUDEST_ROLL = 21, {Difficulty.HARD: 50, Difficulty.MEDIUM: 40, Difficulty.EASY: 30}
_VOCALS = range(36, 85)
_PHASE_SHIFT, _PS_OPEN, _PS_TAP, _PS_ALL = b"PS\0\0", 1, 4, 0xFF
_PS_DIFFICULTIES = {Difficulty.EASY: 0, Difficulty.MEDIUM: 1, Difficulty.HARD: 2, Difficulty.EXPERT: 3}


def parse(data: bytes, pairs: Mapping[str, str] = {}) -> Chart:
    """The chart in a notes.mid of a song with the `pairs` in its song.ini. Raises BadChart if no game could play it."""
    file = midi_file.parse(data)
    named, violations = _by_name(file)
    vocals = next((track for track in named.get(_VOCALS_TRACK, ()) if track.notes or track.texts), MidiTrack())
    harmony = next((track for name in _HARMONIES for track in named.get(name, ())), MidiTrack())
    lyrics = [Event(tick, f"lyric {text}") for tick, text in vocals.texts if not text.startswith("[")]
    tracks = list(_instruments(file, named, violations, pairs))
    return Chart(
        resolution=file.resolution,
        tempos=tuple(_tempos(file)),
        time_signatures=tuple(_time_signatures(file)),
        events=tuple(sorted([*_global_events(named), *lyrics], key=lambda event: event.tick)),
        tracks=tuple(tracks),
        has_vocals=any(note.number in _VOCALS for track in (vocals, harmony) for note in track.notes),
        violations=frozenset(violations),
        hopo_threshold=song_fields.hopo_threshold(pairs, file.resolution),
    )


def _by_name(file: MidiFile) -> tuple[dict[str, list[MidiTrack]], set[Violation]]:
    """(the tracks under the names that games know, what the file does against its format).

    A track with several names has the last one that games know.
    """
    named: dict[str, list[MidiTrack]] = {}
    violations = set()
    for track in file.tracks:
        if len(set(track.names)) > 1:
            violations.add(Violation.TRACK_NAMES)
        if known := [name for name in track.names if _is_known(name)]:
            named.setdefault(known[-1], []).append(track)
    if file.format != 1:
        violations.add(Violation.FORMAT)
    if not file.strict:
        violations.add(Violation.STRUCTURE)
    if any(track.tempos or track.signatures for track in file.tracks[1:]):
        violations.add(Violation.TEMPO)
    return named, violations


def _is_known(name: str) -> bool:
    return name in _TRACKS or name.startswith(_OTHER_TRACKS)


def _instruments(
    file: MidiFile, named: Mapping[str, list[MidiTrack]], violations: set[Violation], pairs: Mapping[str, str]
) -> Iterator[Track]:
    """The tracks that can be played. Of two with one name games take one that has notes, so an empty one hides none."""
    found: dict[Instrument, list[Track]] = {}
    for name, instrument in _TRACKS.items():
        for midi in named.get(name, ()):
            if tracks := list(_tracks(instrument, midi, file.resolution, pairs)):
                if instrument in found:
                    violations.add(Violation.TRACK_TWICE)
                found.setdefault(instrument, tracks)
    lone = None if named else _lone_guitar(file)
    if lone and (tracks := list(_tracks(Instrument.GUITAR, lone, file.resolution, pairs))):
        violations.add(Violation.LONE_TRACK)
        found[Instrument.GUITAR] = tracks
    for tracks in found.values():
        yield from tracks


def _lone_guitar(file: MidiFile) -> MidiTrack | None:
    """The one track of a file of the first games, which had one instrument under any name; some files have it twice."""
    playing = [track for track in file.tracks if track.notes]
    return playing[0] if playing and all(track.notes == playing[0].notes for track in playing) else None


def _global_events(named: Mapping[str, list[MidiTrack]]) -> Iterator[Event]:
    """Sections, the end and more; lyrics are in the track of the vocals alone."""
    for track in named.get("EVENTS", ())[:1]:
        for tick, text in track.texts:
            if not (event := text.strip("[]")).startswith("lyric "):
                yield Event(tick, event)


def _tempos(file: MidiFile) -> Iterator[Tempo]:
    """Those of the first track, the only ones that games read, in their order."""
    for tick, microseconds in file.tracks[0].tempos if file.tracks else ():
        if microseconds == 0:
            raise BadChart(f"The tempo at tick {tick} is endless. Correct it in a chart editor.")
        yield Tempo(tick, 60_000_000_000 / microseconds)


def _time_signatures(file: MidiFile) -> Iterator[TimeSignature]:
    for tick, numerator, denominator in file.tracks[0].signatures if file.tracks else ():
        if numerator == 0:
            raise BadChart(f"The time signature at tick {tick} is impossible. Correct it in a chart editor.")
        yield TimeSignature(tick, numerator, denominator)


def _tracks(instrument: Instrument, midi: MidiTrack, resolution: int, pairs: Mapping[str, str]) -> Iterator[Track]:
    whole: dict[int, list[MidiNote]] = {}
    lanes: dict[Difficulty, list[Note]] = {difficulty: [] for difficulty in Difficulty}
    cutoff = song_fields.number(pairs, "sustain_cutoff_threshold")  # a note that is no longer is not a sustain
    if cutoff < 0:
        cutoff = resolution // 3 + 1
    close = song_fields.hopo_threshold(pairs, resolution)
    known = dict(_lanes(instrument.family, any("ENHANCED_OPENS" in text for _, text in midi.texts)))
    for note in midi.notes:
        if note.number in known:
            difficulty, lane = known[note.number]
            lanes[difficulty].append(Note(note.tick, lane, note.length if note.length > cutoff else 0))
        else:
            whole.setdefault(note.number, []).append(note)
    star_power, solos = whole.get(_STAR_POWER, []), whole.get(_SOLO, [])
    chosen = song_fields.number(pairs, "multiplier_note")
    by_itself = not star_power and len(solos) > 1 and chosen != _STAR_POWER
    if instrument.family is not Family.DRUMS and (chosen == _SOLO or by_itself):
        star_power, solos = solos, []  # the first games used the solo note for star power
    for difficulty, notes in lanes.items():
        if notes:
            track = Track(instrument, difficulty, tuple(notes))
            yield replace(
                track,
                notes=tuple(_notes(track, midi, whole, resolution, close)),
                star_power=_phrases(star_power),
                solos=_phrases(solos),
                fills=_phrases(whole.get(_FILL, [])),
                rolls=_phrases(_rolls_of(whole.get(_ROLL, []), difficulty)),
                swells=_phrases(_rolls_of(whole.get(_SWELL, []), difficulty)),
            )


def _lanes(family: Family, open_notes: bool) -> Iterator[tuple[int, tuple[Difficulty, int]]]:
    """(MIDI note, (difficulty, lane)) for every note that is played."""
    for difficulty, lowest in _LOWEST.items():
        for offset, lane in _LANES[family].items():
            if lane != OPEN or open_notes or family is Family.SIX_FRET:
                yield lowest + offset, (difficulty, lane)


def _notes(track: Track, midi: MidiTrack, whole: dict[int, list[MidiNote]], resolution: int, close: int) -> list[Note]:
    """The notes of `track`, which has no marks yet, and their marks. `close` is the threshold of the song, or 0."""
    notes = list(track.notes)
    if track.instrument.family is Family.DRUMS:
        marks = set(_cymbals(notes, whole))
    else:
        notes = _with_open_notes(notes, _phase_shift(midi, _PS_OPEN, track.difficulty))
        taps = [*whole.get(_TAP, []), *_phase_shift(midi, _PS_TAP, track.difficulty)]
        marks = {Note(tick, TAP) for tick in _inside(sorted(taps), notes)}
        lowest = _LOWEST[track.difficulty]
        hammered = set(_inside(whole.get(lowest + _HAMMER_ON, []), notes))
        strummed = set(_inside(whole.get(lowest + _STRUM, []), notes))
        marks |= set(_flip_marks(replace(track, notes=tuple(notes)), hammered, strummed, resolution, close))
    return sorted([*notes, *marks], key=attrgetter("tick"))


def _cymbals(notes: list[Note], whole: dict[int, list[MidiNote]]) -> Iterator[Note]:
    """The cymbal marks of a track that has tom notes: one for each hit of such a drum without a tom note."""
    if any(number in whole for number in _TOMS):
        for number, (drum, cymbal) in _TOMS.items():
            hits = [note for note in notes if note.lane == drum]
            toms = set(_inside(whole.get(number, []), hits))
            yield from (Note(note.tick, cymbal) for note in hits if note.tick not in toms)


def _with_open_notes(notes: list[Note], spans: list[MidiNote]) -> list[Note]:
    """`notes` with each chord inside `spans` replaced by one open note."""
    if not spans:
        return notes
    ticks = set(_inside(spans, notes))
    lengths: dict[int, int] = {}
    for note in notes:
        lengths[note.tick] = max(note.length, lengths.get(note.tick, 0))
    opened = [Note(tick, OPEN, lengths[tick]) for tick in ticks]
    return sorted([*(note for note in notes if note.tick not in ticks), *opened], key=attrgetter("tick"))


def _flip_marks(track: Track, hammered: set[int], strummed: set[int], resolution: int, close: int) -> Iterator[Note]:
    """The `FORCE_FLIP` marks with which `Track.hammer_ons` returns the hammer-ons of this file.

    Without a mark a note is a hammer-on if it follows a note or chord that it is not part of by at most `close`
    ticks, or else by a third of a quarter note and one tick.
    """
    unmarked = track.hammer_ons(resolution, close)
    earlier: tuple[Note, ...] = ()
    for chord in track.chords():
        tick = chord[0].tick
        near = bool(earlier) and tick - earlier[0].tick <= (close or resolution // 3 + 1)
        by_itself = near and len(chord) == 1 and chord[0].lane not in {note.lane for note in earlier}
        if (tick in hammered or (by_itself and tick not in strummed)) != (tick in unmarked):
            yield Note(tick, FORCE_FLIP)
        earlier = chord


def _phase_shift(midi: MidiTrack, kind: int, difficulty: Difficulty) -> list[MidiNote]:
    """The spans of one kind for a difficulty, from Phase Shift's messages."""
    spans = []
    start: int | None = None
    difficulties = (_PS_ALL, _PS_DIFFICULTIES[difficulty])
    for tick, message in midi.exclusive:
        ours = message.startswith(_PHASE_SHIFT) and len(message) > 6
        if ours and message[4] in difficulties and message[5] == kind:
            if message[6] == 1:
                start = tick
            elif start is not None:
                spans.append(MidiNote(start, kind, tick - start, 0))
                start = None
    return spans


def _inside(spans: list[MidiNote], notes: Iterable[Note]) -> Iterator[int]:
    """The ticks of the notes that begin inside a span; both are in order of ticks."""
    index, end = 0, -1
    for note in notes:
        while index < len(spans) and spans[index].tick <= note.tick:
            end = max(end, spans[index].tick + max(spans[index].length, 1))
            index += 1
        if note.tick < end:
            yield note.tick


def _rolls_of(rolls: list[MidiNote], difficulty: Difficulty) -> list[MidiNote]:
    """The rolls of a difficulty: below Expert, only those with a low velocity."""
    if difficulty is Difficulty.EXPERT:
        return rolls
    return [roll for roll in rolls if _SOFTEST_ROLL <= roll.velocity <= _LOUDEST_ROLL[difficulty]]


def _phrases(notes: list[MidiNote]) -> tuple[Phrase, ...]:
    return tuple(Phrase(note.tick, note.length) for note in notes)

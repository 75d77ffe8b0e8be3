"""Charts for the highway that the pages draw: seconds instead of ticks, lanes instead of note numbers."""

import math
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from davproxy.formats import song_fields
from davproxy.formats.chart import (
    BLACK_3,
    BLUE_CYMBAL,
    BLUE_DRUM,
    DOUBLE_KICK,
    FIFTH_DRUM,
    GREEN_CYMBAL,
    GREEN_DRUM,
    KICK,
    OPEN,
    TAP,
    YELLOW_CYMBAL,
    YELLOW_DRUM,
    Chart,
    Difficulty,
    Family,
    Instrument,
    Note,
    Phrase,
    TimeSignature,
    Track,
)
from davproxy.formats.summary import summarise
from davproxy.formats.tempo_map import TempoMap
from webui.api.song_shapes import HighwayChart, TrackName

HOPO, TAP_NOTE, CYMBAL, DOUBLE, GHOST, ACCENT = 1, 2, 4, 8, 16, 32
"""Flags of a note."""
CYMBALS = {YELLOW_CYMBAL: YELLOW_DRUM, BLUE_CYMBAL: BLUE_DRUM, GREEN_CYMBAL: GREEN_DRUM}
ACCENTS, GHOSTS = 33, 39
"""What is added to the lane of a drum for the mark of an accent or a ghost note."""
LYRICS_PAUSE = 2.5
"""Seconds between two syllables that end a line of lyrics where the chart has no phrases."""
BEATS_LIMIT = 20_000

DIFFICULTIES = (*Difficulty,)
"""Hardest first."""


def highway_chart(
    chart: Chart, metadata: Mapping[str, str], instrument: str = "", difficulty: str = ""
) -> HighwayChart:
    """The track of `instrument` and `difficulty`, or else the first one; '' is any. `metadata` is that of song.ini."""
    times = TempoMap.of(chart)
    tracks = sorted((track for track in chart.tracks if track.notes), key=_rank)
    track = _choose(tracks, instrument, difficulty)
    lanes = _lanes(track, metadata)
    notes = list(_notes(chart, track, times, lanes, metadata))
    end = max((note[0] + note[1] for note in notes), default=0.0)

    def spans(*phrases: Phrase) -> list[tuple[float, float]]:
        return [(times.seconds(phrase.tick), times.seconds(phrase.tick + phrase.length)) for phrase in phrases]

    return HighwayChart(
        instrument=track.instrument if tracks else "",
        difficulty=track.difficulty if tracks else "",
        family=track.instrument.family,
        lanes=lanes,
        tracks=list(_track_names(chart, tracks)),
        offset=-song_fields.number(metadata, "delay") / 1000 or _offset(chart),
        length=end,
        notes=notes,
        star_power=spans(*track.star_power),
        solos=spans(*track.solos),
        rolls=spans(*track.rolls, *track.swells),
        sections=[(times.seconds(section.tick), section.text) for section in chart.sections],
        beats=list(_beats(chart, times, max(end, 1.0))),
        lyrics=_lyrics(chart, times),
    )


def _choose(tracks: Sequence[Track], instrument: str, difficulty: str) -> Track:
    """The first of `tracks` that fits, else the first of them, else an empty one."""
    fitting = [t for t in tracks if instrument in ("", t.instrument) and difficulty in ("", t.difficulty)]
    return next(iter(fitting or tracks), Track(Instrument.GUITAR, Difficulty.EXPERT))


def _track_names(chart: Chart, tracks: Iterable[Track]) -> Iterator[TrackName]:
    """The tracks that have a summary, with its figures."""
    summaries = {(each.instrument, each.difficulty): each for each in summarise(chart).tracks}
    for track in tracks:
        if (summary := summaries.get((track.instrument, track.difficulty))) is not None:
            yield TrackName(
                instrument=track.instrument,
                difficulty=track.difficulty,
                notes=summary.notes,
                average=summary.average,
                peak=summary.peak,
            )


def _lanes(track: Track, metadata: Mapping[str, str]) -> int:
    """The number of lanes side by side: 5, 3 for six frets, 4 or 5 for drums."""
    match track.instrument.family:
        case Family.DRUMS:
            is_five = song_fields.value(metadata, "five_lane_drums") is True
            return 5 if is_five or any(note.lane == FIFTH_DRUM for note in track.notes) else 4
        case Family.SIX_FRET:
            return 3
        case _:
            return 5


def _offset(chart: Chart) -> float:
    """`Offset` of the chart's [Song] section: seconds of audio before tick 0. The delay of song.ini replaces it."""
    try:
        offset = float(chart.song.get("Offset", "0"))
    except ValueError:
        return 0.0
    return offset if math.isfinite(offset) else 0.0


def _rank(track: Track) -> tuple[int, int]:
    """Sorts tracks by instrument, then from hard to easy."""
    return list(Instrument).index(track.instrument), DIFFICULTIES.index(track.difficulty)


def _notes(
    chart: Chart, track: Track, times: TempoMap, lanes: int, metadata: Mapping[str, str]
) -> Iterator[tuple[float, float, int, int]]:
    """(time, duration, lane, flags) of each note, in order; times in seconds, lane -1 for an open note or kick."""
    drums = track.instrument.family is Family.DRUMS
    marks = {(note.tick, note.lane) for note in track.notes}
    hammer_ons = track.hammer_ons(chart.resolution, chart.hopo_threshold)
    cutoff = song_fields.number(metadata, "sustain_cutoff_threshold")
    for chord in track.chords():
        start = times.seconds(chord[0].tick)
        for note in chord:
            duration = times.seconds(note.tick + note.length) - start if note.length > cutoff else 0.0
            if drums:
                yield start, duration, _drum_lane(note, lanes), _drum_flags(note, marks, lanes)
            else:
                flags = TAP_NOTE * ((note.tick, TAP) in marks) | HOPO * (note.tick in hammer_ons)
                yield start, duration, _fret_lane(note), flags


def _fret_lane(note: Note) -> int:
    """-1 for an open note; five frets from the left; six frets as white 1 to 3, then black 1 to 3."""
    return -1 if note.lane == OPEN else 5 if note.lane == BLACK_3 else note.lane


def _drum_lane(note: Note, lanes: int) -> int:
    """-1 for the kick; the pads from the left: red, yellow, blue, green; of five lanes the fourth is orange."""
    return -1 if note.lane in (KICK, DOUBLE_KICK) else min(note.lane, lanes) - 1


def _drum_flags(note: Note, marks: Container[tuple[int, int]], lanes: int) -> int:
    cymbal = lanes == 4 and any((note.tick, mark) in marks for mark, drum in CYMBALS.items() if drum == note.lane)
    return (
        CYMBAL * cymbal
        | DOUBLE * (note.lane == DOUBLE_KICK)
        | GHOST * ((note.tick, note.lane + GHOSTS) in marks)
        | ACCENT * ((note.tick, note.lane + ACCENTS) in marks)
    )


def _lyrics(chart: Chart, times: TempoMap) -> list[list[tuple[float, str]]]:
    """The lines of lyrics; each syllable with its time. A line ends with its phrase, or with a pause."""
    starts = [event.tick for event in chart.events if event.text.strip("[]") == "phrase_start"]
    lines: list[list[tuple[float, str]]] = []
    phrase = -1
    for syllable in chart.lyrics:
        time, in_phrase = times.seconds(syllable.tick), bisect_right(starts, syllable.tick)
        if not lines or (in_phrase != phrase if starts else time - lines[-1][-1][0] > LYRICS_PAUSE):
            lines.append([])
        phrase = in_phrase
        lines[-1].append((time, syllable.text))
    return lines


def _beats(chart: Chart, times: TempoMap, end: float) -> Iterator[tuple[float, bool]]:
    """(time in seconds, whether it is a downbeat) of each beat up to `end`, at most BEATS_LIMIT of them."""
    signatures = [s for s in sorted(chart.time_signatures) if s.numerator and s.denominator]
    if not signatures or signatures[0].tick > 0:
        signatures.insert(0, TimeSignature(0))
    last = times.tick(end)
    count = 0
    for signature, following in zip(signatures, [*signatures[1:], None], strict=True):
        stop = min(last, following.tick) if following else last
        step = max(1, chart.resolution * 4 // signature.denominator)
        for number, tick in enumerate(range(signature.tick, int(stop) + 1, step)):
            if (following and tick >= following.tick) or count >= BEATS_LIMIT:
                break
            count += 1
            yield times.seconds(tick), number % signature.numerator == 0

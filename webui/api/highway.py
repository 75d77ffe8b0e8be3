"""Charts for the highway that the pages draw: seconds instead of ticks, lanes instead of note numbers."""

import math
from collections.abc import Iterable, Iterator

from davproxy.formats.chart import (
    BLACK_3,
    BLUE_CYMBAL,
    DOUBLE_KICK,
    FIFTH_DRUM,
    GREEN_CYMBAL,
    KICK,
    OPEN,
    TAP,
    YELLOW_CYMBAL,
    Chart,
    Difficulty,
    Family,
    Instrument,
    Note,
    TimeSignature,
    Track,
)
from davproxy.formats.tempo_map import TempoMap
from webui.api.song_shapes import HighwayChart, TrackName

HOPO_FLAG, TAP_FLAG, CYMBAL_FLAG = 1, 2, 4
CYMBALS = (YELLOW_CYMBAL, BLUE_CYMBAL, GREEN_CYMBAL)
BEATS_LIMIT = 20_000

DIFFICULTIES = (*Difficulty,)
"""Hardest first."""


def highway_chart(chart: Chart, instrument: str, difficulty: str, delay: float) -> HighwayChart:
    """The track of `instrument` and `difficulty`, or else the first one; '' is any.

    `delay` is that of song.ini, in seconds by which the audio starts later than the chart.
    """
    times = TempoMap.of(chart)
    tracks = sorted((track for track in chart.tracks if track.notes), key=_rank)
    chosen = [t for t in tracks if instrument in ("", t.instrument) and difficulty in ("", t.difficulty)]
    track = next(iter(chosen or tracks), None)
    notes = list(_notes(chart, track, times)) if track else []
    end = max((note[0] + note[1] for note in notes), default=0.0)
    return HighwayChart(
        instrument=track.instrument if track else "",
        difficulty=track.difficulty if track else "",
        family=track.instrument.family if track else Family.FIVE_FRET,
        tracks=[TrackName(instrument=t.instrument, difficulty=t.difficulty, notes=len(t.chords())) for t in tracks],
        offset=-delay or _offset(chart),
        length=end,
        notes=notes,
        star_power=[
            (times.seconds(phrase.tick), times.seconds(phrase.tick + phrase.length))
            for phrase in (track.star_power if track else ())
        ],
        sections=[(times.seconds(section.tick), section.text) for section in chart.sections],
        beats=list(_beats(chart, times, end)),
    )


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


def _notes(chart: Chart, track: Track, times: TempoMap) -> Iterator[tuple[float, float, list[int], int]]:
    """(time, duration, lanes, flags) of each chord; times in seconds, lane -1 for an open note or kick."""
    drums = track.instrument.family is Family.DRUMS
    cymbals = {note.tick for note in track.notes if drums and note.lane in CYMBALS}
    taps = {note.tick for note in track.notes if not drums and note.lane == TAP}
    hammer_ons = track.hammer_ons(chart.resolution)
    for chord in track.chords():
        at = chord[0].tick
        start = times.seconds(at)
        duration = max(times.seconds(note.tick + note.length) for note in chord) - start
        flags = CYMBAL_FLAG * (at in cymbals) | TAP_FLAG * (at in taps) | HOPO_FLAG * (at in hammer_ons)
        lanes = _drum_lanes(chord) if drums else _fret_lanes(chord)
        yield start, duration, lanes, flags


def _fret_lanes(chord: Iterable[Note]) -> list[int]:
    """-1 for an open note; five frets from the left; six frets as white 1 to 3, then black 1 to 3."""
    return sorted({-1 if note.lane == OPEN else 5 if note.lane == BLACK_3 else note.lane for note in chord})


def _drum_lanes(chord: Iterable[Note]) -> list[int]:
    """-1 for the kick; the pads from the left: red, yellow, blue, green."""
    return sorted({-1 if note.lane in (KICK, DOUBLE_KICK) else min(note.lane, FIFTH_DRUM - 1) - 1 for note in chord})


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

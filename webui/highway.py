"""A chart as the pages draw it: times in seconds instead of ticks, lanes instead of note numbers."""

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
from webui.api.shapes import HighwayChart, TrackName

HOPO_FLAG, TAP_FLAG, CYMBAL_FLAG = 1, 2, 4
CYMBALS = (YELLOW_CYMBAL, BLUE_CYMBAL, GREEN_CYMBAL)
MOST_BEATS = 20_000

ORDER = (*Difficulty,)
"""Hardest first: what is shown when nothing is chosen."""


def drawn(chart: Chart, instrument: str, difficulty: str, delay: float) -> HighwayChart:
    """The track asked for, or the first one there is. `delay` is song.ini's: seconds that the audio comes later."""
    times = TempoMap.of(chart)
    there = sorted((track for track in chart.tracks if track.notes), key=_rank)
    chosen = [t for t in there if instrument in ("", t.instrument) and difficulty in ("", t.difficulty)]
    track = next(iter(chosen or there), None)
    notes = list(_notes(chart, track, times)) if track else []
    end = max((note[0] + note[1] for note in notes), default=0.0)
    return HighwayChart(
        instrument=track.instrument if track else "",
        difficulty=track.difficulty if track else "",
        family=track.instrument.family if track else Family.FIVE_FRET,
        tracks=[TrackName(instrument=t.instrument, difficulty=t.difficulty, notes=len(t.chords())) for t in there],
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
    """A chart's own `Offset`: seconds of audio that are over when the chart begins. song.ini's delay replaces it."""
    try:
        offset = float(chart.song.get("Offset", "0"))
    except ValueError:
        return 0.0
    return offset if math.isfinite(offset) else 0.0


def _rank(track: Track) -> tuple[int, int]:
    return list(Instrument).index(track.instrument), ORDER.index(track.difficulty)


def _notes(chart: Chart, track: Track, times: TempoMap) -> Iterator[tuple[float, float, list[int], int]]:
    """(seconds, seconds it is held, lanes with -1 for an open note or kick, flags)."""
    drums = track.instrument.family is Family.DRUMS
    cymbals = {note.tick for note in track.notes if drums and note.lane in CYMBALS}
    taps = {note.tick for note in track.notes if not drums and note.lane == TAP}
    hammered = track.hammer_ons(chart.resolution)
    for chord in track.chords():
        at = chord[0].tick
        start = times.seconds(at)
        held = max(times.seconds(note.tick + note.length) for note in chord) - start
        flags = CYMBAL_FLAG * (at in cymbals) | TAP_FLAG * (at in taps) | HOPO_FLAG * (at in hammered)
        lanes = _drum_lanes(chord) if drums else _fret_lanes(chord)
        yield start, held, lanes, flags


def _fret_lanes(chord: Iterable[Note]) -> list[int]:
    """An open note is -1; five frets are counted from the left, six as white 1 to 3, then black 1 to 3."""
    return sorted({-1 if note.lane == OPEN else 5 if note.lane == BLACK_3 else note.lane for note in chord})


def _drum_lanes(chord: Iterable[Note]) -> list[int]:
    """Kick is -1; the pads are counted from the left: red, yellow, blue, green."""
    return sorted({-1 if note.lane in (KICK, DOUBLE_KICK) else min(note.lane, FIFTH_DRUM - 1) - 1 for note in chord})


def _beats(chart: Chart, times: TempoMap, end: float) -> Iterator[tuple[float, bool]]:
    """(seconds, whether a bar begins) for every beat up to `end`."""
    signatures = [s for s in sorted(chart.time_signatures) if s.numerator and s.denominator]
    if not signatures or signatures[0].tick > 0:
        signatures.insert(0, TimeSignature(0))
    last = times.tick(end)
    count = 0
    for signature, following in zip(signatures, [*signatures[1:], None], strict=True):
        stop = min(last, following.tick) if following else last
        step = max(1, chart.resolution * 4 // signature.denominator)
        for number, tick in enumerate(range(signature.tick, int(stop) + 1, step)):
            if (following and tick >= following.tick) or count >= MOST_BEATS:
                break
            count += 1
            yield times.seconds(tick), number % signature.numerator == 0

"""The summary of a chart that a page shows: length, sections, and the tracks with note counts and density over time."""

from dataclasses import asdict, dataclass
from typing import Any

from davproxy.formats.chart import DOUBLE_KICK, OPEN, TAP, Chart, Difficulty, Family, Instrument, Note, Track
from davproxy.formats.tempo_map import TempoMap

BINS = 128
"""The number of equal parts of a song in which `density` counts the notes."""
MAX_SECTIONS, MAX_NAME = 500, 100
"""Far above any real chart; they bound what a hostile chart writes into the index."""


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """One instrument at one difficulty.

    A chord counts as one note on guitars and as several on drums, as in games. `average` is in notes per second between
    the first and the last note, `peak` is the highest number of notes in one second, which begins at `peak_at` ms.
    `density` is the number of notes in each of BINS equal parts of the song from its start to its `length`.
    """

    instrument: Instrument
    difficulty: Difficulty
    notes: int
    average: float
    peak: int
    peak_at: int
    has_star_power: bool
    has_solos: bool
    has_open: bool
    has_taps: bool
    has_double_kick: bool
    density: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SectionSummary:
    """A practice section; it starts at `start` ms."""

    name: str
    start: int


@dataclass(frozen=True, slots=True)
class ChartSummary:
    """A whole chart. `length` is the end of its last note in ms; tempos are in beats per minute."""

    length: int
    slowest: float
    fastest: float
    has_lyrics: bool
    has_vocals: bool
    sections: tuple[SectionSummary, ...]
    tracks: tuple[TrackSummary, ...]

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON-able values."""
        return asdict(self)


def summarise(chart: Chart) -> ChartSummary:
    """The summary of `chart`; tracks without notes are left out."""
    times = TempoMap.of(chart)
    played = [(track, chords) for track in chart.tracks if (chords := track.chords())]
    last = max((note.tick + note.length for _, chords in played for chord in chords for note in chord), default=0)
    length = times.seconds(last)
    return ChartSummary(
        length=round(length * 1000),
        slowest=min(times.bpms),
        fastest=max(times.bpms),
        has_lyrics=bool(chart.lyrics),
        has_vocals=chart.has_vocals,
        sections=tuple(
            SectionSummary(section.text[:MAX_NAME], round(times.seconds(section.tick) * 1000))
            for section in chart.sections[:MAX_SECTIONS]
        ),
        tracks=tuple(_track(track, chords, times, length) for track, chords in played),
    )


def _track(track: Track, chords: list[tuple[Note, ...]], times: TempoMap, length: float) -> TrackSummary:
    """The summary of one track; `length` is that of the song in seconds."""
    starts = times.seconds_of(chord[0].tick for chord in chords)
    drums = track.instrument.family is Family.DRUMS
    weights = [len(chord) for chord in chords] if drums else [1] * len(chords)
    total = sum(weights)
    peak, peak_at = _peak(starts, weights)
    lanes = {note.lane for note in track.notes}
    return TrackSummary(
        track.instrument,
        track.difficulty,
        notes=total,
        average=round(total / max(starts[-1] - starts[0], 1.0), 3),
        peak=peak,
        peak_at=round(peak_at * 1000),
        has_star_power=bool(track.star_power),
        has_solos=bool(track.solos),
        has_open=not drums and OPEN in lanes,
        has_taps=not drums and TAP in lanes,
        has_double_kick=drums and DOUBLE_KICK in lanes,
        density=_density(starts, weights, length),
    )


def _density(starts: list[float], weights: list[int], length: float) -> tuple[int, ...]:
    density = [0] * (BINS + 1)
    bins_per_second = BINS / length if length else 0
    for start, weight in zip(starts, weights, strict=True):
        density[int(start * bins_per_second)] += weight
    last = density.pop()  # a note at the very end
    density[-1] += last
    return tuple(density)


def _peak(starts: list[float], weights: list[int]) -> tuple[int, float]:
    """The highest number of notes within one second, and the time at which that second begins."""
    most, begin, running, first = 0, 0.0, 0, 0
    for start, weight in zip(starts, weights, strict=True):
        running += weight
        while starts[first] < start - 1:
            running -= weights[first]
            first += 1
        if running > most:
            most, begin = running, starts[first]
    return most, begin

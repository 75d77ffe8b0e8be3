"""What a page shows of a chart: its tracks with their note counts and density over time, sections, length."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from davproxy.formats.chart import Chart, Difficulty, Family, Instrument, Track
from davproxy.formats.tempo_map import TempoMap

BINS = 128
"""In how many equal parts of the song `density` counts the notes."""


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """One instrument at one difficulty.

    A chord is one note on a guitar and several on drums, as games count. `average` is in notes per second between the
    first and the last note, `peak` the most in any one second, which begins at `peak_at` ms. `density` holds the notes
    in each of BINS equal parts from the start of the song to its `length`.
    """

    instrument: Instrument
    difficulty: Difficulty
    notes: int
    average: float
    peak: int
    peak_at: int
    has_star_power: bool
    has_solos: bool
    density: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SectionSummary:
    """A practice section and the ms it starts at."""

    name: str
    start: int


@dataclass(frozen=True, slots=True)
class ChartSummary:
    """A whole chart. `length` runs in ms to the end of its last note; tempos are in beats per minute."""

    length: int
    slowest: float
    fastest: float
    has_lyrics: bool
    has_vocals: bool
    sections: tuple[SectionSummary, ...]
    tracks: tuple[TrackSummary, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def summarise(chart: Chart) -> ChartSummary:
    """The summary of `chart`; tracks without a note are left out."""
    times = TempoMap.of(chart)
    chords = [(track, track.chords()) for track in chart.tracks]
    ends = (note.tick + note.length for _, played in chords for chord in played for note in chord)
    length = times.seconds(max(ends, default=0))
    tempos = [tempo.bpm for tempo in chart.tempos] or [120.0]
    return ChartSummary(
        length=round(length * 1000),
        slowest=min(tempos),
        fastest=max(tempos),
        has_lyrics=bool(chart.lyrics),
        has_vocals=chart.has_vocals,
        sections=tuple(SectionSummary(s.text, round(times.seconds(s.tick) * 1000)) for s in chart.sections),
        tracks=tuple(
            _track(
                track,
                [times.seconds(chord[0].tick) for chord in played],
                [len(chord) if track.instrument.family is Family.DRUMS else 1 for chord in played],
                length,
            )
            for track, played in chords
            if played
        ),
    )


def _track(track: Track, times: list[float], weights: list[int], length: float) -> TrackSummary:
    density = [0] * BINS
    for time, weight in zip(times, weights, strict=True):
        density[min(math.floor(time / length * BINS), BINS - 1) if length else 0] += weight
    peak, peak_at = _peak(times, weights)
    return TrackSummary(
        track.instrument,
        track.difficulty,
        notes=sum(weights),
        average=round(sum(weights) / max(times[-1] - times[0], 1.0), 3),
        peak=peak,
        peak_at=round(peak_at * 1000),
        has_star_power=bool(track.star_power),
        has_solos=bool(track.solos),
        density=tuple(density),
    )


def _peak(times: list[float], weights: list[int]) -> tuple[int, float]:
    """The most notes within one second, and when that second begins."""
    most, start, running, first = 0, 0.0, 0, 0
    for time, weight in zip(times, weights, strict=True):
        running += weight
        while times[first] < time - 1:
            running -= weights[first]
            first += 1
        if running > most:
            most, start = running, times[first]
    return most, start

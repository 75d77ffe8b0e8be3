"""The start of a song: silence before the music, so that it begins on a downbeat and players can get ready."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from davproxy.charter.notes.gems import TICKS
from davproxy.charter.timing.grid import Grid
from davproxy.formats.chart import Tempo

LEAST = 2.0  # seconds before the first note, at least
STRETCH = 1.3  # largest ratio of the tempo of the empty bars to that of the music, or the reverse
DEFAULT = 120_000  # thousandths of BPM; the public index takes a song with this tempo alone for one without a tempo map
EDITED = 119_000  # thousandths of BPM; slower, so that the lead-in does not get shorter


@dataclass(frozen=True)
class LeadIn:
    """The lead-in of a song: `silence` seconds before the audio; the tick of the grid's beat 0, `first_tick`; and the
    tempo of the bars before it, `millibeats`, in thousandths of BPM."""

    silence: float
    first_tick: int
    millibeats: int


def lead_in(grid: Grid, first_note: float, given: float = 0.0) -> LeadIn:
    """The lead-in of a song with its first note at `first_note` seconds of the audio.

    Its silence is what is `given` if that is enough time before the first note: empty bars with about the tempo of the
    song fill it. So audio keeps its bytes where it can.
    """
    beats = grid.beats_per_bar
    bpm = float(grid.bpm(0.0))
    bar, start = beats * 60.0 / bpm, float(grid.time(0.0))
    before = start + given
    filled = max(round(before / bar), 1)
    if first_note + given >= LEAST and before > 0 and 1 / STRETCH <= before / (filled * bar) <= STRETCH:
        millibeats = _not_default(round(filled * beats * 60_000 / before), grid)
        if abs(filled * beats * 60_000 / millibeats - before) < 0.0005:
            return LeadIn(given, filled * beats * TICKS, millibeats)
    bars = max(math.ceil((LEAST - max(first_note - start, 0.0)) / bar), math.ceil(max(start, 0.0) / bar), 1)
    millibeats = _not_default(round(bpm * 1000), grid)
    return LeadIn(bars * beats * 60_000 / millibeats - start, bars * beats * TICKS, millibeats)


def _not_default(millibeats: int, grid: Grid) -> int:
    """The tempo `millibeats`, or EDITED if the whole song would have the tempo DEFAULT."""
    untouched = len(grid.segments) == 1 and round(grid.segments[0].bpm * 1000) == DEFAULT == millibeats
    return EDITED if untouched else millibeats


def tempos(grid: Grid, lead: LeadIn) -> tuple[Tempo, ...]:
    """The tempo markers of the chart. Each aims at the exact time of the next one, so rounding errors do not add up."""
    marks: list[tuple[int, float, float]] = [
        (lead.first_tick + round(segment.beat * TICKS), segment.seconds + lead.silence, segment.bpm)
        for segment in grid.segments
        if segment.beat > 0
    ]
    marks.insert(0, (lead.first_tick, float(grid.time(0.0)) + lead.silence, float(grid.bpm(0.0))))
    found = [Tempo(0, lead.millibeats)]
    now = lead.first_tick / TICKS * 60_000 / lead.millibeats
    for index, (tick, _, bpm) in enumerate(marks):
        millibeats = round(bpm * 1000)
        if index + 1 < len(marks):
            next_tick, next_seconds, _ = marks[index + 1]
            beats = (next_tick - tick) / TICKS
            millibeats = round(beats * 60_000 / max(next_seconds - now, 1e-3))
            now += beats * 60_000 / millibeats
        if millibeats != found[-1].millibeats:
            found.append(Tempo(tick, millibeats))
    return tuple(found)


def tick_seconds(marks: Sequence[Tempo], tick: int) -> float:
    """The time of a tick, in seconds from the start of the chart."""
    seconds = 0.0
    for index, mark in enumerate(marks):
        end = min(tick, marks[index + 1].tick) if index + 1 < len(marks) else tick
        if end > mark.tick:
            seconds += (end - mark.tick) / TICKS * 60_000 / mark.millibeats
    return seconds

"""The lyrics of a song as events of notes.chart: `phrase_start`, `lyric WORD` …, `phrase_end`.

github.com/TheNathannator/GuitarGame_ChartFormats, chart-format/Lyrics, says how games show the signs in words.
"""

from collections.abc import Sequence

from davproxy.charter.notes.gems import TICKS
from davproxy.charter.notes.lyrics import SungLine
from davproxy.formats.chart import Event, Tempo
from davproxy.formats.tempo_map import TempoMap

AHEAD = 0.5  # seconds that a line is shown before its first word, if no other line is sung then
APART = 0.05  # seconds between the end of a line and the first word of the next one, at least
SIGNS = str.maketrans({"-": "=", "/": "_", **dict.fromkeys('"<>[]=+#^*%$§')})
"""A hyphen joins a syllable to the next one and is not shown; `=` at its end does both. Elsewhere `=` is shown as a
hyphen, as `_` is as a space. Games do not show the others; a quotation mark would end the event."""


def lyric_events(lines: Sequence[SungLine], tempos: Sequence[Tempo], silence: float) -> tuple[Event, ...]:
    """The events of `lines`, whose times are in the recording, with `silence` seconds before it. Each has a tick of
    its own, in order, because games may keep only one of a tick."""
    times = TempoMap(TICKS, tempos)
    events: list[Event] = []

    def add(seconds: float, text: str) -> None:
        earliest = events[-1].tick + 1 if events else 0
        events.append(Event(max(round(times.tick(seconds + silence)), earliest), text))

    for line, following in zip(lines, [*lines[1:], None], strict=False):
        sung = [
            (f"{text}{_joint(word)}" if at in line.joined else text, seconds)
            for at, (word, seconds) in enumerate(zip(line.words, line.seconds, strict=True))
            if (text := _text(word))
        ]
        if not sung:
            continue
        add(sung[0][1] - AHEAD, "phrase_start")
        for text, seconds in sung:
            add(seconds, f"lyric {text}")
        add(line.end if following is None else min(line.end, following.seconds[0] - APART), "phrase_end")
    return tuple(events)


def _joint(syllable: str) -> str:
    """The sign that joins a syllable to the next one."""
    return "=" if syllable.endswith("-") else "-"


def _text(word: str) -> str:
    """The word as an event has it; empty if nothing of it can be shown."""
    return "".join(filter(str.isprintable, word.strip("-").translate(SIGNS)))

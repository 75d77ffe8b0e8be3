"""The lyrics in a chart as an .lrc of its recording, so that a chart that is made again has them too."""

from collections.abc import Iterator

from davproxy.formats import notes_chart
from davproxy.formats.tempo_map import TempoMap


def as_lrc(notes: bytes, lead_in: float) -> bytes:
    """The lyrics of a notes.chart of ours, with the time of each word, `lead_in` seconds earlier; empty if there are
    none."""
    return "".join(f"{line}\n" for line in _lines(notes, lead_in)).encode()


def _lines(notes: bytes, lead_in: float) -> Iterator[str]:
    chart = notes_chart.parse(notes)
    times = TempoMap.of(chart)
    words: list[str] = []
    for event in chart.events:
        kind, _, text = event.text.partition(" ")
        time = _time(times.seconds(event.tick) - lead_in)
        if kind == "lyric":
            after = "" if text.endswith(("-", "=")) else " "
            words.append(f"<{time}>{text.removesuffix('-').replace('=', '-').replace('_', ' ')}{after}")
        elif kind == "phrase_end" and words:
            yield f"[{words[0][1:].partition('>')[0]}]{''.join(words).rstrip()} <{time}>"
            words = []


def _time(seconds: float) -> str:
    minutes, milliseconds = divmod(round(max(seconds, 0.0) * 1000), 60_000)
    return f"{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"

"""The lyrics of a chart, as an .lrc of its recording."""

import pytest

from davproxy.charter.notes.lyrics import SungLine
from davproxy.charter.output.lyrics import lyric_events
from davproxy.formats import lrc, notes_chart
from davproxy.formats.chart import Chart, Tempo
from davproxy.imports.kept_lyrics import as_lrc

LINES = (
    SungLine(("She", "said", "twenty-one"), (10.0, 10.4, 71.3), 72.0),
    SungLine(("e", "very", "twenty-", "one"), (75.25, 75.5, 75.7, 76.0), 76.5, frozenset({0, 2})),
)  # fmt: skip


def test_each_word_keeps_its_time() -> None:
    tempos = (Tempo(0, 100_000), Tempo(1920, 140_000))
    chart = Chart(resolution=192, tempos=tempos, events=lyric_events(LINES, tempos, 2.5))
    found = lrc.parse(as_lrc(notes_chart.render(chart), 2.5))
    assert [[word.text for word in line.words] for line in found] == [list(line.words) for line in LINES]
    assert [word.text for line in found for word in line.words if word.joined] == ["e", "twenty-"]
    for line, sung in zip(found, LINES, strict=True):
        assert [word.seconds for word in line.words] == pytest.approx(sung.seconds, abs=0.003)
        assert (line.seconds, line.end) == pytest.approx((sung.seconds[0], sung.end), abs=0.003)


def test_a_chart_without_lyrics_has_none() -> None:
    assert as_lrc(notes_chart.render(Chart(resolution=192)), 0.0) == b""

"""The beats that the page shows before a chart is made again are those of the new chart."""

from dataclasses import asdict
from typing import Any

import pytest

from davproxy.charter.correction import Correction
from davproxy.charter.notes.gems import TICKS
from davproxy.charter.output.lead_in import lead_in, tempos, tick_seconds
from davproxy.charter.timing.corrected import corrected, found_beat
from davproxy.charter.timing.grid import Grid, Segment
from tests.webui.browser.conftest import Open

MUSIC, END = 2.3, 38.87  # seconds; no beat is there
IN_THREES = Grid((Segment(0.0, 1.2, 130.0), Segment(12.0, 1.2 + 12 * 60 / 130, 126.5)), 3)
IN_FOURS = Grid((Segment(0.0, 2.25, 120.0),))
PREVIEW = """async ([beats, kept, now]) => {
  const scripts = document.querySelector("script[type=module][src]").src;
  return (await import(new URL("beat_preview.js", scripts))).correctedBeats(beats, kept, now);
}"""

Beats = list[tuple[float, bool]]


def beats_of(found: Grid, correction: Correction) -> tuple[Beats, float]:
    """The beats of a chart with a correction and their downbeats, and the seconds before the recording."""
    grid, _ = corrected(found, found, MUSIC, correction) if correction.moves_beats else (found, found)
    lead = lead_in(grid, MUSIC)
    marks, beats = tempos(grid, lead), list[tuple[float, bool]]()
    while not beats or beats[-1][0] < END + 2 + lead.silence:
        beats.append((tick_seconds(marks, len(beats) * TICKS), len(beats) % grid.beats_per_bar == 0))
    return beats, lead.silence


@pytest.mark.parametrize("found", [IN_THREES, IN_FOURS], ids=["in threes", "in fours"])
@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({}, {"tempo": "x2", "bar_shift": 1}),
        ({"tempo": "x2"}, {"bpm": 125.0}),
        ({"bpm": 249.0}, {}),
        ({"bpm": 249.0, "bar_shift": 1}, {"tempo": "x2", "bar_shift": -1}),
        ({"tempo": "x2", "bar_shift": 3}, {"tempo": "/2", "bar_shift": 1}),
        ({"tempo": "x3", "offset": 0.1, "bar_shift": 2}, {"beats_per_bar": 5, "offset": -0.1}),
        ({"beats_per_bar": 4, "bar_shift": 2}, {"bar_shift": 1}),
        ({"bpm": 120.0, "bar_shift": 1}, {"bpm": 120.0, "bar_shift": 1, "beats_per_bar": 2}),
    ],
)
def test_a_second_correction_is_shown_as_it_will_be(
    found: Grid, was: dict[str, Any], now: dict[str, Any], open_page: Open
) -> None:
    page = open_page("/songs")
    before, after = Correction.of(was), Correction.of(now)
    beats, lead = beats_of(found, before)
    kept = {"correction": asdict(before), "lead_in": lead, "found": asdict(found_beat(found))}
    shown = page.evaluate(PREVIEW, [beats, kept, asdict(after)])
    made, new_lead = beats_of(found, after)
    want = [(time - new_lead, is_downbeat) for time, is_downbeat in made if MUSIC <= time - new_lead < END]
    have = [(time - lead, is_downbeat) for time, is_downbeat in shown if MUSIC <= time - lead < END]
    assert [time for time, _ in have] == pytest.approx([time for time, _ in want], abs=0.003)
    assert [is_downbeat for _, is_downbeat in have] == [is_downbeat for _, is_downbeat in want]

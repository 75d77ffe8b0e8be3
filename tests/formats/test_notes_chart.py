"""notes.chart: read, written, and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadChart
from davproxy.formats import notes_chart
from davproxy.formats.chart import (
    Chart,
    Difficulty,
    Event,
    Instrument,
    Note,
    Phrase,
    Tempo,
    TimeSignature,
    Track,
    Violation,
)
from tests.formats.charts import charts
from tests.formats.costs import is_linear

TEXT = """[Song]
{
  Name = "A = B"
  Year = ", 2020"
  Offset = 0.5
  Resolution = 480
}
[SyncTrack]
{
  0 = TS 7 3
  0 = B 123456
  960 = A 2000000
}
[Events]
{
  0 = E "section Intro"
  480 = E "lyric Hel-"
}
[ExpertSingle]
{
  480 = N 1 240
  480 = N 0 0
  480 = S 2 960
  960 = E solo
  1440 = E soloend
  1440 = E wave "hands"
  1920 = N 7 0
}
[HardDrums]
{
  0 = S 64 480
}
[Unknown]
{
  0 = N 0 0
}
"""
CHART = Chart(
    resolution=480,
    song={"Name": "A = B", "Year": "2020", "Offset": "0.5"},
    tempos=(Tempo(0, 123456),),
    time_signatures=(TimeSignature(0, 7, 8),),
    events=(Event(0, "section Intro"), Event(480, "lyric Hel-")),
    tracks=(
        Track(
            Instrument.GUITAR,
            Difficulty.EXPERT,
            notes=(Note(480, 1, 240), Note(480, 0), Note(1920, 7)),
            star_power=(Phrase(480, 960),),
            solos=(Phrase(960, 481),),
            events=(Event(1440, 'wave "hands"'),),
        ),
        Track(Instrument.DRUMS, Difficulty.HARD, fills=(Phrase(0, 480),)),
    ),
)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r\r\n", "\n\r", "\n\n", " \t\n"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_a_chart_is_read_in_every_encoding_that_editors_write(codec: str, newline: str) -> None:
    text = TEXT.replace("A = B", "Café").replace("\n", newline)
    chart = notes_chart.parse(text.encode(codec))
    assert chart.song["Name"] == "Café"
    assert chart.tracks == CHART.tracks


def test_everything_in_a_chart_is_read() -> None:
    assert notes_chart.parse(TEXT.encode()) == CHART


SINGLE = "[ExpertSingle]\n{\n  0 = N 0 0\n}\n"
HEAD = "[Song]\n{\n  Resolution = 192\n}\n[SyncTrack]\n{\n  0 = B 120000\n}\n"


@pytest.mark.parametrize(
    "text",
    [
        "[SyncTrack]\n{\n}\n[Song]\n{\n  Resolution = 192\n}\n" + SINGLE,
        "[Song]\n{\n  Resolution = 192\n}\n" + SINGLE,
        HEAD + SINGLE.removesuffix("}\n"),
        HEAD + SINGLE.replace("}\n", "") + "[HardSingle]\n{\n  0 = N 0 0\n}\n",
        HEAD + SINGLE.replace("{\n", ""),
        HEAD + SINGLE.replace("  0 = N 0 0\n", "  9 = N 0 0\n  0 = N 0 0\n"),
        HEAD + SINGLE.replace("  0 = N 0 0\n", "  9 = S 2 0\n  0 = N 0 0\n"),
        HEAD.replace("0 = B 120000", "9 = B 120000\n  0 = B 120000") + SINGLE,
        HEAD + '[Events]\n{\n  9 = E "end"\n  0 = E "section A"\n}\n' + SINGLE,
        (HEAD + SINGLE).replace("\n", "\r"),
    ],
    ids=[
        "sections in another order", "no tempos", "no last brace", "no brace before a section", "no opening brace",
        "notes out of order", "phrases out of order", "tempos out of order", "events out of order", "lines of old Macs",
    ],
)  # fmt: skip
def test_a_chart_that_breaks_the_format_a_little_is_read(text: str) -> None:
    chart = notes_chart.parse(text.encode())
    assert chart.tracks[0].notes[0].tick == 0
    assert chart.violations == {Violation.STRUCTURE}


@pytest.mark.parametrize("line", ["0 = N 0", "0=N 0 0", "\t0  =  N  0  0  ", "0 = N 0 0 more"])
def test_a_note_is_read_however_its_line_is_spaced(line: str) -> None:
    chart = notes_chart.parse((HEAD + SINGLE.replace("0 = N 0 0", line)).encode())
    assert chart.tracks[0].notes == (Note(0, 0),)
    assert chart.violations == frozenset()


def test_an_empty_twin_hides_no_section() -> None:
    empty = "[Song]\n{\n}\n[SyncTrack]\n{\n}\n[ExpertSingle]\n{\n}\n"
    for text in (empty + HEAD + SINGLE, HEAD + SINGLE + empty):
        chart = notes_chart.parse(text.encode())
        assert chart.tempos == (Tempo(0, 120_000),)
        assert chart.tracks == (Track(Instrument.GUITAR, Difficulty.EXPERT, notes=(Note(0, 0),)),)
        assert chart.violations == frozenset()


def test_of_two_sections_with_notes_the_last_is_played() -> None:
    chart = notes_chart.parse((HEAD + SINGLE + SINGLE.replace("0 = N 0 0", "9 = N 1 0")).encode())
    assert chart.tracks == (Track(Instrument.GUITAR, Difficulty.EXPERT, notes=(Note(9, 1),)),)
    assert chart.violations == {Violation.TRACK_TWICE}


def test_the_pairs_of_the_song_are_read_by_themselves() -> None:
    assert notes_chart.song_of(TEXT.encode()) == {**CHART.song, "Resolution": "480"}
    assert notes_chart.song_of(TEXT.encode("utf-16") + b"\n\0" * notes_chart.HEAD_BYTES)["Name"] == "A = B"
    assert notes_chart.song_of(b"MThd") == {}


def test_brackets_and_braces_in_values_are_no_structure() -> None:
    text = TEXT.replace("A = B", "[x] { } ] [Song]").replace("section Intro", "section {[1]}")
    chart = notes_chart.parse(text.encode())
    assert chart.song["Name"] == "[x] { } ] [Song]"
    assert chart.events[0] == Event(0, "section {[1]}")


def test_events_out_of_order_are_put_in_order() -> None:
    body = "[Song]{\nResolution = 192\n}\n[ExpertSingle]\n{\n192 = N 0 0\n0 = N 1 0\n}\n"
    assert notes_chart.parse(body.encode()).tracks[0].notes == (Note(0, 1), Note(192, 0))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MThd",
        "[Song]\n{\n}\n",
        "[Song]\n{\n  Resolution = 0\n}\n",
        "[Song]\n{\n  Resolution = inf\n}\n",
        "[Song]\n{\n  Resolution = ninety\n}\n",
        "[Song]\n{\n  Resolution = 192\n}\n[SyncTrack]\n{\n  0 = B 0\n}\n",
        "[Song]\n{\n  Resolution = 192\n}\n[SyncTrack]\n{\n  0 = TS 0\n}\n",
        "[Song]\n{\n  Resolution = 192\n}\n[SyncTrack]\n{\n  0 = TS 4 99\n}\n",
    ],
)
def test_what_no_game_could_play_is_refused(text: str) -> None:
    with pytest.raises(BadChart):
        notes_chart.parse(text.encode())


def test_a_year_is_written_with_the_comma_that_readers_drop() -> None:
    assert b'  Year = ", 2020"\r\n' in notes_chart.render(CHART)


def test_a_time_signature_is_written_before_the_tempo_of_its_tick() -> None:
    lines = notes_chart.render(CHART).decode().split("\r\n")
    assert lines.index("  0 = TS 7 3") + 1 == lines.index("  0 = B 123456")


def test_a_line_break_stays_inside_its_value() -> None:
    chart = Chart(song={"Name": "x\r\n}\n[ExpertSingle]"}, events=(Event(0, "section a\nb"),))
    assert notes_chart.parse(notes_chart.render(chart)).tracks == ()


@given(charts)
def test_what_is_written_is_read_back(chart: Chart) -> None:
    assert notes_chart.parse(notes_chart.render(chart)) == chart


@given(
    st.binary(max_size=200)
    | st.text('[]{}=NSEBT \n\r019"Song', max_size=200).map(str.encode)
    | st.lists(st.sampled_from([*TEXT.splitlines(), "{", "}", "[", "0 = N 0 0"]), max_size=40).map(
        lambda lines: "\n".join(lines).encode()
    )
)
def test_any_bytes_are_a_chart_or_a_bad_chart(data: bytes) -> None:
    try:
        chart = notes_chart.parse(data)
    except BadChart:
        return
    assert chart.resolution >= 1


@pytest.mark.parametrize(
    "line",
    [
        "[x]\n",
        "{\n",
        '  0 = E " \n',
        "0 = N 0 0\n",
        " " * 1000 + "\n",
        "9" * 1000 + "\n",
        "x" * 10_000 + "=\n",
        "[" * 1000,
    ],
)
def test_hostile_charts_cost_linear_time(line: str) -> None:
    def parse(size: int) -> None:
        head = b"[Song]\n{\nResolution = 192\n}\n[ExpertSingle]\n{\n"
        notes_chart.parse(head + (line * (size // len(line) + 1)).encode() + b"}")

    assert is_linear(parse)


def test_a_file_too_large_to_be_a_chart_is_refused_unread() -> None:
    with pytest.raises(BadChart, match="larger"):
        notes_chart.parse(bytes(notes_chart.MAX_BYTES + 1))

"""All rules together, on whole songs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadChart
from davproxy.formats import notes, notes_chart
from davproxy.formats.rules import Severity, check_packed, check_song, is_refused
from tests.formats.charts import charts
from tests.formats.rules.songs import CHART, FILES, INI, TEXTS

NOTES = notes_chart.render(CHART)


def test_a_good_song_has_no_problem() -> None:
    assert check_song(FILES, INI, NOTES, path="/Songs/Artist/Song") == []


def test_a_good_packed_song_has_no_problem() -> None:
    files = {name: size for name, size in FILES.items() if name != "song.ini"}
    assert check_packed(files, TEXTS, NOTES) == []


def test_without_notes_the_rest_is_judged() -> None:
    assert check_song(FILES, INI) == []
    assert [problem.code for problem in check_song(FILES, b"[song]\nname = X\n")] == ["missingValue"] * 5


def test_notes_that_cannot_be_read_are_refused() -> None:
    problems = check_song(FILES, INI, b"no chart")
    assert is_refused(problems)
    assert [problem.code for problem in problems] == ["badChart"]


@pytest.mark.parametrize(("name", "severity"), [("notes.chart", Severity.ERROR), ("notes.mid", Severity.REFUSED)])
def test_without_a_song_section_games_fall_back_on_the_notes(name: str, severity: Severity) -> None:
    files = {"song.ini": 10, name: 10, "song.ogg": 10, "album.png": 10}
    (problem,) = check_song(files, b"name = X\n")
    assert (problem.code, problem.severity) == ("invalidMetadata", severity)


def test_lines_that_games_do_not_understand_are_quoted() -> None:
    (problem,) = check_song(FILES, INI + b"delay : 5\r\n")
    assert problem.code == "badIniLine"
    assert "delay : 5" in problem.message


def test_a_song_ini_that_is_too_large_is_refused() -> None:
    assert [problem.code for problem in check_song(FILES, bytes(2_000_000))] == ["invalidMetadata"]


def test_the_worst_comes_first() -> None:
    problems = check_song({"song.ini": 1, "Notes.chart": 5, "song.ogg": 1}, b"[song]\nname = X\nx\n")
    severities = [problem.severity for problem in problems]
    assert severities == sorted(severities, key=list(Severity).index)
    assert severities[0] is Severity.REFUSED


def test_problems_are_plain_values() -> None:
    (problem,) = check_song(FILES | {"video.mp4": 9}, INI, NOTES)
    assert problem.as_json() == {
        "code": "badVideo",
        "severity": "warning",
        "message": "“video.mp4” does not play on Linux: convert it to webm.",
        "count": 1,
    }


@given(st.binary(max_size=100) | charts.map(notes_chart.render), st.binary(max_size=100))
def test_any_song_is_judged(data: bytes, ini: bytes) -> None:
    problems = check_song(FILES, ini, data)
    try:
        notes.parse("notes.chart", data)
    except BadChart:
        assert not data or "badChart" in {problem.code for problem in problems}
    for problem in problems:
        assert problem.message.endswith((".", "”.", "games do not understand: “x”."))

"""Our readers and rules against the public index's scanner, on charts made at random and on those of real songs."""

import random
from pathlib import Path

import pytest

from davproxy.formats import notes, notes_chart
from davproxy.formats.rules import check_song
from davproxy.formats.summary import summarise
from tests import scan_chart
from tests.formats.made_at_random import make_chart, make_midi
from tests.formats.rules.songs import CHART, INI

pytestmark = [pytest.mark.slow, scan_chart.needed]

OTHERWISE = {
    "smallLeadingSilence",  # it says 2 s and allows 1 s
    "missingValue",
    "extraValue",
}


def save(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir()
    (folder / name).write_bytes(content)
    (folder / "song.ini").write_bytes(INI)
    (folder / "song.ogg").write_bytes(b"OggS")
    return folder


def found(folder: Path, name: str) -> set[tuple[str, str | None, str | None]]:
    files = {file.name: file.stat().st_size for file in folder.iterdir()}
    problems = check_song(files, INI, (folder / name).read_bytes())
    return {(problem.code, problem.instrument, problem.difficulty) for problem in problems}


def compare(tmp_path: Path, name: str, contents: list[bytes]) -> set[str]:
    """Assert that both find the same in notes files called `name`; returns the codes that were found."""
    folders = [save(tmp_path / str(number), name, content) for number, content in enumerate(contents)]
    seen = set()
    for folder, content, result in zip(folders, contents, scan_chart.scan(folders), strict=True):
        theirs = {(i["noteIssue"], i["instrument"], i["difficulty"]) for i in result["chartIssues"]}
        theirs |= {(i["folderIssue"], None, None) for i in result["folderIssues"]}
        for code, instrument, difficulty in found(folder, name) ^ theirs:
            # It forbids every chord of three on a six-fret Hard, and means only those of both colours.
            six_fret_hard = code == "difficultyForbiddenNote" and difficulty == "hard" and "ghl" in str(instrument)
            assert code in OTHERWISE or six_fret_hard, (folder, code, instrument, difficulty)
        seen |= {code for code, *_ in theirs}
        counts = {(c["instrument"], c["difficulty"]): c["count"] for c in result["noteCounts"]}
        assert {(t.instrument, t.difficulty): t.notes for t in summarise(notes.parse(name, content)).tracks} == counts
    return seen


def test_both_find_the_same_in_charts(tmp_path: Path) -> None:
    chance = random.Random(5)
    charts = [notes_chart.render(make_chart(chance)) for _ in range(100)]
    assert len(compare(tmp_path, "notes.chart", charts)) >= 12


def test_both_find_the_same_in_midi_files(tmp_path: Path) -> None:
    chance = random.Random(5)
    assert len(compare(tmp_path, "notes.mid", [make_midi(chance) for _ in range(100)])) >= 10


def test_a_song_without_a_problem_has_none_for_it_either(tmp_path: Path) -> None:
    (result,) = scan_chart.scan([save(tmp_path / "song", "notes.chart", notes_chart.render(CHART))])
    assert result["chartIssues"] == result["metadataIssues"] == []
    assert [issue["folderIssue"] for issue in result["folderIssues"]] == ["noAlbumArt"]
    assert result["playable"]

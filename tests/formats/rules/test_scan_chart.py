"""Our rules against the public index's scanner, on charts made at random."""

import random
from pathlib import Path

from davproxy.formats import notes_chart
from davproxy.formats.chart import (
    Chart,
    Difficulty,
    Event,
    Family,
    Instrument,
    Note,
    Phrase,
    Tempo,
    TimeSignature,
    Track,
)
from davproxy.formats.rules import check_song
from davproxy.formats.summary import summarise
from tests import scan_chart
from tests.formats.rules.songs import CHART, INI

pytestmark = scan_chart.needed

LANES = {Family.FIVE_FRET: (0, 1, 2, 3, 4, 7), Family.SIX_FRET: (0, 1, 2, 3, 4, 7, 8), Family.DRUMS: (0, 1, 2, 3, 4)}
OTHERWISE = {
    "smallLeadingSilence",  # it says 2 s and allows 1 s
    "missingValue",
    "extraValue",
}


def make_track(chance: random.Random, instrument: Instrument, difficulty: Difficulty) -> Track:
    drums = instrument.family is Family.DRUMS
    notes, tick = [], chance.choice([100, 400, 1000])
    for _ in range(chance.choice([5, 30, 80])):
        tick += chance.choice([3, 7, 11, 48, 96, 192, 400])
        lanes = chance.sample(LANES[instrument.family], chance.choice([1, 1, 1, 2, 3, 4]))
        notes += [Note(tick, lane, 0 if drums else chance.choice([0, 0, 21, 41, 61, 301])) for lane in lanes]
        if not drums:
            notes += [Note(tick, mark) for mark in (5, 6) if chance.random() < 0.1]

    def phrases() -> tuple[Phrase, ...]:
        edges = sorted(chance.sample(range(tick + 500), chance.choice([0, 2, 6])))
        return tuple(Phrase(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True))

    lanes_held = phrases() if drums else ()
    return Track(instrument, difficulty, tuple(notes), phrases(), phrases(), phrases() if drums else (), lanes_held)


def make_chart(chance: random.Random) -> Chart:
    tempos = [Tempo(tick, chance.randint(40_000, 250_000)) for tick in (0, *sorted(chance.sample(range(1, 9000), 2)))]
    bars = [TimeSignature(192 * beat, chance.choice([3, 4, 5, 7]), chance.choice([4, 8])) for beat in (0, 12, 40)]
    events = [Event(chance.randint(0, 9000), "section A")] * chance.choice([0, 1])
    events += [Event(chance.randint(0, 20_000), "end") for _ in range(chance.choice([0, 1, 2]))]
    tracks = [
        make_track(chance, instrument, difficulty)
        for instrument in chance.sample(list(Instrument), 2)
        for difficulty in chance.sample(list(Difficulty), 3)
    ]
    return Chart(192, {}, tuple(tempos), tuple(bars), tuple(sorted(events)), tuple(tracks))


def save(folder: Path, chart: Chart) -> Path:
    folder.mkdir()
    (folder / "notes.chart").write_bytes(notes_chart.render(chart))
    (folder / "song.ini").write_bytes(INI)
    (folder / "song.ogg").write_bytes(b"OggS")
    return folder


def found(folder: Path) -> set[tuple[str, str | None, str | None]]:
    files = {file.name: file.stat().st_size for file in folder.iterdir()}
    problems = check_song(files, INI, (folder / "notes.chart").read_bytes())
    return {(problem.code, problem.instrument, problem.difficulty) for problem in problems}


def test_both_find_the_same(tmp_path: Path) -> None:
    chance = random.Random(1)
    charts = [make_chart(chance) for _ in range(100)]
    folders = [save(tmp_path / str(number), chart) for number, chart in enumerate(charts)]
    seen = set()
    for folder, chart, result in zip(folders, charts, scan_chart.scan(folders), strict=True):
        theirs = {(i["noteIssue"], i["instrument"], i["difficulty"]) for i in result["chartIssues"]}
        theirs |= {(i["folderIssue"], None, None) for i in result["folderIssues"]}
        for code, instrument, difficulty in found(folder) ^ theirs:
            # It forbids every chord of three on a six-fret Hard, and means only those of both colours.
            six_fret_hard = code == "difficultyForbiddenNote" and difficulty == "hard" and "ghl" in str(instrument)
            assert code in OTHERWISE or six_fret_hard, (folder, code, instrument, difficulty)
        seen |= {code for code, *_ in theirs}
        counts = {(c["instrument"], c["difficulty"]): c["count"] for c in result["noteCounts"]}
        assert {(t.instrument, t.difficulty): t.notes for t in summarise(chart).tracks} == counts
    assert len(seen) >= 12


def test_a_song_without_a_problem_has_none_for_it_either(tmp_path: Path) -> None:
    folder = save(tmp_path / "song", CHART)
    (result,) = scan_chart.scan([folder])
    assert result["chartIssues"] == result["metadataIssues"] == []
    assert [issue["folderIssue"] for issue in result["folderIssues"]] == ["noAlbumArt"]
    assert result["playable"]

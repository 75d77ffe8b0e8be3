"""How good the notes are: whole song folders generated from the songs of `human`, against their human Expert charts.

The trees are trained on the songs of one package too, so those show how well they fit; the others are held out.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mir_eval
import numpy as np
import soundfile
from numpy.typing import NDArray

from davproxy.charter.generate import generate
from davproxy.charter.options import Options
from davproxy.charter.signal.audio import RATE
from davproxy.formats import notes_chart, rules
from davproxy.formats.chart import BLUE, ORANGE, Chart, Difficulty, Instrument, Track
from tests.bench import human
from tests.bench.feel import Feel, feel
from tests.bench.human import HumanSong

WINDOW = 0.05  # seconds


@dataclass(frozen=True)
class Notes:
    """How a chart compares with the human one. `f` and `f25` are the F measure of onsets within 50 and 25 ms; `contour`
    is the share of steps from note to note that go the same way (up, same, down) as the human's; `off` the share of
    notes that lie on no 1/16, 1/24 or 1/32; `problems` counts what the rules find. `medium_f` is the F of Medium, nan
    where nobody charted it; `feel`, `medium` and `easy` are how Expert, Medium and Easy play."""

    f: float
    f25: float
    contour: float
    density: float
    chords: float
    sustains: float
    off: float
    problems: int
    cpu: float
    medium_f: float
    feel: Feel
    medium: Feel
    easy: Feel


COLUMNS: dict[str, Callable[[list[Notes]], str]] = {
    "onsets F": lambda found: f"{np.mean([n.f for n in found]):.3f}",
    "F@25ms": lambda found: f"{np.mean([n.f25 for n in found]):.3f}",
    "contour": lambda found: f"{np.mean([n.contour for n in found]):.3f}",
    "notes/s": lambda found: f"{np.mean([n.density for n in found]):.2f}",
    "chords %": lambda found: f"{100 * np.mean([n.chords for n in found]):.0f}",
    "sustains %": lambda found: f"{100 * np.mean([n.sustains for n in found]):.0f}",
    "off grid %": lambda found: f"{100 * np.mean([n.off for n in found]):.1f}",
    "problems": lambda found: f"{sum(n.problems for n in found)}",
    "Medium F": lambda found: f"{np.nanmean([n.medium_f for n in found] or [np.nan]):.3f}",
    "repeated": lambda found: f"{np.mean([n.feel.repeated for n in found]):.2f}",
    "same fret": lambda found: f"{np.mean([n.feel.same for n in found]):.2f}",
    "HOPOs": lambda found: f"{np.mean([n.feel.hopos for n in found]):.2f}",
    "orange": lambda found: f"{orange([n.feel for n in found]):.2f}",
    "M blue": lambda found: f"{np.mean([n.medium.lanes[BLUE] for n in found]):.2f}",
    "E fullest": lambda found: f"{np.max(np.mean([n.easy.lanes for n in found], axis=0)):.2f}",
    "CPU s": lambda found: f"{np.mean([n.cpu for n in found]):.1f}",
}


def table() -> None:
    for package, learned in ((human.KNOWN, "learned from"), (human.HELD_OUT, "held out")):
        print(f"\nNotes of real songs against human Expert ({package}: {learned})")
        print(f"{'':38}", *(f"{column:>10}" for column in COLUMNS))
        songs = human.songs(package)
        if songs:
            people = [feel(expert(song.chart), song.chart.resolution) for song in songs]
            same, hopos = np.mean([part.same for part in people]), np.mean([part.hopos for part in people])
            repeated = np.mean([part.repeated for part in people])
            print(f"people: repeated {repeated:.2f} same {same:.2f} HOPOs {hopos:.2f} orange {orange(people):.2f}")
        for label, on_stem in (("mix", False), ("guitar stem", True)):
            results = []
            for song in songs:
                results.append(judged(song, on_stem))
                row(f"{label}: {song.name}", results[-1:])
            if results:
                row(f"{label}: mean", results)


def orange(parts: list[Feel]) -> float:
    return float(np.mean([part.lanes[ORANGE] for part in parts]))


def row(name: str, found: list[Notes]) -> None:
    print(f"{name:38}", *(f"{show(found):>10}" for show in COLUMNS.values()), flush=True)


def judged(song: HumanSong, on_stem: bool) -> Notes:
    with tempfile.TemporaryDirectory() as scratch:
        sources = [song.folder / stem for stem in human.STEMS]
        if not on_stem:
            sources = [Path(scratch, "mix.wav")]
            soundfile.write(sources[0], song.audio.samples, RATE, subtype="FLOAT")
        start = time.process_time()
        made = generate(sources, Path(scratch, "song"), Options(name=f"{song.folder.parent.name} - {song.name}"))
        cpu = time.process_time() - start
        files = {path.name: path.stat().st_size for path in made.folder.iterdir()}
        notes = (made.folder / "notes.chart").read_bytes()
        problems = rules.check_song(files, (made.folder / "song.ini").read_bytes(), notes)
    chart = notes_chart.parse(notes)
    own, theirs = expert(chart), expert(song.chart)
    times = human.chart_times(chart, starts(own)) - (made.seconds - song.audio.seconds)
    truth = song.onsets(Difficulty.EXPERT)
    chords = own.chords()
    medium, easy = (chart.track(Instrument.GUITAR, each) for each in (Difficulty.MEDIUM, Difficulty.EASY))
    assert medium
    assert easy
    return Notes(
        f=mir_eval.onset.f_measure(truth, times, window=WINDOW)[0],
        f25=mir_eval.onset.f_measure(truth, times, window=WINDOW / 2)[0],
        contour=contour(truth, heights(theirs), times, heights(own)),
        density=len(times) / float(times[-1] - times[0]),
        chords=float(np.mean([len(chord) > 1 for chord in chords])),
        sustains=float(np.mean([chord[0].length > 0 for chord in chords])),
        off=float(np.mean([all(tick % (chart.resolution // part) for part in (6, 8)) for tick in starts(own)])),
        problems=len(problems),
        cpu=cpu,
        medium_f=medium_f(song, human.chart_times(chart, starts(medium)) - (made.seconds - song.audio.seconds)),
        feel=feel(own, chart.resolution),
        medium=feel(medium, chart.resolution),
        easy=feel(easy, chart.resolution),
    )


def medium_f(song: HumanSong, times: NDArray[np.float64]) -> float:
    if song.chart.track(Instrument.GUITAR, Difficulty.MEDIUM) is None:
        return np.nan
    return float(mir_eval.onset.f_measure(song.onsets(Difficulty.MEDIUM), times, window=WINDOW)[0])


def expert(chart: Chart) -> Track:
    track = chart.track(Instrument.GUITAR, Difficulty.EXPERT)
    assert track is not None
    return track


def starts(track: Track) -> list[int]:
    return [chord[0].tick for chord in track.chords()]


def heights(track: Track) -> NDArray[np.float64]:
    """The mean fret of each chord."""
    return np.array([np.mean([note.lane for note in chord]) for chord in track.chords()])


def contour(
    truth: NDArray[np.float64], wanted: NDArray[np.float64], times: NDArray[np.float64], found: NDArray[np.float64]
) -> float:
    """The share of steps that go the same way, between notes that both charts have."""
    pairs = mir_eval.util.match_events(truth, times, WINDOW)
    human_steps = np.sign(np.diff(wanted[[a for a, _ in pairs]]))
    own_steps = np.sign(np.diff(found[[b for _, b in pairs]]))
    return float(np.mean(human_steps == own_steps))

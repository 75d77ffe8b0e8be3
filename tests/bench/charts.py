"""How good the charter is: python -m tests.bench.charts [--cache DIR] [--part test|train] [--each] [--forms] [--drums]
    [--by-hand]

Prints the timing and the notes of real songs with human charts, those that the trees were trained on and those held
out, and the drums and the timing of the synthetic set (its test part, which no model was fitted to). Rendered audio is
kept in --cache; the first run makes it.
"""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import mir_eval
import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.downbeats import grid_with_drums
from davproxy.charter.signal import audio
from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.features import spectral_features
from davproxy.charter.signal.onset_strength import onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.structure.slots import beat_division
from davproxy.charter.timing.attacks import align_with_attacks
from davproxy.charter.timing.beat_tracking import find_grid
from davproxy.charter.timing.grid import Grid
from tests.bench import by_hand, drums, human, lags, notes, tunes

PROCESSES = 2
EXCERPT, EXCERPTS = 40.0, 6  # seconds of the parts of a real song that are judged alone, and how many
CLOSE = 0.005  # relative error of a tempo that counts as found


@dataclass(frozen=True)
class Timing:
    """How a grid compares with true beats. `f`, `f25`, `cmlt`, `amlt` and `downbeat_f` are those of mir_eval, 0 to 1;
    `tempo` is the relative error of the tempo, halves and doubles counted as right; `off` is the median distance to the
    nearest half beat, and `cpu` the time it took, both in seconds."""

    f: float
    f25: float
    cmlt: float
    amlt: float
    downbeat_f: float
    tempo: float
    off: float
    pieces: float
    cpu: float


def timing(beats: NDArray[np.float64], downbeats: NDArray[np.float64], grid: Grid, cpu: float) -> Timing:
    start, end = float(beats[0]) - 0.35, float(beats[-1]) + 0.35
    found = grid.time(grid.beats(start, end))
    bars = grid.time(grid.downbeats(start, end))
    continuity = mir_eval.beat.continuity(beats, found)
    ratio = np.median(np.diff(found)) / np.median(np.diff(beats))
    halves = np.sort(np.concatenate([beats, (beats[1:] + beats[:-1]) / 2]))
    apart = np.abs(found[:, None] - halves).min(axis=1)
    return Timing(
        f=mir_eval.beat.f_measure(beats, found),
        f25=mir_eval.beat.f_measure(beats, found, f_measure_threshold=0.025),
        cmlt=continuity[1],
        amlt=continuity[3],
        downbeat_f=mir_eval.beat.f_measure(downbeats, bars),
        tempo=float(min(abs(ratio * octave - 1) for octave in (0.5, 1, 2))),
        off=float(np.median(apart)),
        pieces=len(grid.segments),
        cpu=cpu,
    )


def timed_grid(sound: audio.Audio) -> tuple[Grid, float]:
    """The grid, and the CPU seconds it took, without those of the features, which notes need in any case."""
    start = time.process_time()
    mel = log_mel(sound.samples)
    onsets = onset_strength(mel)
    ranked = find_grid(sound, onsets)
    found = time.process_time()
    features = spectral_features(sound.samples, mel)
    ready = time.process_time()
    grid, _, _ = grid_with_drums(ranked, beat_division(ranked.grid, onsets), sound.seconds, features)
    grid = align_with_attacks(grid, sound.samples)
    return grid, time.process_time() - ready + found - start


def judge_tune(label: str, cache: Path, tune: tunes.Tune) -> Timing:
    rendering = tunes.render(tune, tunes.TEMPI[label](tune), label, cache)
    sound = audio.load(rendering.audio)
    grid, cpu = timed_grid(sound)
    inside = partial(within, start=5.0, end=sound.seconds)
    return timing(inside(rendering.beats), inside(rendering.downbeats), grid, cpu)


def within(times: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    return times[(times >= start) & (times <= end)]


def real_table(package: str) -> None:
    print(f"\nReal songs, human charts (fretsonfire-songs-{package}), mix")
    results, anywhere = [], []
    for song in human.songs(package):
        grid, cpu = timed_grid(song.audio)
        beats = song.beats
        bars = human.all_beats(song.chart, beats[-1])[::4] + song.attack_lag
        results.append(timing(beats, within(bars, beats[0], beats[-1]), grid, cpu))
        row(song.name, [results[-1]])
        starts = np.linspace(beats[0], beats[-1] - EXCERPT, EXCERPTS + 2)[1:-1]
        anywhere += [judge_excerpt(song.audio, start, beats, bars) for start in starts]
    if results:
        row("mean", results)
        row(f"mean of {EXCERPT:.0f} s that begin anywhere", anywhere)
    else:
        print(f"left out: install fretsonfire-songs-{package}")


def judge_excerpt(
    sound: audio.Audio, start: float, beats: NDArray[np.float64], downbeats: NDArray[np.float64]
) -> Timing:
    """How well the grid of EXCERPT seconds of a song from `start` (seconds) on fits."""
    grid, cpu = timed_grid(excerpt(sound, start))
    inside = partial(within, start=start + 1.0, end=start + EXCERPT - 1.0)
    return timing(inside(beats) - start, inside(downbeats) - start, grid, cpu)


def by_hand_table(package: str) -> None:
    """Excerpts as found, and as a person corrects them."""
    found, by_person = [], []
    chance = np.random.default_rng(1)
    for song in human.songs(package):
        beats = song.beats
        bars = human.all_beats(song.chart, beats[-1])[::4] + song.attack_lag
        for start in np.linspace(beats[0], beats[-1] - EXCERPT, EXCERPTS + 2)[1:-1]:
            found.append(judge_excerpt(song.audio, start, beats, bars))
            sound = excerpt(song.audio, start)
            inside = partial(within, start=start + 1.0, end=start + EXCERPT - 1.0)
            true_beats, true_bars = inside(beats) - start, inside(bars) - start
            corrected = by_hand.grid_by_hand(sound, true_beats, true_bars, chance)
            by_person.append(timing(true_beats, true_bars, corrected, 0.0))
    row(f"{package}: {EXCERPT:.0f} s anywhere, as found", found)
    row(f"{package}: corrected by hand", by_person)


def excerpt(sound: audio.Audio, start: float) -> audio.Audio:
    """EXCERPT seconds of a song from `start` (seconds) on."""
    return replace(sound, samples=sound.samples[round(start * RATE) :][: round(EXCERPT * RATE)])


def synthetic_table(cache: Path, part: str, each: bool) -> None:
    print(f"\nSynthetic set, {part} part")
    if missing := tunes.missing():
        print(f"left out: install {missing}")
        return
    chosen = [tune for tune in tunes.tunes(cache) if tune.is_test == (part == "test")]
    for label in tunes.TEMPI:
        with ProcessPoolExecutor(PROCESSES) as pool:
            results = list(pool.map(partial(judge_tune, label, cache), chosen, chunksize=4))
        if each:
            for tune, result in zip(chosen, results, strict=True):
                row(f"{label} {tune.name}", [result])
        for source in sorted({tune.source for tune in chosen}):
            row(f"{label} {source}", [r for t, r in zip(chosen, results, strict=True) if t.source == source])
        row(f"{label}, all", results)


COLUMNS: dict[str, Callable[[list[Timing]], str]] = {
    "songs": lambda results: f"{len(results)}",
    "F": lambda results: f"{np.mean([r.f for r in results]):.3f}",
    "F@25ms": lambda results: f"{np.mean([r.f25 for r in results]):.3f}",
    "CMLt": lambda results: f"{np.mean([r.cmlt for r in results]):.3f}",
    "AMLt": lambda results: f"{np.mean([r.amlt for r in results]):.3f}",
    "downbeat F": lambda results: f"{np.mean([r.downbeat_f for r in results]):.3f}",
    "tempo within .5 %": lambda results: f"{np.mean([r.tempo < CLOSE for r in results]):.3f}",
    "tempo error %": lambda results: f"{100 * np.median([r.tempo for r in results]):.4f}",
    "off ms": lambda results: f"{1000 * np.median([r.off for r in results]):.1f}",
    "pieces": lambda results: f"{np.mean([r.pieces for r in results]):.1f}",
    "CPU s": lambda results: f"{np.mean([r.cpu for r in results]):.2f}",
}


def heading() -> None:
    print(f"{'':38}", *(f"{column:>{max(7, len(column))}}" for column in COLUMNS))


def row(name: str, results: list[Timing]) -> None:
    print(f"{name:38}", *(f"{show(results):>{max(7, len(column))}}" for column, show in COLUMNS.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path("build/tunes"), help="where rendered audio is kept")
    parser.add_argument("--part", choices=("test", "train"), default="test", help="which half of the synthetic set")
    parser.add_argument("--each", action="store_true", help="a row for every tune too")
    parser.add_argument("--forms", action="store_true", help="only the lag by form of audio")
    parser.add_argument("--drums", action="store_true", help="only the drums of synthetic tunes")
    parser.add_argument("--by-hand", action="store_true", help="only what a person's correction of the grid is worth")
    options = parser.parse_args()
    if options.forms:
        lags.table()
        return
    if options.drums:
        drums.table(options.cache)
        return
    if options.by_hand:
        heading()
        by_hand_table(human.KNOWN)
        by_hand_table(human.HELD_OUT)
        return
    heading()
    for package in (human.KNOWN, human.HELD_OUT):
        real_table(package)
    notes.table()
    drums.table(options.cache)
    heading()
    synthetic_table(options.cache, options.part, options.each)
    lags.table()


if __name__ == "__main__":
    main()

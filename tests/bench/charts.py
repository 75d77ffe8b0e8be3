"""How good the charter is: python -m tests.bench.charts [--cache DIR] [--part test|train] [--each] [--forms] [--drums]

Prints the timing and the notes of real songs with human charts, those that the trees were trained on and those held
out, and the drums and the timing of the synthetic set (its test part, which no model was fitted to). Rendered audio is
kept in --cache; the first run makes it.
"""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import mir_eval
import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal import audio
from davproxy.charter.signal.onset_strength import onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.timing.attacks import align_with_attacks
from davproxy.charter.timing.beat_tracking import find_grid
from davproxy.charter.timing.grid import Grid
from tests.bench import drums, human, lags, notes, tunes

PROCESSES = 2
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
    start = time.process_time()
    grid = align_with_attacks(find_grid(sound, onset_strength(log_mel(sound.samples))), sound.samples)
    return grid, time.process_time() - start


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
    results = []
    for song in human.songs(package):
        grid, cpu = timed_grid(song.audio)
        beats = song.beats
        bars = human.all_beats(song.chart, beats[-1])[::4] + song.attack_lag
        results.append(timing(beats, within(bars, beats[0], beats[-1]), grid, cpu))
        row(song.name, [results[-1]])
    if results:
        row("mean", results)
    else:
        print(f"left out: install fretsonfire-songs-{package}")


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
    options = parser.parse_args()
    if options.forms:
        lags.table()
        return
    if options.drums:
        drums.table(options.cache)
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

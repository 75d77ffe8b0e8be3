"""Train the two forests of davproxy/charter/timing/meter.py on the training part of the synthetic set.

    python -m tests.bench.train_meter [--cache DIR] [--check]

prints how good each choice is in cross-validation by tune, and writes davproxy/charter/models/meter.npz. The same
packages, versions and tunes give the same file; `--check` writes nothing, and fails unless it is that file.
"""

import argparse
import hashlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import lcm
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor

from davproxy.charter.models import forest
from davproxy.charter.signal import audio
from davproxy.charter.signal.audio import RATE, Audio
from davproxy.charter.signal.onset_strength import EARLY, onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.timing.bar_choice import STARTS, bar_features, bar_rows, bar_scores, bars, first_beat, parts
from davproxy.charter.timing.beat_choice import beat_features, beat_rows, beats, first_tatum, part_profiles
from davproxy.charter.timing.beat_tracking import played_beats
from davproxy.charter.timing.meter import WEIGHTS, meter_cues
from davproxy.charter.timing.tactus import in_thirds, track_tatums
from tests.bench import tunes

TREES = 40
LEAF = 12
ANYWHERE = 0.25  # share of the parts that are learned from as if the music began anywhere
IN_TRIPLETS = "#triplets"  # ends the names of such tunes


@dataclass(frozen=True)
class Example:
    """One song: how good each choice is, `worth`, 0 to 1, (choices,), and the features of each, over the `whole` song
    and over each of its `parts`: (choices, features)."""

    name: str
    whole: NDArray[np.float32]
    parts: list[NDArray[np.float32]]
    worth: NDArray[np.float64]


def roughened(sound: Audio, name: str) -> tuple[Audio, float]:
    """The sound as a recording might be, overdriven and its tone bent, and the seconds cut off its start. One in four
    is cut, since not every recording begins with a bar, as MIDI files do."""
    draw = np.random.default_rng(list(name.encode()))
    cut = float(draw.uniform(2.0, 20.0)) if draw.random() < 0.25 else 0.0
    samples = sound.samples[int(cut * RATE) :]
    bent = samples + draw.uniform(-0.5, 0.9) * np.concatenate([[0.0], samples[:-1]])
    driven = np.tanh(bent / np.sqrt(np.mean(bent**2) + 1e-12) * draw.uniform(0.5, 3.0))
    return replace(sound, samples=driven.astype(np.float32)), cut


def examples(tune: tunes.Tune, sound: Audio, true_beats: NDArray[np.float64]) -> tuple[Example, Example | None]:
    """What there is to learn from one song about its beat, and about its bar where its meter is one of ours. The parts
    are those that the charter ranks, since a forest that knows whole songs alone doubles the tempo of parts. In some of
    them the music begins anywhere, as in recordings."""
    draw = np.random.default_rng(list(f"parts {tune.name}".encode()))
    onsets = onset_strength(log_mel(sound.samples))
    cues, tatums = meter_cues(sound, onsets), in_thirds(onsets.total, track_tatums(onsets.total))
    choices = beats(tatums)
    inside = true_beats[(true_beats > 5) & (true_beats < sound.seconds)]
    found = [tatums.time(choice.positions(tatums, sound.seconds)) for choice in choices]
    worth = np.array([mir_eval.beat.f_measure(inside, mir_eval.beat.trim_beats(times + EARLY)) for times in found])
    starts, start = np.arange(0.0, lcm(*(choice.tatums for choice in choices)), 0.25), first_tatum(cues, tatums)
    profiles = part_profiles(cues, tatums, choices)
    heard = [beat_rows(profile, choices, beginning(draw, start, starts)) for profile in profiles]
    beat = Example(tune.name, beat_features(cues, tatums, choices), heard, worth)
    count = {2: 4, 6: 3}.get(tune.beats_per_bar, tune.beats_per_bar)
    if worth.max() < 0.9 or count not in (3, 4):
        return beat, None
    times = found[int(np.argmax(worth))]
    times = times[played_beats(cues, times)]
    layouts, start = bars(), first_beat(cues, times)
    numbers = np.array([np.argmin(np.abs(true_beats - time - EARLY)) for time in times])
    common = np.bincount((numbers - np.arange(len(numbers))) % 12).argmax()  # the truth's number of our beat 0, mod 12
    right = [float(layout.beats == count and (common + layout.offset) % tune.beats_per_bar == 0) for layout in layouts]
    heard = [
        bar_rows(bar_scores(cues, times[part]), turned, beginning(draw, start - part.start, np.array(STARTS)))
        for part, turned in parts(layouts, len(times))
    ]
    return beat, Example(tune.name, bar_features(cues, times, layouts), heard, np.array(right))


def beginning(draw: np.random.Generator, start: float, starts: NDArray[Any]) -> float:
    """Where a part is said to begin: at `start`, or at any of `starts`."""
    return float(draw.choice(starts)) if draw.random() < ANYWHERE else start


def lessons(tune: tunes.Tune, cache: Path) -> Iterator[tuple[Example, Example | None]]:
    """The tune as it is at its constant tempo, and roughened at a changing one; that in triplets too, where it can
    be."""
    yield lesson(tune, "constant", cache)
    yield lesson(tune, "changing", cache)
    if goes_in_quarters(tune):
        yield lesson(in_triplets(tune), "changing", cache)


def lesson(tune: tunes.Tune, label: str, cache: Path) -> tuple[Example, Example | None]:
    rendering = tunes.render(tune, tunes.TEMPI[label](tune), label, cache)
    sound, cut = audio.load(rendering.audio), 0.0
    if label == "changing":
        sound, cut = roughened(sound, tune.name)
    return examples(tune, sound, rendering.beats - cut)


def goes_in_quarters(tune: tunes.Tune) -> bool:
    """Whether its beats are simple ones, in bars of two or four, and its notes begin on quarters of them."""
    starts = np.array([event.beat for event in tune.events if tunes.is_start(event.message)])
    off = np.abs(starts * 4 - np.round(starts * 4)) / 4
    return tune.beat_quarters == 1 and tune.beats_per_bar in (2, 4) and bool(np.mean(off < 0.03) > 0.8)


def in_triplets(tune: tunes.Tune) -> tunes.Tune:
    """The tune without the last quarter of each beat, and slower: its sixteenths become triplets, its eighths a
    shuffle. Free MIDI has few of these at slow tempi, and a forest that knows none takes them for bars of three, 3/2 as
    fast."""
    kept = 0.75
    events = tuple(
        replace(event, beat=event.beat // 1 + min(event.beat % 1 / kept, 1.0))
        for event in tune.events
        if event.beat % 1 < kept or not tunes.is_start(event.message)
    )
    return replace(tune, name=tune.name + IN_TRIPLETS, events=events, bpm=tune.bpm * kept)


def fit(known: list[Example]) -> Any:
    """A forest that learned all examples; the parts of a song count together as much as the whole of it."""
    rows = np.concatenate([rows for e in known for rows in (e.whole, *e.parts)])
    worth = np.concatenate([np.tile(e.worth, 1 + len(e.parts)) for e in known])
    weights = [weight for e in known for weight in (1.0, *[1 / len(e.parts)] * len(e.parts)) for _ in e.worth]
    model = ExtraTreesRegressor(TREES, min_samples_leaf=LEAF, max_features=0.3, random_state=0)
    return model.fit(rows, worth, weights)


def cross_validated(known: list[Example], folds: int = 5) -> str:
    """Mean worth of what the parts choose for tunes that the model has not seen in any form, and for those in
    triplets."""
    fold = [hashlib.sha256(e.name.removesuffix(IN_TRIPLETS).encode()).digest()[1] % folds for e in known]
    got: dict[bool, list[float]] = {False: [], True: []}
    for index in range(folds):
        model = fit([e for e, f in zip(known, fold, strict=True) if f != index])
        for e in (e for e, f in zip(known, fold, strict=True) if f == index):
            ranks = np.mean([model.predict(rows) for rows in e.parts], axis=0)
            got[e.name.endswith(IN_TRIPLETS)].append(e.worth[np.argmax(ranks)])
    return f"{np.mean(got[False]):.3f} of {len(got[False])}, in triplets {np.mean(got[True]):.3f} of {len(got[True])}"


def arrays(model: Any, name: str) -> dict[str, NDArray[Any]]:
    """A fitted model as the arrays of a Forest, trees laid end to end, leaves pointing to themselves."""
    parts: dict[str, list[NDArray[Any]]] = {field: [] for field in forest.Forest.__dataclass_fields__}
    start = 0
    for estimator in model.estimators_:
        tree = estimator.tree_
        leaf = tree.children_left < 0
        own = np.arange(tree.node_count)
        parts["feature"].append(np.where(leaf, 0, tree.feature).astype(np.int16))
        parts["threshold"].append(tree.threshold.astype(np.float32))
        parts["left"].append((np.where(leaf, own, tree.children_left) + start).astype(np.int32))
        parts["right"].append((np.where(leaf, own, tree.children_right) + start).astype(np.int32))
        parts["value"].append(tree.value[:, 0, 0].astype(np.float32))
        parts["roots"].append(np.array([start], dtype=np.int32))
        start += tree.node_count
    return {f"{name}_{field}": np.concatenate(values) for field, values in parts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path("build/tunes"), help="where rendered audio is kept")
    parser.add_argument("--check", action="store_true", help="compare with the file that is there, and leave that")
    arguments = parser.parse_args()
    beat: list[Example] = []
    bar: list[Example] = []
    for tune in tunes.tunes(arguments.cache):
        if not tune.is_test:
            for for_beat, for_bar in lessons(tune, arguments.cache):
                beat.append(for_beat)
                bar += [for_bar] if for_bar else []
    beat = [example for example in beat if example.worth.max() > 0.85]  # else there is nothing to choose
    print(f"beat, mean F:    {cross_validated(beat)}")
    print(f"bar, how often:  {cross_validated(bar)}")
    weights = io.BytesIO()
    np.savez_compressed(weights, allow_pickle=False, **arrays(fit(beat), "beat"), **arrays(fit(bar), "bar"))
    if not arguments.check:
        WEIGHTS.write_bytes(weights.getvalue())
    elif WEIGHTS.read_bytes() != weights.getvalue():
        sys.exit(f"{WEIGHTS} is not what is learned here")


if __name__ == "__main__":
    main()

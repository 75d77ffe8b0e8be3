"""Train the two forests of davproxy/charter/meter.py on the training half of the synthetic set.

    python -m tests.bench.train_meter [--cache DIR]

writes davproxy/charter/meter.npz and prints how often each choice is right in cross-validation by tune.
The same packages and versions give the same file.
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor

from davproxy.charter import audio, forest
from davproxy.charter.flux import LEAD, flux
from davproxy.charter.harmony import harmony
from davproxy.charter.meter import WEIGHTS, bar_features, bars, beat_features, beats
from davproxy.charter.pulse import find_pulse
from tests.bench import tunes

TREES = 40
LEAF = 6


@dataclass(frozen=True)
class Example:
    """One song: a row of features for each choice, and how good that choice is, 0 to 1."""

    name: str
    rows: NDArray[np.float32]
    worth: NDArray[np.float64]


def examples(rendering: tunes.Rendering) -> tuple[Example, Example | None]:
    sound = audio.load(rendering.audio)
    onsets = flux(sound)
    pulse = find_pulse(onsets.whole)
    choices = beats(pulse)
    truth = rendering.beats[(rendering.beats > 5) & (rendering.beats < sound.seconds)]
    heard = [pulse.time(choice.places(pulse, sound.seconds)) for choice in choices]
    worth = np.array([mir_eval.beat.f_measure(truth, mir_eval.beat.trim_beats(times + LEAD)) for times in heard])
    beat = Example(rendering.tune.name, beat_features(onsets, pulse, choices), worth)
    count = {2: 4, 6: 3}.get(rendering.tune.beats_per_bar, rendering.tune.beats_per_bar)
    if worth.max() < 0.9 or count not in (3, 4):
        return beat, None
    times = heard[int(np.argmax(worth))]
    layouts = bars()
    numbers = np.array([np.argmin(np.abs(rendering.beats - time - LEAD)) for time in times])
    common = np.bincount((numbers - np.arange(len(numbers))) % 12).argmax()  # the truth's number of our beat 0, mod 12
    right = [
        float(layout.beats == count and (common + layout.offset) % rendering.tune.beats_per_bar == 0)
        for layout in layouts
    ]
    return beat, Example(rendering.tune.name, bar_features(onsets, harmony(sound), times, layouts), np.array(right))


def fit(known: list[Example]) -> Any:
    model = ExtraTreesRegressor(TREES, min_samples_leaf=LEAF, max_features=0.3, random_state=0)
    return model.fit(np.concatenate([e.rows for e in known]), np.concatenate([e.worth for e in known]))


def cross_validated(known: list[Example], folds: int = 5) -> float:
    """Mean worth of what is chosen for tunes that the model has not seen."""
    fold = np.array([hashlib.sha256(e.name.encode()).digest()[1] % folds for e in known])
    got = []
    for index in range(folds):
        model = fit([e for e, f in zip(known, fold, strict=True) if f != index])
        got += [e.worth[np.argmax(model.predict(e.rows))] for e, f in zip(known, fold, strict=True) if f == index]
    return float(np.mean(got))


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
    cache = parser.parse_args().cache
    beat: list[Example] = []
    bar: list[Example] = []
    for tune in tunes.tunes(cache):
        if tune.is_test:
            continue
        for label, tempo in tunes.TEMPI.items():
            for_beat, for_bar = examples(tunes.render(tune, tempo(tune), label, cache))
            beat.append(for_beat)
            bar += [for_bar] if for_bar else []
    beat = [example for example in beat if example.worth.max() > 0.85]  # else there is nothing to choose
    print(f"beat: {len(beat)} songs, best {np.mean([e.worth.max() for e in beat]):.3f}, {cross_validated(beat):.3f}")
    print(f"bar:  {len(bar)} songs, {cross_validated(bar):.3f} right")
    weights = arrays(fit(beat), "beat") | arrays(fit(bar), "bar")
    np.savez_compressed(WEIGHTS, allow_pickle=False, **weights)


if __name__ == "__main__":
    main()

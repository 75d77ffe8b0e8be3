"""Train the trees of davproxy/charter/models/notes.npz: which slots are played, and the melody's contour.

    python -m tests.bench.train_notes [--cache DIR] [--check]

writes davproxy/charter/models/notes.npz. They are trained on the four songs of `human` (MIT), on the training half of
Freedoom's music (BSD) and of MMA's accompaniments, and on the random songs of `rock`, all played with FluidR3_GM (MIT);
and on `mashups` of these.

`--check` prints how good the choices are on each human song when that song is left out. The same packages and versions
give the same file.
"""

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from davproxy.charter.models import boosted
from davproxy.charter.notes.note_selection import ALIKE, LIKELY
from davproxy.charter.notes.rhythm import rhythm_features
from davproxy.charter.signal.features import Array
from davproxy.charter.structure.repetition import blend_with_alike
from tests.bench import lessons
from tests.bench.lessons import PROCESSES, Columns, Song

Model = tuple[HistGradientBoostingClassifier, list[str]]
"""Trees, and the names of the columns that they look at."""


def trained(
    songs: Sequence[Song],
    columns: Callable[[Song], Columns],
    truth: Callable[[Song], NDArray[Any]],
    weight: Callable[[Song], float],
    rounds: int,
) -> Model:
    names = list(columns(songs[0]))
    every = np.concatenate([rows(columns(song), names) for song in songs])
    weights = np.concatenate([np.full(len(truth(song)), weight(song)) for song in songs])
    model = HistGradientBoostingClassifier(
        max_iter=rounds, learning_rate=0.08, max_leaf_nodes=8, max_features=0.3, min_samples_leaf=60,
        l2_regularization=5.0, early_stopping=False, random_state=0,
    )  # fmt: skip
    with threadpool_limits(1):  # so that sums are made in one order
        model.fit(every, np.concatenate([truth(song) for song in songs]), sample_weight=weights)
    return model, names


def rows(columns: Columns, names: Sequence[str]) -> Array:
    """The columns of these names, side by side."""
    return np.stack([columns[name] for name in names], axis=1)


def played_model(songs: Sequence[Song]) -> Model:
    return trained(songs, lambda song: song.slot_columns, lambda song: song.played, lambda song: song.weight, 150)


def reconsidered_model(songs: Sequence[Song]) -> Model:
    """Trained on the chances that trees without a song give its slots: of a song they know they are too sure."""
    people = sorted(frozenset[str]().union(*(song.people for song in songs)))
    part_of = [
        people.index(min(song.people)) if song.people else number % len(people) for number, song in enumerate(songs)
    ]
    models = []
    for part, person in enumerate(people):
        strangers = (s for s, own in zip(songs, part_of, strict=True) if own != part and person not in s.people)
        models.append(played_model(list(strangers)))
    return played_model([reconsidered(song, models[part]) for song, part in zip(songs, part_of, strict=True)])


def reconsidered(song: Song, model: Model) -> Song:
    """The song with the chances that `model` gives its slots beside their features."""
    thought = rhythm_features(yes(model, song.slot_columns), song.slots, song.first)
    return replace(song, slot_columns=song.slot_columns | thought)


def yes(model: Model, columns: Columns) -> NDArray[np.float64]:
    trees, names = model
    with threadpool_limits(1):  # OpenMP's threads would not live on in the processes that `check` forks
        return np.asarray(trees.predict_proba(rows(columns, names))[:, 1])


def moves_model(songs: Sequence[Song]) -> Model:
    """Trained on human charts alone: people move over five frets otherwise than notes move in pitch."""
    charted = [song for song in songs if song.move_columns]
    return trained(charted, lambda song: song.move_columns, lambda song: song.moves, lambda song: 1.0, 80)


def as_arrays(name: str, model: HistGradientBoostingClassifier, features: list[str]) -> dict[str, NDArray[Any]]:
    """A model as the arrays that `boosted.load` reads."""
    arrays: dict[str, NDArray[Any]] = {
        f"{name}_features": np.array(features),
        f"{name}_start": np.asarray(model._baseline_prediction, np.float32).ravel(),
    }
    for kind in range(model.n_trees_per_iteration_):
        base = 0
        parts: dict[str, list[NDArray[Any]]] = {}
        for stage in model._predictors:
            nodes = stage[kind].nodes
            leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
            for field, values in (
                ("feature", np.where(leaf, 0, nodes["feature_idx"]).astype(np.int16)),
                ("threshold", np.where(leaf, 0, nodes["num_threshold"]).astype(np.float32)),
                ("left", (np.where(leaf, own, nodes["left"]) + base).astype(np.int32)),
                ("right", (np.where(leaf, own, nodes["right"]) + base).astype(np.int32)),
                ("value", np.where(leaf, nodes["value"], 0).astype(np.float32)),
                ("roots", np.array([base], dtype=np.int32)),
            ):
                parts.setdefault(field, []).append(values)
            base += len(nodes)
        arrays |= {f"{name}_{kind}_{field}": np.concatenate(values) for field, values in parts.items()}
    return arrays


def check(songs: Sequence[Song], on_stem: bool, label: str) -> None:
    """Onset F (50 ms) and agreement of moves for each human song, by trees trained on everything that holds nothing of
    it."""
    left_out = [song for song in songs if "/" not in song.name]
    with ProcessPoolExecutor(PROCESSES) as pool:
        scores = list(pool.map(partial(score, songs, on_stem), left_out))
    for song, (f, moves) in zip(left_out, scores, strict=True):
        print(f"{label:8} {song.name:24} onsets F {f:.3f}  moves {moves:.3f}", flush=True)
    mean = np.mean(scores, axis=0)
    print(f"{label:8} {'mean':24} onsets F {mean[0]:.3f}  moves {mean[1]:.3f}", flush=True)


def score(songs: Sequence[Song], on_stem: bool, song: Song) -> tuple[float, float]:
    others = [other for other in songs if song.name not in other.people]
    model = played_model(others)
    chances = yes(model, song.slot_columns)
    if on_stem:
        chances = yes(reconsidered_model(others), reconsidered(song, model).slot_columns)
    chances = blend_with_alike(chances, song.first, ALIKE)
    truth, times = song.slots.times[song.played], song.slots.times
    f = mir_eval.onset.f_measure(truth, times[chances >= LIKELY], window=0.05)[0]
    model, names = moves_model(others)
    guessed = model.predict(rows(song.move_columns, names))
    return f, float(np.mean(guessed == song.moves))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cache", type=Path, default=Path("build/tunes"))
    parser.add_argument("--check", action="store_true", help="also leave each human song out and judge it")
    arguments = parser.parse_args()
    arrays: dict[str, NDArray[Any]] = {"version": np.array(boosted.VERSION)}
    known: list[tuple[str, bool, list[Song]]] = []
    for label, on_stem in (("in_mix", False), ("on_stem", True)):
        songs = lessons.songs(on_stem, arguments.cache)
        arrays |= as_arrays(f"played_{label}", *played_model(songs))
        if on_stem:
            arrays |= as_arrays(f"reconsidered_{label}", *reconsidered_model(songs))
        arrays |= as_arrays(f"moves_{label}", *moves_model(songs))
        known.append((label, on_stem, songs))
    np.savez_compressed(boosted.FILE, allow_pickle=False, **arrays)
    if arguments.check:
        for label, on_stem, songs in known:
            check(songs, on_stem, label)


if __name__ == "__main__":
    main()

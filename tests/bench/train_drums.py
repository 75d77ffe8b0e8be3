"""Train the trees that hear drums: python -m tests.bench.train_drums [--cache DIR] [--check]

writes davproxy/charter/models/drums.npz: what is struck at a slot (kick, snare, tom, cymbal), and whether a recording
has drums at all. They are trained on what `drum_lessons` says. `--check` prints how good they are on parts that are
left out. The same packages and versions give the same file.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from davproxy.charter.models import boosted
from davproxy.charter.notes.drum_chances import PIECES, song_features
from tests.bench import drum_lessons
from tests.bench.drum_lessons import Columns, Lesson
from tests.bench.train_notes import Model, as_arrays, rows, yes

ROUNDS, SONG_ROUNDS = 160, 60
FOLDS = 2
HALVES = 2  # of a recording, each of which is asked whether it has drums


def piece_model(lessons: Sequence[Lesson], piece: str) -> Model:
    lessons = [each for each in lessons if each.struck]
    names = list(lessons[0].columns)
    model = HistGradientBoostingClassifier(
        max_iter=ROUNDS, learning_rate=0.08, max_leaf_nodes=10, max_features=0.3, min_samples_leaf=40,
        l2_regularization=5.0, early_stopping=False, random_state=0,
    )  # fmt: skip
    with threadpool_limits(1):  # so that sums are made in one order
        model.fit(np.concatenate([rows(each.columns, names) for each in lessons]), truth(lessons, piece))
    return model, names


def truth(lessons: Sequence[Lesson], piece: str) -> NDArray[np.bool_]:
    return np.concatenate([each.struck[piece] for each in lessons])


def strangers_chances(lessons: Sequence[Lesson]) -> list[dict[str, NDArray[np.float64]]]:
    """The chances that trees without a lesson's part and band give it, by piece: of those they know they are too
    sure."""
    groups = sorted({each.group for each in lessons})
    found: list[dict[str, NDArray[np.float64]]] = [{} for _ in lessons]
    for fold in range(FOLDS):
        own = {group for number, group in enumerate(groups) if number % FOLDS == fold}
        others = [each for each in lessons if each.group not in own]
        for piece in PIECES:
            model = piece_model(others, piece)
            for number, each in enumerate(lessons):
                if each.group in own:
                    found[number][piece] = yes(model, each.columns)
    return found


def song_rows(
    lessons: Sequence[Lesson], chances: Sequence[dict[str, NDArray[np.float64]]]
) -> list[tuple[Lesson, Columns]]:
    """The columns of halves of each lesson, as of a recording."""
    found = []
    for each, known in zip(lessons, chances, strict=True):
        for part in np.array_split(np.arange(len(known[PIECES[0]])), HALVES):
            half = {name: row[part] for name, row in each.columns.items()}
            found.append((each, song_features(half, {piece: row[part] for piece, row in known.items()})))
    return found


def song_model(found: Sequence[tuple[Lesson, Columns]]) -> Model:
    names = list(found[0][1])
    model = HistGradientBoostingClassifier(
        max_iter=SONG_ROUNDS, learning_rate=0.08, max_leaf_nodes=4, max_features=0.3, min_samples_leaf=8,
        l2_regularization=5.0, early_stopping=False, random_state=0,
    )  # fmt: skip
    drums = np.array([each.drums for each, _ in found])
    weights = np.where(drums, 0.5 / drums.mean(), 0.5 / (1 - drums.mean()))
    with threadpool_limits(1):
        model.fit(np.concatenate([rows(columns, names) for _, columns in found]), drums, sample_weight=weights)
    return model, names


def check(lessons: Sequence[Lesson], chances: Sequence[dict[str, NDArray[np.float64]]]) -> None:
    for label in ("alone", "in a mix"):
        chosen = [number for number, each in enumerate(lessons) if each.name.endswith(label) and each.struck]
        for piece in PIECES:
            true = truth([lessons[number] for number in chosen], piece)
            asked = np.concatenate([chances[number][piece] for number in chosen])
            scores = {least: f_measure(true, asked >= least) for least in (0.3, 0.35, 0.4, 0.45, 0.5)}
            print(f"{label:10} {piece:8}", *(f"{least}: {score:.3f}" for least, score in scores.items()), flush=True)


def f_measure(true: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    return 2 * float(np.sum(true & found)) / max(float(np.sum(true) + np.sum(found)), 1.0)


def check_songs(found: Sequence[tuple[Lesson, Columns]]) -> None:
    groups = sorted({each.group for each, _ in found})
    right: dict[str, list[bool]] = {}
    for fold in range(FOLDS):
        own = {group for number, group in enumerate(groups) if number % FOLDS == fold}
        model = song_model([pair for pair in found if pair[0].group not in own])
        for each, columns in found:
            if each.group in own:
                label = next(kind for kind in ("alone", "in a mix", "missing") if each.name.endswith(kind))
                right.setdefault(label, []).append(bool((yes(model, columns)[0] >= 0.5) == each.drums))
    for label, found_right in right.items():
        print(f"{label:10} whether there are drums: {np.mean(found_right):.3f} right", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cache", type=Path, default=Path("build/tunes"))
    parser.add_argument("--check", action="store_true", help="also print how good they are on parts left out")
    options = parser.parse_args()
    if absent := [str(font) for font in drum_lessons.FONTS if not font.exists()]:
        parser.error(f"{absent[0]} is missing: install fluid-soundfont-gm and musescore-general-soundfont-small")
    lessons = drum_lessons.lessons(options.cache)
    arrays: dict[str, NDArray[Any]] = {"version": np.array(boosted.VERSION)}
    for piece in PIECES:
        arrays |= as_arrays(piece, *piece_model(lessons, piece))
    chances = strangers_chances(lessons)
    found = song_rows(lessons, chances)
    arrays |= as_arrays("drums", *song_model(found))
    np.savez_compressed(boosted.DRUMS, allow_pickle=False, **arrays)
    if options.check:
        check(lessons, chances)
        check_songs(found)


if __name__ == "__main__":
    main()

"""What the trees that hear drums learn."""

import numpy as np
import pytest

from davproxy.charter.notes.drum_chances import PIECES
from tests.bench.drum_lessons import Lesson
from tests.bench.train_drums import piece_model, strangers_chances
from tests.bench.train_notes import as_arrays

SLOTS = 240

pytestmark = pytest.mark.slow  # scikit-learn takes seconds to load


def lesson(number: int) -> Lesson:
    chance = np.random.default_rng(number)
    struck = {piece: chance.random(SLOTS) < 0.3 for piece in PIECES}
    columns = {piece: (struck[piece] + 0.4 * chance.normal(size=SLOTS)).astype(np.float32) for piece in PIECES}
    return Lesson(str(number), columns, struck, drums=True, group=str(number))


@pytest.mark.slow
def test_the_same_lessons_give_the_same_trees() -> None:
    lessons = [lesson(number) for number in range(4)]
    first, second = (as_arrays("kick", *piece_model(lessons, "kick")) for _ in range(2))
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.slow
def test_each_lesson_is_heard_by_trees_that_never_saw_it() -> None:
    lessons = [lesson(number) for number in range(6)]
    for each, chances in zip(lessons, strangers_chances(lessons), strict=True):
        assert all(np.mean((chances[piece] > 0.5) == each.struck[piece]) > 0.75 for piece in PIECES)

"""What the meter is trained on: tunes made into triplets, whole songs and parts of them."""

import numpy as np
import pytest

from tests.bench import train_meter, tunes
from tests.bench.test_tunes import midi

pytestmark = pytest.mark.slow  # scikit-learn takes seconds to load


def tune_of(*parts: float) -> tunes.Tune:
    """Sixty beats with a note at each of these parts of every beat."""
    tune = tunes.read_tune("some/tune", midi([beat + part for beat in range(60) for part in parts]))
    assert tune is not None
    return tune


def test_sixteenths_become_slower_triplets() -> None:
    tune = tune_of(0, 1 / 4, 1 / 2, 3 / 4)
    triplets = train_meter.in_triplets(tune)
    starts = [event.beat for event in triplets.events if tunes.is_start(event.message)]
    assert starts == pytest.approx(list(np.arange(180) / 3))
    assert triplets.bpm == 0.75 * tune.bpm


def test_only_what_goes_in_quarters_is_made_into_triplets() -> None:
    assert train_meter.goes_in_quarters(tune_of(0, 1 / 2))
    assert not train_meter.goes_in_quarters(tune_of(0, 2 / 3))


def example(name: str, whole: float, *parts: float) -> train_meter.Example:
    """Two choices, of which the second is right: the feature of that is `whole` over the song, and `parts` in each of
    its parts; that of the first is 0."""
    rows = [np.array([[0.0], [part]], np.float32) for part in (whole, *parts)]
    return train_meter.Example(name, rows[0], rows[1:], np.array([0.0, 1.0]))


def test_parts_are_learned_from_too() -> None:
    """Over the whole of each song nothing tells the choices apart."""
    known = [example(f"tune {number}", 0.0, 1.0, 1.0) for number in range(40)]
    wrong, right = train_meter.fit(known).predict([[0.0], [1.0]])
    assert right > 0.9 > wrong
    assert train_meter.cross_validated([*known, example(f"tune{train_meter.IN_TRIPLETS}", 0.0, 1.0)]) == (
        "1.000 of 40, in triplets 1.000 of 1"
    )


def test_one_part_in_four_may_begin_anywhere() -> None:
    draw = np.random.default_rng(0)
    begun = [train_meter.beginning(draw, -1.0, np.arange(4.0)) for _ in range(2000)]
    assert np.mean(np.array(begun) >= 0) == pytest.approx(0.25, abs=0.03)
    assert set(begun) == {-1.0, 0.0, 1.0, 2.0, 3.0}

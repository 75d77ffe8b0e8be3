"""What the meter is trained on: tunes made into triplets."""

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

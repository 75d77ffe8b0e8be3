"""Plain music: the notes that are said to be played are those that sound."""

import numpy as np
import pytest

from davproxy.charter.signal.audio import RATE
from tests.bench import plain
from tests.bench.recording import Recording


@pytest.fixture(scope="module", params=[f"plain/{number:02d}" for number in range(8)])
def name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def alone(name: str) -> Recording:
    """The recording without drums and count."""
    return plain.recording(name, lead_alone=True)


def test_the_lead_sounds_from_its_first_note_on(alone: Recording) -> None:
    first = int((alone.start + alone.notes[0][0] * 60 / alone.bpm) * RATE)
    assert not alone.samples[:first].any()
    assert np.abs(alone.samples[first : first + RATE // 20]).max() > 0.01


def test_drums_and_a_count_change_nothing_of_what_is_played(name: str, alone: Recording) -> None:
    whole = plain.recording(name)
    assert (whole.bpm, whole.start, whole.notes, whole.hits) == (alone.bpm, alone.start, alone.notes, alone.hits)
    for beat, _ in whole.hits:
        place = int((whole.start + beat * 60 / whole.bpm) * RATE)
        assert np.abs(whole.samples[place : place + RATE // 50]).max() > 0.001

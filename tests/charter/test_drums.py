"""Drums: which pieces become which lanes, and four difficulties of them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.notes.drum_chances import hear_drums
from davproxy.charter.notes.drums import Hit, drum_difficulties, expert_drums
from davproxy.charter.notes.gems import TICKS
from davproxy.charter.output.tracks import drum_notes, fills
from davproxy.charter.signal.features import spectral_features
from davproxy.charter.structure.slots import Slots
from davproxy.formats.chart import (
    BLUE_CYMBAL,
    BLUE_DRUM,
    GREEN_DRUM,
    KICK,
    SNARE,
    YELLOW_CYMBAL,
    YELLOW_DRUM,
    Difficulty,
)
from tests.charter import music, values
from tests.charter.values import hit

pytestmark = pytest.mark.slow

EASY, MEDIUM, HARD, EXPERT = reversed(Difficulty)


@st.composite
def experts(draw: st.DrawFn) -> list[Hit]:
    """Hits on sixteenths of 16 bars: a kick, a hand or two, or both."""
    lanes = st.sets(st.sampled_from((SNARE, YELLOW_DRUM, BLUE_DRUM)), max_size=2)
    found = []
    for slot in sorted(draw(st.sets(st.integers(0, 255), min_size=1, max_size=120))):
        hands = tuple(draw(lanes))
        kick = draw(st.booleans()) or not hands
        cymbals = tuple(lane for lane in hands if lane != SNARE and draw(st.booleans()))
        found.append(hit(slot / 4, *hands, kick=kick, cymbals=cymbals, weight=draw(st.floats(0, 1))))
    return found


def charted(samples: NDArray[np.float32], slots: Slots, on_stem: bool = False) -> list[Hit]:
    """The Expert drums of a signal."""
    features = spectral_features(samples)
    return expert_drums(hear_drums(features, slots), features, slots, 0, values.own_bars(slots), on_stem)


@given(experts())
def test_no_difficulty_has_more_than_the_one_above_or_anything_new(expert: list[Hit]) -> None:
    parts = drum_difficulties(expert, 4)
    known = {each.tick: each for each in expert}
    for above, below in pairwise(parts.values()):
        assert 0 < len(below) <= len(above)
        for each in below:
            assert set(each.hands) <= set(known[each.tick].hands)
            assert each.kick <= known[each.tick].kick
            assert each.kick or each.hands


@given(experts())
def test_hands_and_feet_have_the_time_of_the_difficulty(expert: list[Hit]) -> None:
    parts = drum_difficulties(expert, 4)
    if parts:
        assert all(each.tick % (TICKS // 2) == 0 for each in parts[HARD] if each.kick)
        assert all(each.tick % (TICKS // 2) == 0 for each in parts[MEDIUM])
        assert all(each.tick % TICKS == 0 and len(each.hands) + each.kick == 1 for each in parts[EASY])


def test_fills_have_no_kick_on_hard_and_medium_needs_two_limbs_at_most() -> None:
    expert = [hit(beat, SNARE, YELLOW_DRUM, cymbals=(YELLOW_DRUM,), kick=True) for beat in range(32)]
    expert += [hit(32 + beat / 2, BLUE_DRUM, kick=True) for beat in range(8)]
    parts = drum_difficulties(expert, 4)
    assert {each.kick for each in parts[HARD] if each.hands == (BLUE_DRUM,)} == {False}
    assert {each.kick for each in parts[HARD] if SNARE in each.hands} == {True}
    assert max(len(each.hands) + each.kick for each in parts[MEDIUM]) == 2


def test_easy_plays_kick_and_snare_rather_than_the_cymbal_that_keeps_time() -> None:
    expert = []
    for bar in range(16):
        crash = GREEN_DRUM if bar % 4 == 0 else YELLOW_DRUM
        expert.append(hit(4 * bar, crash, cymbals=(crash,), kick=True))
        expert += [hit(4 * bar + beat, SNARE, YELLOW_DRUM, cymbals=(YELLOW_DRUM,)) for beat in (1, 3)]
        expert.append(hit(4 * bar + 2, YELLOW_DRUM, cymbals=(YELLOW_DRUM,), kick=True))
        expert += [hit(4 * bar + beat + 0.5, YELLOW_DRUM, cymbals=(YELLOW_DRUM,)) for beat in range(4)]
    easy = {each.tick // TICKS: each for each in drum_difficulties(expert, 4)[EASY]}
    assert {easy[4 * bar].hands for bar in range(0, 16, 4)} == {(GREEN_DRUM,)}
    assert all(easy[4 * bar + 2].kick and easy[4 * bar + 1].hands == (SNARE,) for bar in range(16))


def test_off_the_beat_a_hand_plays_the_drum_on_medium() -> None:
    expert = [hit(beat / 2, SNARE, YELLOW_DRUM, cymbals=(YELLOW_DRUM,)) for beat in range(64)]
    medium = {each.tick: each.hands for each in drum_difficulties(expert, 4)[MEDIUM]}
    assert {hands for tick, hands in medium.items() if tick % TICKS} == {(SNARE,)}
    assert {hands for tick, hands in medium.items() if not tick % TICKS} == {(SNARE, YELLOW_DRUM)}


def test_cymbals_have_a_mark_beside_their_note() -> None:
    part = [
        hit(0, YELLOW_DRUM, kick=True, cymbals=(YELLOW_DRUM,)),
        hit(1, BLUE_DRUM),
        hit(2, BLUE_DRUM, cymbals=(2, 3)),
    ]
    found = [(note.tick // TICKS, note.lane) for note in drum_notes(part)]
    assert found == [(0, KICK), (0, YELLOW_DRUM), (0, YELLOW_CYMBAL), (1, BLUE_DRUM), (2, BLUE_DRUM), (2, BLUE_CYMBAL)]


def test_fills_end_on_a_hit_at_a_downbeat_eight_bars_apart() -> None:
    bar = 4 * TICKS
    part = [hit(4 * number) for number in range(40) if number != 13]
    ends = [(fill.tick + fill.length - 1) / bar for fill in fills(part, bar)]
    assert ends == [4, 12, 20, 28, 36]
    assert all(fill.length == bar // 2 + 1 for fill in fills(part, bar))


def test_a_kit_is_heard_and_a_guitar_is_none() -> None:
    slots = values.slots(24)
    band = music.band(values.BPM, 24, start=0.0)
    assert charted(band["guitar"], slots) == []
    hits = charted(band["drums"], slots)
    assert {each.tick % (2 * TICKS) for each in hits if each.kick} == {0}


@pytest.mark.parametrize("on_stem", [False, True])
def test_a_dull_kit_alone_is_charted(on_stem: bool) -> None:
    slots = values.slots(24)
    dull = np.convolve(music.band(values.BPM, 24, start=0.0)["drums"], np.full(12, 1 / 12), "same").astype(np.float32)
    hits = charted(dull, slots, on_stem)
    assert {each.tick % (4 * TICKS) for each in hits if each.kick} >= {0, 2 * TICKS}

"""The drums: kick, snare, toms and cymbals at the grid's slots, and four difficulties of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import boosted
from davproxy.charter.notes.gems import TICKS
from davproxy.charter.signal.features import Array, Hearing, attacks_at
from davproxy.charter.structure import repetition
from davproxy.charter.structure.slots import Slots, features
from davproxy.formats.chart import (
    BLUE_CYMBAL,
    BLUE_DRUM,
    GREEN_CYMBAL,
    GREEN_DRUM,
    KICK,
    SNARE,
    YELLOW_CYMBAL,
    YELLOW_DRUM,
    Difficulty,
    Note,
    Phrase,
)  # fmt: skip

PIECES = ("kick", "snare", "tom", "cymbal")
LIKELY = 0.5
CLEAR = 0.23  # spread of the snare's chances from which it is heard, rather than guessed
FEWEST = 24  # hits of a part worth having
FASTEST = 0.075  # seconds between two hits of hands
CRASHES = 0.97  # rank of high attack from which a downbeat's cymbal is a crash


@dataclass(frozen=True)
class Hit:
    """What is struck at a tick: lanes, and the cymbals among them as marks."""

    tick: int
    kick: bool
    hands: tuple[int, ...]  # drum lanes, at most two
    cymbals: frozenset[int]  # of `hands`, those that are cymbals
    weight: float
    seconds: float


def hits(hearing: Hearing, slots: Slots, first_tick: int, first: NDArray[np.int64]) -> list[Hit]:
    """Expert drums; empty where no drums are clear. `first` is the first bar alike, for each bar."""
    columns = features(hearing, slots)
    chances = {}
    for piece in PIECES:
        raw = boosted.load(piece).chances(columns)
        chances[piece] = repetition.shared(raw.reshape(-1, slots.per_bar), first).ravel()
    struck = {piece: (chances[piece] >= LIKELY) & (slots.times >= 0) for piece in PIECES}
    if float(np.std(chances["snare"])) < CLEAR or not struck["kick"].any():
        return []
    attacks = attacks_at(hearing, slots.times)
    return _hits(struck, chances, attacks, slots, first_tick)


def _hits(
    struck: dict[str, NDArray[np.bool_]],
    chances: dict[str, NDArray[np.float64]],
    attacks: Array,
    slots: Slots,
    first_tick: int,
) -> list[Hit]:
    high = attacks[5:].mean(axis=0)
    loud_high = np.quantile(high, CRASHES)
    middle = attacks[1:5]
    ride = _ride_bars(attacks, slots)
    found: list[Hit] = []
    last_hand = -1.0
    for slot in np.flatnonzero(np.any([struck[piece] for piece in PIECES], axis=0)).tolist():
        seconds = float(slots.times[slot])
        hands: dict[int, bool] = {}  # lane -> whether it is a cymbal
        if struck["snare"][slot]:
            hands[SNARE] = False
        if struck["tom"][slot] and chances["tom"][slot] > chances["snare"][slot]:
            hands.pop(SNARE, None)
            hands[(BLUE_DRUM, BLUE_DRUM, YELLOW_DRUM, YELLOW_DRUM)[int(middle[:, slot].argmax())]] = False
        if struck["cymbal"][slot]:
            crash = high[slot] >= loud_high and slot % slots.per_bar == 0
            lane = GREEN_DRUM if crash else BLUE_DRUM if ride[slot // slots.per_bar] else YELLOW_DRUM
            if lane not in hands:
                hands[lane] = True
        if hands and seconds - last_hand < FASTEST:
            hands = {}
        if hands:
            last_hand = seconds
        if hands or struck["kick"][slot]:
            weight = float(np.max([chances[piece][slot] for piece in ("kick", "snare", "tom")]))
            tick = first_tick + round(float(slots.beats[slot]) * TICKS)
            cymbals = frozenset(lane for lane, cymbal in hands.items() if cymbal)
            found.append(Hit(tick, bool(struck["kick"][slot]), tuple(sorted(hands)), cymbals, weight, seconds))
    return found if len(found) >= FEWEST else []


def _ride_bars(attacks: Array, slots: Slots) -> NDArray[np.bool_]:
    """Bars whose cymbals sound lower than usual: a ride rather than a hi-hat."""
    colour = attacks[6] / (attacks[7] + 0.05)
    of_bars = np.median(colour.reshape(-1, slots.per_bar), axis=1)
    return np.asarray(of_bars > 1.35 * np.median(of_bars))


def reduced(expert: Sequence[Hit], beats_per_bar: int) -> dict[Difficulty, list[Hit]]:
    """Hard thins fast kicks and cymbals, Medium keeps the beat in 8ths, Easy in beats with one thing at a time. Empty
    where a difficulty would be."""
    hard = [
        Hit(h.tick, h.kick and h.tick % (TICKS // 2) == 0, h.hands, h.cymbals, h.weight, h.seconds)
        for h in expert
        if h.tick % (TICKS // 2) == 0 or any(lane not in h.cymbals for lane in h.hands)
    ]
    medium = [
        Hit(h.tick, h.kick and h.tick % TICKS == 0, _calm(h), h.cymbals, h.weight, h.seconds)
        for h in hard
        if h.tick % (TICKS // 2) == 0
    ]
    easy = [
        Hit(h.tick, h.kick and not h.hands, h.hands[:1], h.cymbals, h.weight, h.seconds)
        for h in medium
        if h.tick % TICKS == 0
    ]
    parts = {Difficulty.EXPERT: list(expert)}
    for difficulty, part in ((Difficulty.HARD, hard), (Difficulty.MEDIUM, medium), (Difficulty.EASY, easy)):
        parts[difficulty] = _fewer([h for h in part if h.kick or h.hands], parts, beats_per_bar)
    return parts if all(parts.values()) else {}


def _calm(hit: Hit) -> tuple[int, ...]:
    """On Medium a hand plays the drum rather than the cymbal where both sound off the beat."""
    drums = tuple(lane for lane in hit.hands if lane not in hit.cymbals)
    return drums if drums and hit.tick % TICKS else hit.hands


def _fewer(part: list[Hit], parts: dict[Difficulty, list[Hit]], beats_per_bar: int) -> list[Hit]:
    """Fewer hits than the difficulty above: where nothing fell away, the weakest places of the bar do."""
    above = len(list(parts.values())[-1])
    if len(part) < above:
        return part
    bar = beats_per_bar * TICKS
    weakest = sorted(part, key=lambda hit: (hit.tick % bar == 0, hit.tick % TICKS == 0, hit.weight, -hit.tick))
    dropped = {hit.tick for hit in weakest[: max(len(part) // 8, 1)]}
    return [hit for hit in part if hit.tick not in dropped]


def notes(part: Sequence[Hit]) -> tuple[Note, ...]:
    """A part in the words of the format."""
    marks = {YELLOW_DRUM: YELLOW_CYMBAL, BLUE_DRUM: BLUE_CYMBAL, GREEN_DRUM: GREEN_CYMBAL}
    found = []
    for hit in part:
        if hit.kick:
            found.append(Note(hit.tick, KICK))
        for lane in hit.hands:
            found.append(Note(hit.tick, lane))
            if lane in hit.cymbals:
                found.append(Note(hit.tick, marks[lane]))
    return tuple(sorted(found))


def fills(part: Sequence[Hit], beats_per_bar: int) -> tuple[Phrase, ...]:
    """Where star power is activated: the last half of every eighth bar, up to a hit on the bar line that ends it."""
    bar = beats_per_bar * TICKS
    struck = {hit.tick for hit in part}
    lines = [tick for tick in sorted(struck) if tick % bar == 0]
    found: list[Phrase] = []
    for tick in lines:
        if tick >= 4 * bar and (not found or tick - found[-1].tick >= 8 * bar):
            found.append(Phrase(tick - bar // 2, bar // 2 + 1))
    return tuple(found)

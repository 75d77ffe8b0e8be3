"""The drums: kick, snare, toms and cymbals at the grid's slots, and four difficulties of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.models import boosted
from davproxy.charter.notes.gems import TICKS
from davproxy.charter.signal.features import Array, Features, attacks_at
from davproxy.charter.structure.repetition import mean_of_alike
from davproxy.charter.structure.slot_features import slot_features
from davproxy.charter.structure.slots import Slots
from davproxy.formats.chart import BLUE_DRUM, GREEN_DRUM, SNARE, YELLOW_DRUM, Difficulty

PIECES = ("kick", "snare", "tom", "cymbal")
LIKELY = 0.5
CLEAR = 0.23  # spread of the snare's chances from which it is heard, rather than guessed
FEWEST = 24  # hits of a part worth having
FASTEST = 0.075  # seconds between two hits of hands
CRASHES = 0.97  # quantile of high onset strength from which a downbeat's cymbal is a crash
LOWER = 1.35  # of the usual ratio of the two highest bands: a ride rather than a hi-hat
MIDDLE, HIGH = slice(1, 5), slice(5, None)  # bands of toms and of cymbals
TOMS = (BLUE_DRUM, BLUE_DRUM, YELLOW_DRUM, YELLOW_DRUM)  # by the strongest band of MIDDLE

Flags = Mapping[str, NDArray[np.bool_]]
Chances = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Hit:
    """What is struck at a tick: `hands` are at most two drum lanes, `cymbals` those of them that are cymbals. `weight`
    from 0 to 1 is how sure it is, `seconds` when it sounds in the recording."""

    tick: int
    kick: bool
    hands: tuple[int, ...]
    cymbals: frozenset[int]
    weight: float
    seconds: float


def expert_drums(
    features: Features, slots: Slots, first_tick: int, first: NDArray[np.int64], on_stem: bool = False
) -> list[Hit]:
    """Expert drums; empty where no drums are clear. The grid's beat 0 lies at `first_tick`; `first` is, for each bar,
    the first bar that sounds like it. `on_stem` says that `features` are of the drums alone: then there are drums,
    however dull their snare."""
    columns = slot_features(features, slots)
    chances = {}
    for piece in PIECES:
        raw = boosted.load(piece).chances(columns)
        chances[piece] = mean_of_alike(raw.reshape(-1, slots.per_bar), first).ravel()
    struck = {piece: (chances[piece] >= LIKELY) & (slots.times >= 0) for piece in PIECES}
    if not on_stem and (float(np.std(chances["snare"])) < CLEAR or not struck["kick"].any()):
        return []
    hits = _hits(struck, chances, attacks_at(features, slots.times), slots, first_tick)
    return hits if len(hits) >= FEWEST else []


def _hits(struck: Flags, chances: Chances, attacks: Array, slots: Slots, first_tick: int) -> list[Hit]:
    """The hits of all slots at which something is `struck`; `attacks` is the onset strength there, (bands, slots)."""
    cymbals = _cymbal_lanes(attacks, slots)
    toms = attacks[MIDDLE].argmax(axis=0)
    hits: list[Hit] = []
    last_hand = -1.0
    for slot in np.flatnonzero(np.any([struck[piece] for piece in PIECES], axis=0)).tolist():
        seconds = float(slots.times[slot])
        hands: dict[int, bool] = {}  # lane -> whether it is a cymbal
        if struck["tom"][slot] and chances["tom"][slot] > chances["snare"][slot]:
            hands[TOMS[int(toms[slot])]] = False
        elif struck["snare"][slot]:
            hands[SNARE] = False
        if struck["cymbal"][slot]:
            hands.setdefault(int(cymbals[slot]), True)
        if seconds - last_hand < FASTEST:
            hands = {}
        if hands:
            last_hand = seconds
        if hands or struck["kick"][slot]:
            weight = float(np.max([chances[piece][slot] for piece in ("kick", "snare", "tom")]))
            tick = first_tick + round(float(slots.beats[slot]) * TICKS)
            marks = frozenset(lane for lane, cymbal in hands.items() if cymbal)
            hits.append(Hit(tick, bool(struck["kick"][slot]), tuple(sorted(hands)), marks, weight, seconds))
    return hits


def _cymbal_lanes(attacks: Array, slots: Slots) -> NDArray[np.int64]:
    """The lane of a cymbal at each slot, (slots,): a crash on loud downbeats, else hi-hat, or ride in bars whose
    cymbals sound lower than usual."""
    high = attacks[HIGH].mean(axis=0)
    downbeat = np.arange(len(slots)) % slots.per_bar == 0
    crash = (high >= np.quantile(high, CRASHES)) & downbeat
    colour = attacks[-2] / (attacks[-1] + 0.05)
    of_bars = np.median(colour.reshape(-1, slots.per_bar), axis=1)
    ride = np.repeat(of_bars > LOWER * np.median(of_bars), slots.per_bar)
    return np.where(crash, GREEN_DRUM, np.where(ride, BLUE_DRUM, YELLOW_DRUM))


def drum_difficulties(expert: Sequence[Hit], beats_per_bar: int) -> dict[Difficulty, list[Hit]]:
    """All four difficulties: Hard thins fast kicks and cymbals, Medium keeps the beat in 8ths, Easy in beats with one
    thing at a time. None where one of them would be empty."""
    hard = [
        replace(hit, kick=hit.kick and hit.tick % (TICKS // 2) == 0)
        for hit in expert
        if hit.tick % (TICKS // 2) == 0 or any(lane not in hit.cymbals for lane in hit.hands)
    ]
    medium = [
        replace(hit, kick=hit.kick and hit.tick % TICKS == 0, hands=_calm(hit))
        for hit in hard
        if hit.tick % (TICKS // 2) == 0
    ]
    easy = [
        replace(hit, kick=hit.kick and not hit.hands, hands=hit.hands[:1]) for hit in medium if hit.tick % TICKS == 0
    ]
    parts = {Difficulty.EXPERT: list(expert)}
    for difficulty, part in ((Difficulty.HARD, hard), (Difficulty.MEDIUM, medium), (Difficulty.EASY, easy)):
        above = len(list(parts.values())[-1])
        parts[difficulty] = _fewer([hit for hit in part if hit.kick or hit.hands], above, beats_per_bar)
    return parts if all(parts.values()) else {}


def _calm(hit: Hit) -> tuple[int, ...]:
    """On Medium a hand plays the drum rather than the cymbal where both sound off the beat."""
    drums = tuple(lane for lane in hit.hands if lane not in hit.cymbals)
    return drums if drums and hit.tick % TICKS else hit.hands


def _fewer(part: list[Hit], above: int, beats_per_bar: int) -> list[Hit]:
    """Fewer than the `above` hits of the difficulty above: where nothing fell away, the weakest places of the bar
    do."""
    if len(part) < above:
        return part
    bar = beats_per_bar * TICKS
    weakest = sorted(part, key=lambda hit: (hit.tick % bar == 0, hit.tick % TICKS == 0, hit.weight, -hit.tick))
    dropped = {hit.tick for hit in weakest[: max(len(part) // 8, 1)]}
    return [hit for hit in part if hit.tick not in dropped]

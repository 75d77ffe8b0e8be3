"""The drums: kick, snare, toms and cymbals at the grid's slots, and four difficulties of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.drum_chances import (
    PIECES,
    PRESENT,
    Chances,
    HeardDrums,
    low_tones,
)
from davproxy.charter.notes.gems import TICKS
from davproxy.charter.signal.features import Array, Features, attacks_at
from davproxy.charter.structure.repetition import blend_with_alike
from davproxy.charter.structure.slots import Slots
from davproxy.formats.chart import BLUE_DRUM, GREEN_DRUM, SNARE, YELLOW_DRUM, Difficulty

SURE = 0.97  # quantile of a piece's chances in the song: what is struck for sure
LIKELY = {"kick": 0.4, "snare": 0.6, "tom": 0.4, "cymbal": 0.1}  # of that: the chance from which a piece is struck
LEAST, MOST = 0.1, 0.5  # that this chance may be
ALIKE = 0.3  # weight of what bars that sound alike have in common
FEWEST = 24  # hits of a part worth having
FASTEST = 0.075  # seconds between two hits of hands
CRASHES = 0.97  # quantile of high onset strength from which a downbeat's cymbal is a crash
LOWER = 1.35  # of the usual ratio of the two highest bands: a ride rather than a hi-hat
HIGH = slice(5, None)  # bands of cymbals
LOWEST_TOM = 4  # semitones above the lowest: a kick sounds below
APART = 4.0  # semitones between the lowest and the highest tom of a kit that has more than one
TOMS = (GREEN_DRUM, BLUE_DRUM, YELLOW_DRUM)  # from low to high

Flags = Mapping[str, NDArray[np.bool_]]
Lanes = Mapping[str, NDArray[np.int64]]


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
    heard: HeardDrums,
    features: Features,
    slots: Slots,
    first_tick: int,
    first: NDArray[np.int64],
    on_stem: bool = False,
) -> list[Hit]:
    """Expert drums, from what is `heard` of them in `features`; empty where no drums are clear. The grid's beat 0 lies
    at `first_tick`; `first` is, for each bar, the first bar that sounds like it. `on_stem` says that `features` are of
    the drums alone: then there are drums, however dull their snare."""
    if not on_stem and heard.present < PRESENT:
        return []
    drawn = {piece: blend_with_alike(heard.chances[piece], first, ALIKE) for piece in PIECES}
    struck = {piece: (drawn[piece] >= _threshold(piece, drawn[piece])) & (slots.times >= 0) for piece in PIECES}
    lanes = {
        "tom": _tom_lanes(low_tones(features, slots), struck["tom"]),
        "cymbal": _cymbal_lanes(attacks_at(features, slots.times), slots),
    }
    hits = _hits(struck, drawn, lanes, slots, first_tick)
    return hits if len(hits) >= FEWEST else []


def _threshold(piece: str, chances: NDArray[np.float64]) -> float:
    """The chance from which a piece is struck: under loud guitars all of them are low."""
    return float(np.clip(LIKELY[piece] * np.quantile(chances, SURE), LEAST, MOST))


def _hits(struck: Flags, chances: Chances, lanes: Lanes, slots: Slots, first_tick: int) -> list[Hit]:
    """The hits of all slots at which something is `struck`; `lanes` are those of a tom and of a cymbal there."""
    hits: list[Hit] = []
    last_hand = -1.0
    for slot in np.flatnonzero(np.any([struck[piece] for piece in PIECES], axis=0)).tolist():
        seconds = float(slots.times[slot])
        hands: dict[int, bool] = {}  # lane -> whether it is a cymbal
        if struck["tom"][slot] and chances["tom"][slot] > chances["snare"][slot]:
            hands[int(lanes["tom"][slot])] = False
        elif struck["snare"][slot]:
            hands[SNARE] = False
        if struck["cymbal"][slot]:
            hands.setdefault(int(lanes["cymbal"][slot]), True)
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


def _tom_lanes(tones: Array, struck: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The lane of a tom at each slot, (slots,): low, middle or high among the toms `struck` in this song, by the
    strongest of the low `tones` that begin there; the middle one where there is only one."""
    pitches = LOWEST_TOM + tones[LOWEST_TOM:].argmax(axis=0)
    if not struck.any():
        return np.full(len(struck), BLUE_DRUM)
    low, high = np.quantile(pitches[struck], (0.1, 0.9))
    if high - low < APART:
        return np.full(len(struck), BLUE_DRUM)
    thirds = np.clip(np.floor(len(TOMS) * (pitches - low) / (high - low)), 0, len(TOMS) - 1)
    return np.asarray(np.array(TOMS)[thirds.astype(int)])


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
    """All four difficulties, as people reduce them. Hard thins fast kicks and cymbals, and has no kick in fills. Medium
    goes in 8ths and never needs three limbs at a time. Easy has beats, and one thing at a time: the drum or the crash,
    else the kick, else the cymbal that keeps time. None where one of them would be empty."""
    half = TICKS // 2
    hard = [
        replace(hit, kick=hit.kick and hit.tick % half == 0 and not _toms(hit))
        for hit in expert
        if hit.tick % half == 0 or _drums(hit)
    ]
    calm = [replace(hit, hands=_calm(hit)) for hit in hard if hit.tick % half == 0]
    medium = [replace(hit, kick=hit.kick and hit.tick % TICKS == 0 and len(hit.hands) < 2) for hit in calm]
    easy = [_single(hit) for hit in medium if hit.tick % TICKS == 0]
    parts = {Difficulty.EXPERT: list(expert)}
    for difficulty, part in ((Difficulty.HARD, hard), (Difficulty.MEDIUM, medium), (Difficulty.EASY, easy)):
        above = len(list(parts.values())[-1])
        parts[difficulty] = _fewer([hit for hit in part if hit.kick or hit.hands], above, beats_per_bar)
    return parts if all(parts.values()) else {}


def _drums(hit: Hit) -> tuple[int, ...]:
    return tuple(lane for lane in hit.hands if lane not in hit.cymbals)


def _toms(hit: Hit) -> tuple[int, ...]:
    return tuple(lane for lane in _drums(hit) if lane != SNARE)


def _calm(hit: Hit) -> tuple[int, ...]:
    """On Medium a hand plays the drum rather than the cymbal where both sound off the beat."""
    drums = _drums(hit)
    return drums if drums and hit.tick % TICKS else hit.hands


def _single(hit: Hit) -> Hit:
    """One thing of the hit: the cymbal that keeps time gives way to the kick."""
    loud = _drums(hit) or tuple(lane for lane in hit.hands if lane == GREEN_DRUM)
    hands = loud[:1] if loud or hit.kick else hit.hands[:1]
    return replace(hit, kick=hit.kick and not hands, hands=hands)


def _fewer(part: list[Hit], above: int, beats_per_bar: int) -> list[Hit]:
    """Fewer than the `above` hits of the difficulty above: where nothing fell away, the weakest places of the bar
    do."""
    if len(part) < above:
        return part
    bar = beats_per_bar * TICKS
    weakest = sorted(part, key=lambda hit: (hit.tick % bar == 0, hit.tick % TICKS == 0, hit.weight, -hit.tick))
    dropped = {hit.tick for hit in weakest[: max(len(part) // 8, 1)]}
    return [hit for hit in part if hit.tick not in dropped]

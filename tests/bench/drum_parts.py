"""Random drum parts as a drummer would play them: grooves that vary from bar to bar, ghost notes, accents, fills over
the toms, crashes where a part begins. Nothing of anybody's is in them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import mido

from tests.bench.tunes import Event, Tune

CHANNEL = 9
KICK, STICK, SNARE, RIM = 36, 37, 38, 40
CLOSED, PEDAL, OPEN, RIDE, BELL = 42, 44, 46, 51, 53
CRASHES = (49, 57, 55, 52)
TOMS = (50, 48, 47, 45, 43, 41)  # from high to low
PIECE_OF = {
    35: "kick", 36: "kick", 37: "snare", 38: "snare", 39: "snare", 40: "snare",
    41: "tom", 43: "tom", 45: "tom", 47: "tom", 48: "tom", 50: "tom",
    42: "cymbal", 44: "cymbal", 46: "cymbal", 49: "cymbal", 51: "cymbal", 52: "cymbal", 53: "cymbal", 55: "cymbal",
    57: "cymbal", 59: "cymbal",
}  # fmt: skip
KITS = (0, 0, 8, 16, 24, 32)  # General MIDI's programs: standard, room, power, electronic, jazz
FORMS = ("AABA", "ABAB", "ABCB", "AABC")
LATE = 0.005  # seconds by which a drummer is early or late, standard deviation
BARS = 48
Hits = dict[int, int]  # note -> velocity


@dataclass(frozen=True)
class Groove:
    """What is struck at each of the slots of a bar, `division` of them a beat, and how often a kick is put in or left
    out."""

    bar: tuple[Hits, ...]
    division: int
    varying: float


def tune(name: str) -> Tune:
    """The part of that name, alone: 48 bars."""
    draw = random.Random(name)
    bpm = round(min(max(118 * 2 ** draw.gauss(0, 0.32), 65), 210), 1)
    division = 3 if draw.random() < 0.15 else 4
    grooves = {letter: groove(draw, division, bpm) for letter in "ABC"}
    events = [Event(0.0, mido.Message("program_change", channel=CHANNEL, program=draw.choice(KITS)))]
    length = draw.choice((4, 4, 8))
    form = draw.choice(FORMS)
    for bar in range(BARS):
        part = grooves[form[bar // length % len(form)]]
        begins, ends = bar % length == 0, (bar + 1) % length == 0 or draw.random() < 0.06
        for slot, hits in enumerate(played_bar(draw, part, begins=begins, ends=ends)):
            for note, velocity in hits.items():
                late = draw.gauss(0, LATE) * bpm / 60
                start = max(4 * bar + slot / division + late, 0.0)
                loud = min(max(round(velocity + draw.gauss(0, 6)), 8), 127)
                events += struck(start, note, loud)
    return Tune(name, tuple(sorted(events, key=lambda event: event.beat)), bpm, 4)


def struck(beat: float, note: int, velocity: int) -> Iterator[Event]:
    yield Event(beat, mido.Message("note_on", channel=CHANNEL, note=note, velocity=velocity))
    yield Event(beat + 0.2, mido.Message("note_off", channel=CHANNEL, note=note))


def groove(draw: random.Random, division: int, bpm: float) -> Groove:
    slots = 4 * division
    bar = hands(draw, division, bpm)
    for slot in snare_slots(draw, division, bpm):
        bar[slot][draw.choice((SNARE, SNARE, SNARE, RIM))] = 108
    if draw.random() < 0.12:  # a ballad's side stick
        bar = [{STICK if note in (SNARE, RIM) else note: loud for note, loud in hits.items()} for hits in bar]
    if draw.random() < 0.35:  # ghost notes
        for slot in range(slots):
            if not {SNARE, RIM, STICK} & bar[slot].keys() and draw.random() < 0.2:
                bar[slot][SNARE] = draw.randint(22, 48)
    for slot in kick_slots(draw, division, bpm):
        bar[slot][KICK] = 105 if slot % division == 0 else 92
    if draw.random() < 0.12:  # toms within the groove
        for slot in draw.sample(range(slots // 2, slots), 2):
            bar[slot][draw.choice(TOMS)] = 95
    return Groove(tuple(bar), division, draw.choice((0.0, 0.1, 0.3)))


def hands(draw: random.Random, division: int, bpm: float) -> list[Hits]:
    """A bar with the voice that keeps the time, on a cymbal or a tom, and with the pedal beside a ride."""
    bar: list[Hits] = [{} for _ in range(4 * division)]
    voice = draw.choice((CLOSED, CLOSED, CLOSED, CLOSED, OPEN, RIDE, RIDE, CRASHES[0], TOMS[-1], None))
    accent = draw.choice((0, 10, 25))
    opened = {division * beat + division // 2 for beat in range(4) if draw.random() < 0.15}
    for slot in hand_slots(draw, division, bpm) if voice else []:
        assert voice
        note = OPEN if voice == CLOSED and slot in opened else BELL if voice == RIDE and slot == 0 else voice
        bar[slot][note] = 85 - (accent if slot % division else 0)
    if voice == RIDE and draw.random() < 0.4:
        for beat in (1, 3):
            bar[beat * division][PEDAL] = 60
    return bar


def hand_slots(draw: random.Random, division: int, bpm: float) -> list[int]:
    if division == 3:
        return [s for s in range(12) if s % 3 != 1] if draw.random() < 0.7 else list(range(12))
    step = draw.choice((1, 2, 2, 2, 2, 4)) if bpm < 125 else draw.choice((2, 2, 2, 4))
    return list(range(0, 16, step))


def snare_slots(draw: random.Random, division: int, bpm: float) -> list[int]:
    kind = draw.choice(("back",) * 7 + ("half", "half", "double", "every", "extra", "extra"))
    back = [division, 3 * division]
    if kind == "half":
        return [2 * division]
    if kind == "double" and division == 4 and bpm > 110:
        return [2, 6, 10, 14]
    if kind == "every":
        return [0, division, 2 * division, 3 * division]
    if kind == "extra":
        return sorted({*back, draw.randrange(4 * division)})
    return back


def kick_slots(draw: random.Random, division: int, bpm: float) -> list[int]:
    slots = range(4 * division)
    kind = draw.choice(("random",) * 6 + ("four", "four", "run", "eighths", "sparse"))
    if kind == "four":
        return list(slots[::division])
    if kind == "run" and division == 4:
        return [s for s in slots if draw.random() < 0.8] if bpm < 190 else list(slots[::2])
    if kind == "eighths" and division == 4:
        return list(slots[::2])
    if kind == "sparse":
        return [0] if draw.random() < 0.6 else []
    fine = 0.12 if bpm < 140 else 0.05
    likely = {0: 0.95, 2 * division: 0.6}
    return [s for s in slots if draw.random() < likely.get(s, 0.3 if division == 4 and s % 2 == 0 else fine)]


def played_bar(draw: random.Random, part: Groove, *, begins: bool, ends: bool) -> list[Hits]:
    """One bar of the groove: a crash where a part `begins`, mostly a fill where it `ends`."""
    bar = [dict(hits) for hits in part.bar]
    for hits in bar:
        if draw.random() < part.varying / 4:
            if KICK in hits:
                del hits[KICK]
            elif draw.random() < 0.4:
                hits[KICK] = 90
    if begins and draw.random() < 0.75:
        bar[0] = {KICK: 108, draw.choice(CRASHES): 112}
    if ends and draw.random() < 0.8:
        first = len(bar) - draw.choice((1, 2, 2, 4)) * part.division
        bar[first:] = fill(draw, len(bar) - first, part.division)
    return bar


def fill(draw: random.Random, slots: int, division: int) -> list[Hits]:
    """Snare and toms over the last slots of a bar, mostly down from high to low."""
    kind = draw.choice(("down", "down", "random", "snare", "pairs"))
    step = draw.choice((1, 1, 1, 2)) if division == 4 else 1
    kicked = draw.choice((0, 0, division, 2))
    found: list[Hits] = []
    for slot in range(slots):
        hits: Hits = {}
        if slot % step == 0 and draw.random() < 0.9:
            place = slot / slots
            if kind == "snare" or (kind == "down" and place < 0.25) or (kind == "random" and draw.random() < 0.35):
                note = SNARE
            elif kind == "random":
                note = draw.choice(TOMS)
            elif kind == "pairs":
                note = (SNARE, TOMS[1], SNARE, TOMS[-1])[slot // 2 % 4]
            else:
                note = TOMS[min(int(place * len(TOMS)), len(TOMS) - 1)]
            hits[note] = draw.randint(78, 120)
        if kicked and slot % kicked == 0:
            hits[KICK] = 95
        found.append(hits)
    return found

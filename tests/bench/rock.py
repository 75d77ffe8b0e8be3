"""Random rock songs, as MIDI, with a lead guitar that is known: riffs, melodies, arpeggios and chords over drums, bass,
a second guitar, pads and a voice. Free MIDI has few distorted guitars; players' libraries have many. Some are metal:
fast, with runs of the kick drum and blast beats that the guitar may or may not play along with."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import mido

from tests.bench.tunes import Event, Tune

LEAD, RHYTHM, BASS, PAD, VOICE, DRUMS = 0, 1, 2, 3, 4, 9
PROGRAMS = {
    LEAD: (29, 30, 29, 30, 28, 27, 26, 25, 81, 84),
    RHYTHM: (29, 30, 25, 27),
    BASS: (33, 34, 36),
    PAD: (48, 50, 89, 91, 16, 4),
    VOICE: (52, 53, 54, 65, 73, 85),
}
LOUDNESS = {LEAD: (75, 115), RHYTHM: (55, 100), BASS: (70, 110), PAD: (40, 85), VOICE: (50, 105), DRUMS: (80, 120)}
SCALE = (0, 2, 3, 5, 7, 8, 10)
ROOTS = (0, 3, 5, 7, 8, 10, -2)
METAL_LEADS = (29, 30)
KICK_RUNS = (
    list(range(16)), list(range(16)), list(range(0, 16, 2)), [s for s in range(16) if s % 4 != 1],
    [s for s in range(16) if s % 4 != 3], [0, 1, 2, 3, 8, 9, 10, 11], [0, 2, 3, 6, 8, 10, 11, 14],
)  # fmt: skip
BLASTS = ((4, 12), (4, 12), (8,), tuple(range(0, 16, 2)), tuple(range(2, 16, 4)))  # where the snare is
FORMS = ("IABABCB", "IAABABSB", "ABCABSB")
KICK, SNARE, CRASH, TOMS = 36, 38, 49, (41, 45, 47, 50)
HATS = (42, 42, 42, 42, 46, 51, 51, 59)
BARS = 60


@dataclass
class Part:
    """What everybody plays in the bars of one letter of the form. Rhythms are slots of a bar, from 0 to 15."""

    kind: str
    lead: list[list[int]]
    variation: list[int]
    strum: list[int]
    voice: list[int]
    kick: list[int]
    snare: tuple[int, ...]
    hat: int
    hat_step: int
    bass: str
    roots: list[int]
    degrees: list[int] = field(default_factory=list)
    pedal: bool = False
    drums: bool = True


def tunes(count: int, source: str = "rock") -> Iterator[Tune]:
    for number in range(count):
        yield tune(f"{source}/{number:02d}")


def tune(name: str) -> Tune:
    """The tune of that name: one whose name begins with "metal/" is metal."""
    draw = random.Random(name)
    metal = name.startswith("metal/")
    events = [
        Event(0.0, mido.Message("program_change", channel=channel, program=draw.choice(programs)))
        for channel, programs in PROGRAMS.items()
    ]
    events += [
        Event(0.0, mido.Message("control_change", channel=channel, control=7, value=draw.randint(*limits)))
        for channel, limits in LOUDNESS.items()
    ]
    playing = {RHYTHM: draw.random() < 0.6, PAD: draw.random() < 0.5, VOICE: draw.random() < 0.45}
    bpm, key = float(draw.randint(85, 185)), draw.randint(40, 51)
    if metal:
        bpm = float(draw.randint(150, 215))
        events.append(Event(0.0, mido.Message("program_change", channel=LEAD, program=draw.choice(METAL_LEADS))))
    parts: dict[str, Part] = {}
    bar = 0
    for letter in draw.choice(FORMS) * 2:
        part = parts.setdefault(letter, random_part(draw, letter, fast=bpm > 140, metal=metal))
        bars = draw.choice((4, 8, 8))
        for index in range(bars):
            if bar < BARS:
                events += played_bar(draw, part, index, bars, 4.0 * bar, key, playing, letter)
            bar += 1
    return Tune(name, tuple(sorted(events, key=lambda event: event.beat)), bpm, 4)


def random_part(draw: random.Random, letter: str, *, fast: bool, metal: bool = False) -> Part:
    kind = "melody" if letter == "S" else draw.choice(("riff",) * 5 + ("melody", "melody", "arpeggio", "chords"))
    styles = {
        "riff": ("eighths", "eighths", "syncopated", "quarters" if fast else "gallop", "sixteenths"),
        "melody": ("syncopated", "syncopated", "eighths", "sparse"),
        "arpeggio": ("eighths", "eighths", "sixteenths"),
        "chords": ("long", "sparse", "quarters"),
    }
    if metal:
        styles["riff"] = ("eighths", "eighths", "syncopated", "gallop", "sixteenths", "quarters", "sparse")
    style = draw.choice(styles[kind])
    part = Part(
        kind=kind,
        lead=[rhythm(draw, style) for _ in range(draw.randint(1, 2))],
        variation=rhythm(draw, draw.choice(("syncopated", "eighths", "sparse"))),
        strum=rhythm(draw, draw.choice(("eighths", "syncopated", "long", "quarters"))),
        voice=rhythm(draw, "syncopated"),
        kick=sorted({0, 8, *draw.sample((2, 3, 6, 7, 10, 11, 14), draw.randint(0, 3))}),
        snare=(4, 12) if draw.random() < 0.85 else (8,),
        hat=draw.choice(HATS),
        hat_step=draw.choice((1, 2, 2, 2, 4)),
        bass=draw.choice(("lead", "eighths", "kick", "long")),
        roots=[0, *draw.choices(ROOTS, k=3)],
        degrees=draw.choices(range(10), k=32),
        pedal=draw.random() < 0.5,
        drums=letter != "I" or draw.random() < 0.5,
    )
    if metal:
        part.kick, part.snare = draw.choice(KICK_RUNS), draw.choice(BLASTS)
    return part


def rhythm(draw: random.Random, style: str) -> list[int]:
    slots: set[int]
    match style:
        case "eighths":
            slots = set(range(0, 16, 2)) - set(draw.sample(range(0, 16, 2), draw.randint(0, 2)))
        case "sixteenths":
            slots = set(range(16)) - set(draw.sample(range(16), draw.randint(0, 5)))
        case "gallop":
            cell = draw.choice(((0, 2, 3), (0, 1, 2)))
            slots = {beat * 4 + place for beat in range(4) for place in cell}
        case "syncopated":
            slots, place = set(), 0
            while place < 16:
                slots.add(place)
                place += draw.choice((1, 2, 2, 2, 3, 3, 3, 3, 4))
        case "sparse":
            slots = {0, *draw.sample((4, 6, 8, 10, 12, 14), draw.randint(0, 2))}
        case "long":
            slots = {0} | ({8} if draw.random() < 0.3 else set())
        case _:
            slots = {0, 4, 8, 12, draw.choice((2, 6, 10, 14))}
    return sorted(slots)


def played_bar(
    draw: random.Random,
    part: Part,
    index: int,
    bars: int,
    start: float,
    key: int,
    playing: dict[int, bool],
    letter: str,
) -> Iterator[Event]:
    last = index == bars - 1
    root = key + part.roots[index // 2 % 4]
    slots = part.variation if last and draw.random() < 0.5 else part.lead[index % len(part.lead)]
    for order, (slot, length) in enumerate(lengths(slots)):
        loud = (104 if slot % 4 == 0 else 88) + draw.randint(-8, 8)
        degree = part.degrees[slot + 16 * (index % 2)]
        for note in lead_notes(part, root, key, slot, degree, order):
            yield from note_events(LEAD, start + slot / 4, length * 0.93, note, loud)
    if playing[RHYTHM]:
        for slot, length in lengths(part.strum):
            for note in (root, root + 7, root + 12):
                yield from note_events(RHYTHM, start + slot / 4, length * 0.95, note, 70)
    steps = {"lead": slots, "eighths": list(range(0, 16, 2)), "kick": part.kick, "long": [0]}[part.bass]
    for slot, length in lengths(steps):
        yield from note_events(BASS, start + slot / 4, length * 0.9, root - 12, 95)
    if playing[PAD]:
        for note in (root + 12, root + 15, root + 19):
            yield from note_events(PAD, start, 3.9, note, 75)
    if playing[VOICE] and letter in "ABC":
        for slot, length in lengths(part.voice):
            note = key + 24 + SCALE[part.degrees[31 - slot] % 7]
            yield from note_events(VOICE, start + slot / 4, length * 0.9, note, 85)
    if part.drums:
        yield from drum_bar(draw, part, start, crash=index == 0, fill=last and draw.random() < 0.7)


def lead_notes(part: Part, root: int, key: int, slot: int, degree: int, order: int) -> list[int]:
    if part.kind == "melody":
        return [key + 24 + SCALE[degree % 7] + 12 * (degree // 7)]
    if part.kind == "arpeggio":
        return [root + 12 + (0, 7, 12, 15, 19, 15, 12, 7)[order % 8]]
    if part.kind == "chords":
        return [root + 12, root + 19, root + 24]
    note = root if part.pedal and slot % 4 else root + SCALE[degree % 7] * (degree < 4)
    return [note, note + 7] if slot % 2 == 0 else [note]


def drum_bar(draw: random.Random, part: Part, start: float, *, crash: bool, fill: bool) -> Iterator[Event]:
    for slot in range(16):
        place = start + slot / 4
        if fill and slot >= 8:
            if draw.random() < 0.75:
                yield from note_events(DRUMS, place, 0.2, draw.choice((SNARE, *TOMS)), draw.randint(80, 120))
            continue
        if slot in part.kick:
            yield from note_events(DRUMS, place, 0.2, KICK, 100)
        if slot in part.snare:
            yield from note_events(DRUMS, place, 0.2, SNARE, 108)
        if slot % part.hat_step == 0:
            yield from note_events(DRUMS, place, 0.2, part.hat, 88 if slot % 4 == 0 else 72)
    if crash:
        yield from note_events(DRUMS, start, 0.2, CRASH, 110)


def lengths(slots: list[int]) -> Iterator[tuple[int, float]]:
    """Each slot, and the beats until the next one or the end of the bar."""
    for slot, following in zip(slots, [*slots[1:], 16], strict=True):
        yield slot, (following - slot) / 4


def note_events(channel: int, beat: float, length: float, note: int, velocity: int) -> Iterator[Event]:
    yield Event(beat, mido.Message("note_on", channel=channel, note=note, velocity=min(max(velocity, 1), 127)))
    yield Event(beat + length, mido.Message("note_off", channel=channel, note=note))

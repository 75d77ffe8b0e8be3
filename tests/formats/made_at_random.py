"""Charts made at random, with notes, chords, marks and phrases in every place that they may have."""

import random

from davproxy.formats.chart import (
    Chart,
    Difficulty,
    Event,
    Family,
    Instrument,
    Note,
    Phrase,
    Tempo,
    TimeSignature,
    Track,
)
from tests.formats.midis import Keys, midi_of

LANES = {
    Family.FIVE_FRET: (0, 1, 2, 3, 4, 7),
    Family.SIX_FRET: (0, 1, 2, 3, 4, 7, 8),
    Family.DRUMS: (0, 1, 2, 3, 4, 5, 32),
}


def make_track(chance: random.Random, instrument: Instrument, difficulty: Difficulty) -> Track:
    drums = instrument.family is Family.DRUMS
    made, tick = [], chance.choice([100, 400, 1000])
    for _ in range(chance.choice([5, 30, 80])):
        tick += chance.choice([3, 7, 11, 48, 96, 192, 400])
        lanes = chance.sample(LANES[instrument.family], chance.choice([1, 1, 1, 2, 3, 4]))
        made += [Note(tick, lane, 0 if drums else chance.choice([0, 0, 21, 41, 61, 301])) for lane in lanes]
        if not drums:
            made += [Note(tick, mark) for mark in (5, 6) if chance.random() < 0.1]

    def phrases() -> tuple[Phrase, ...]:
        edges = sorted(chance.sample(range(tick + 500), chance.choice([0, 2, 6])))
        return tuple(Phrase(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True))

    lanes_held = phrases() if drums else ()
    return Track(instrument, difficulty, tuple(made), phrases(), phrases(), phrases() if drums else (), lanes_held)


def make_chart(chance: random.Random) -> Chart:
    tempos = [Tempo(tick, chance.randint(40_000, 250_000)) for tick in (0, *sorted(chance.sample(range(1, 9000), 2)))]
    bars = [TimeSignature(192 * beat, chance.choice([3, 4, 5, 7]), chance.choice([4, 8])) for beat in (0, 12, 40)]
    events = [Event(chance.randint(0, 9000), "section A")] * chance.choice([0, 1])
    events += [Event(chance.randint(0, 20_000), "end") for _ in range(chance.choice([0, 1, 2]))]
    tracks = [
        make_track(chance, instrument, difficulty)
        for instrument in chance.sample(list(Instrument), 2)
        for difficulty in chance.sample(list(Difficulty), 3)
    ]
    return Chart(192, {}, tuple(tempos), tuple(bars), tuple(sorted(events)), tuple(tracks))


def make_midi(chance: random.Random) -> bytes:
    """A notes.mid with two instruments; every key is let go before it is struck again."""
    tracks: list[tuple[str, Keys, list[tuple[int, str]]]] = []
    for name in chance.sample(["PART GUITAR", "PART BASS", "PART KEYS", "PART DRUMS", "PART GUITAR GHL"], 2):
        lowest, highest = {"PART DRUMS": (-1, 5), "PART GUITAR GHL": (-2, 6)}.get(name, (0, 6))
        keys: Keys = []
        tick = chance.choice([100, 1000, 4000])
        for _ in range(chance.choice([5, 30, 80])):
            length = chance.choice([3, 100, 161, 200, 400])
            for difficulty in chance.sample([60, 72, 84, 96], 3):
                numbers = chance.sample(
                    range(difficulty + lowest, difficulty + highest + 1), chance.choice([1, 1, 2, 3])
                )
                keys += [(tick, number, length) for number in numbers]
            tick += length + chance.choice([0, 8, 30, 120, 400])
        for number in (103, 104, 110, 111, 112, 116, 120, 126, 127):
            edges = sorted(chance.sample(range(tick + 500), chance.choice([0, 2, 6])))
            keys += [(start, number, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]
        tracks.append((name, keys, []))
    sections = [(chance.randint(0, 9000), "[section A]")] * chance.choice([0, 1])
    ends = [(chance.randint(0, 20_000), "[end]") for _ in range(chance.choice([0, 1, 2]))]
    return midi_of(("EVENTS", [], sorted([*sections, *ends])), *tracks)

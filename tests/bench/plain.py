"""Random plain music, made of plain sound: plucked or held tones, drums of noise, clicks that count in.

Trees that know only full bands take every drum for a guitar where there is no band. Here drums play every eighth and
the lead few of them, or drums play alone, or a lead plays alone; who plays when is known to the sample.
"""

import random
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from tests.bench import rock
from tests.bench.recording import Recording

Sound = NDArray[np.float64]
BARS = 24
STYLES = ("eighths", "eighths", "syncopated", "syncopated", "sparse", "quarters", "long", "gallop")
VOICES = ("pluck", "pluck", "pluck", "sine", "saw", "square")
KITS = ("full", "full", "full", "hats", "kick", "none")


def recordings(count: int, *, lead_alone: bool = False) -> Iterator[Recording]:
    for number in range(count):
        yield recording(f"plain/{number:02d}", lead_alone=lead_alone)


def recording(name: str, *, lead_alone: bool = False) -> Recording:
    """One tune; `lead_alone` leaves the drums and the count out of what sounds, and changes nothing else."""
    draw = random.Random(name)
    bpm = float(draw.randint(80, 185))
    beat = 60 / bpm
    start = draw.uniform(0.0, 1.0)
    lead_in = draw.choice((0, 0, 1, 2))  # bars of counting
    lead, rest = (np.zeros(int((start + 4 * beat * (lead_in + BARS) + 2) * RATE)) for _ in range(2))
    voice, kit, key = draw.choice(VOICES), draw.choice(KITS), draw.randint(40, 57)
    ring, balance = draw.uniform(0.15, 0.8), 10 ** (draw.uniform(-10, 6) / 20)
    notes: list[tuple[float, float]] = []
    hits: list[tuple[float, int]] = []
    for count in range(4 * lead_in):
        add(rest, start + count * beat, click(draw))
    parts: dict[str, tuple[list[int], list[int], list[int], int]] = {}
    for bar in range(BARS):
        letter = "AABA"[bar // 4 % 4]
        if letter not in parts:
            rhythm = rock.rhythm(draw, draw.choice(STYLES))
            kick = sorted({0, 8, *draw.sample((2, 4, 6, 10, 12, 14), draw.randint(0, 3))})
            parts[letter] = rhythm, [draw.choice(rock.SCALE) for _ in range(16)], kick, draw.choice((1, 2, 2, 2, 4))
        rhythm, degrees, kick, step = parts[letter]
        first = 4 * (lead_in + bar)
        resting = kit != "none" and draw.random() < 0.15
        held = bar % 8 == 7 and draw.random() < 0.5
        for slot, length in rock.lengths([0] if held else rhythm):
            if not resting:
                pitch = key + degrees[slot] + 12 * (bar // 8 % 2)
                add(lead, start + (first + slot / 4) * beat, tone(voice, pitch, 0.9 * length * beat, ring))
                notes.append((first + slot / 4, float(pitch)))
        for slot in range(16):
            for note in struck(kit, slot, kick, step):
                add(rest, start + (first + slot / 4) * beat, drum(draw, note))
                hits.append((first + slot / 4, note))
    samples = balance * lead if lead_alone else balance * lead + rest
    loud = 0.5 / (float(np.abs(samples).max()) + 1e-9)
    return Recording(name, (samples * loud).astype(np.float32), bpm, start, notes, frozenset(), hits)


def struck(kit: str, slot: int, kick: list[int], step: int) -> Iterator[int]:
    if kit in ("full", "kick") and slot in kick:
        yield rock.KICK
    if kit == "full" and slot in (4, 12):
        yield rock.SNARE
    if kit in ("full", "hats") and slot % step == 0:
        yield rock.HATS[0]


def tone(voice: str, pitch: int, seconds: float, ring: float) -> Sound:
    """A note with an attack of some milliseconds and a soft end."""
    time = np.arange(int(seconds * RATE)) / RATE
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    if voice == "sine":
        sound = np.sin(2 * np.pi * frequency * time)
    else:
        numbers = range(1, int(min(9000 / frequency, 14)) + 1, 2 if voice == "square" else 1)
        sound = np.sum([np.sin(2 * np.pi * frequency * n * time) / n for n in numbers], axis=0)
    if voice == "pluck":
        sound = sound * np.exp(-time / ring)
    edge = np.minimum(time / 0.002, (time[-1] - time) / 0.01) if len(time) > 1 else time
    return np.asarray(0.25 * sound * np.clip(edge, 0.0, 1.0))


def drum(draw: random.Random, note: int) -> Sound:
    time = np.arange(int(0.2 * RATE)) / RATE
    if note == rock.KICK:
        return np.asarray(0.8 * np.sin(2 * np.pi * draw.uniform(50, 65) * time) * np.exp(-time / 0.08))
    noise = np.random.default_rng(draw.getrandbits(32)).normal(size=len(time)) * np.exp(-time / 0.03)
    return np.asarray(0.2 * noise if note == rock.SNARE else 0.06 * np.diff(noise, prepend=0.0))


def click(draw: random.Random) -> Sound:
    time = np.arange(int(0.05 * RATE)) / RATE
    noise = np.random.default_rng(draw.getrandbits(32)).normal(size=len(time))
    sound = noise if draw.random() < 0.6 else np.sin(2 * np.pi * draw.choice((800, 1000, 1600)) * time)
    return np.asarray(draw.uniform(0.2, 0.6) * sound * np.exp(-time / draw.choice((0.002, 0.005, 0.01))))


def add(track: Sound, at: float, sound: Sound) -> None:
    first = int(at * RATE)
    sound = sound[: len(track) - first]
    track[first : first + len(sound)] += sound

"""Small pieces of music made of plain sound: plucked notes and drums of noise on a known grid."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 22050
RIFF = (0, 2, 3, 4, 6, 7)  # 8ths of the bar that are played
TUNE = (40, 43, 47, 45, 43, 50)  # MIDI numbers


def pluck(note: int, seconds: float) -> NDArray[np.float64]:
    time = np.arange(int(seconds * RATE)) / RATE
    frequency = 440 * 2 ** ((note - 69) / 12)
    return np.asarray(
        sum(np.sin(2 * np.pi * frequency * k * time) / k for k in range(1, 8)) * np.exp(-time / 0.4) * 0.25
    )


def band(bpm: float, bars: int, start: float = 0.5, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """`bars` bars of guitar and drums from `start` seconds on; every eighth bar is a long note, every second four bars
    are an octave higher."""
    chance = np.random.default_rng(seed)
    beat = 60 / bpm
    length = int((start + bars * 4 * beat + 2) * RATE)
    parts = {stem: np.zeros(length) for stem in ("guitar", "drums")}

    def play(stem: str, at: float, sound: NDArray[np.float64]) -> None:
        first = int(at * RATE)
        parts[stem][first : first + len(sound)] += sound[: length - first]

    for bar in range(bars):
        begin = start + bar * 4 * beat
        higher = 12 * (bar // 4 % 2)
        if bar % 8 == 7:
            play("guitar", begin, pluck(TUNE[0] + higher, 3.5 * beat))
        else:
            for eighth, note in zip(RIFF, TUNE, strict=True):
                play("guitar", begin + eighth * beat / 2, pluck(note + higher, 0.45 * beat))
        for half in range(8):
            noise = chance.normal(size=int(0.15 * RATE))
            fade = np.exp(-np.arange(len(noise)) / RATE / 0.03)
            play("drums", begin + half * beat / 2, np.diff(noise, prepend=0.0) * fade * 0.05)
            if half in (2, 6):
                play("drums", begin + half * beat / 2, noise * fade * 0.2)
            if half in (0, 4):
                time = np.arange(len(noise)) / RATE
                play("drums", begin + half * beat / 2, np.sin(2 * np.pi * 60 * time) * np.exp(-time / 0.08) * 0.8)
    return {stem: (part * 0.5).astype(np.float32) for stem, part in parts.items()}


def recording(file: Path, bpm: float = 128.0, bars: int = 28, start: float = 0.5) -> Path:
    """Guitar and drums together in one file."""
    soundfile.write(file, np.asarray(sum(band(bpm, bars, start).values())), RATE)
    return file


def noise(seconds: float, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=int(seconds * RATE)) * 0.1


def speech(seconds: float) -> NDArray[np.float64]:
    """Syllables as voices speak them: a pitch that glides and falls, two formants that move, hisses and pauses between,
    nothing of it in time."""
    chance = np.random.default_rng(2)
    sound = np.zeros(int(seconds * RATE))
    now = 0.2
    while now < seconds - 0.6:
        for _ in range(chance.integers(3, 10)):  # a phrase
            length = chance.uniform(0.08, 0.26)
            time = np.arange(int(length * RATE)) / RATE
            pitch = np.cumsum(np.geomspace(chance.uniform(90, 180), chance.uniform(90, 180), len(time))) / RATE
            first, second = (
                np.linspace(chance.uniform(*hertz), chance.uniform(*hertz), len(time)) for hertz in FORMANTS
            )
            voice = sum(
                np.cos(2 * np.pi * k * pitch)
                * sum(np.exp(-(((k * np.gradient(pitch) * RATE - formant) / 150) ** 2)) for formant in (first, second))
                for k in range(1, 25)
            )
            start = int(now * RATE)
            part = np.asarray(voice * np.hanning(len(time)) * 0.2)[: len(sound) - start]
            sound[start : start + len(part)] += part
            hiss = noise(0.06)[: len(sound) - start] * 0.3
            sound[start : start + len(hiss)] += hiss
            now += length + chance.exponential(0.02)
            if now > seconds - 0.6:
                break
        now += chance.uniform(0.25, 0.8)
    return sound


def swelling(seconds: float) -> NDArray[np.float64]:
    """Chords that come and go at no tempo, with no attack."""
    chance = np.random.default_rng(3)
    sound = np.zeros(int(seconds * RATE))
    now = 0.0
    while now < seconds - 4:
        length = chance.uniform(1.5, 3.5)
        time = np.arange(int(length * RATE)) / RATE
        for note in chance.choice((48, 52, 55, 57, 60, 64), 2, replace=False):
            tone = sum(np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * k * time) / k for k in range(1, 6))
            sound[int(now * RATE) :][: len(time)] += 0.2 * tone * np.hanning(len(time))
        now += 0.5 * length
    return sound


FORMANTS = ((350, 800), (1000, 2200))  # Hz


def sung(seconds: float, starts: Sequence[float], length: float = 0.3) -> NDArray[np.float32]:
    """A voice that sings a syllable of `length` seconds at each of `starts`, each with other formants."""
    chance = np.random.default_rng(4)
    sound = np.zeros(int(seconds * RATE))
    time = np.arange(int(length * RATE)) / RATE
    fade = np.minimum(1, np.minimum(time / 0.02, (length - time) / 0.05))
    for start in starts:
        pitch = chance.choice((147, 165, 196, 220)) * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * time))
        formants = [chance.uniform(*hertz) for hertz in FORMANTS]
        voice = sum(
            np.cos(2 * np.pi * k * np.cumsum(pitch) / RATE)
            * sum(np.exp(-(((k * pitch - formant) / 150) ** 2)) for formant in formants)
            for k in range(1, 20)
        )
        first = int(start * RATE)
        part = np.asarray(voice * fade * 0.25)[: len(sound) - first]
        sound[first : first + len(part)] += part
    return sound.astype(np.float32)

"""The sections of a song and their names, from the novelty and repetition of its bars."""

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import TONE_RATE, Array, Features, pool
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.timing.grid import Grid

SHORTEST, LONGEST = 4, 16  # bars
REACH = 4  # bars on each side of a boundary that are compared
ALIKE = 0.72  # cosine from which two sections are the same part of the song
QUIET = 0.6  # share of the median level, below which a section is a break


@dataclass(frozen=True)
class Section:
    """A section: bars `start` to `end` (exclusive). Sections of the same `kind` are the same part of the song. `level`
    is the mean of the log-mel spectrum."""

    start: int
    end: int
    kind: int
    level: float
    name: str = ""


def find_sections(features: Features, grid: Grid, bars: int) -> list[Section]:
    """The sections of the first `bars` bars, without names. Sections with similar mean bar vectors are of one kind."""
    sounds, levels = _bar_vectors(features, grid, bars)
    boundaries = _boundaries(_novelty(sounds @ sounds.T))
    kinds: list[Array] = []
    found = []
    for start, end in itertools.pairwise(boundaries):
        mean = sounds[start:end].mean(axis=0)
        mean = mean / (np.linalg.norm(mean) + 1e-9)
        fits = [float(mean @ kind) for kind in kinds]
        if fits and max(fits) >= ALIKE:
            kind = int(np.argmax(fits))
        else:
            kind = len(kinds)
            kinds.append(mean)
        found.append(Section(start, end, kind, float(levels[start:end].mean())))
    return found


def name_sections(sections: Sequence[Section], solos: Collection[int]) -> list[Section]:
    """The sections with names, numbered if a name occurs more than once. `solos` are the indices of the sections in
    which the lead plays a solo."""
    if not sections:
        return []
    words = _words(sections, solos)
    total, so_far = Counter(words), Counter[str]()
    named = []
    for section, word in zip(sections, words, strict=True):
        so_far[word] += 1
        named.append(replace(section, name=word if total[word] == 1 else f"{word} {so_far[word]}"))
    return named


def _words(sections: Sequence[Section], solos: Collection[int]) -> list[str]:
    """A word for each section. The chorus is the loudest part that is repeated; other repeated parts are verses."""
    others = [section for index, section in enumerate(sections) if index not in solos]
    returning = _repeated_kinds(others)
    chorus = returning[0] if returning else None
    usual = float(np.median([section.level for section in sections]))
    last = len(sections) - 1

    def word(index: int, section: Section) -> str:
        if index in solos:
            return "Solo"
        if section.kind == chorus:
            return "Chorus"
        if index == 0:
            return "Intro"
        if index == last and index > 1:
            return "Outro"
        if section.kind in returning or not returning:
            return "Verse"
        return "Break" if section.level < QUIET * usual else "Bridge"

    return [word(index, section) for index, section in enumerate(sections)]


def _repeated_kinds(sections: Sequence[Section]) -> list[int]:
    """The kinds that occur more than once, the loudest first."""
    levels: dict[int, list[float]] = {kind: [] for kind in {section.kind for section in sections}}
    for section in sections:
        levels[section.kind].append(section.level)
    loudness = {kind: float(np.mean(found)) for kind, found in levels.items() if len(found) > 1}
    return sorted(loudness, key=lambda kind: -loudness[kind])


def _bar_vectors(features: Features, grid: Grid, bars: int) -> tuple[Array, NDArray[np.float64]]:
    """(vectors, levels): a unit vector for each bar, (bars, features), of chroma, levels and onset strength by band,
    each standardised over the song; and the mean level of each bar, (bars,)."""
    beats = np.arange(bars) * grid.beats_per_bar
    times = grid.time(beats)
    length = float(np.median(np.diff(times))) if bars > 1 else 2.0
    tones = pool(features.tones, TONE_RATE, times, 0.0, length, "mean")
    chroma = tones.reshape(-1, 12, bars).sum(axis=0)
    levels = pool(features.levels, FRAME_RATE, times, 0.0, length, "mean")
    attacks = pool(features.attacks, FRAME_RATE, times, 0.0, length, "mean")
    parts = []
    for rows in (chroma, levels, attacks):
        varying = (rows - rows.mean(axis=1, keepdims=True)) / (rows.std(axis=1, keepdims=True) + 1e-6)
        parts.append(varying / np.sqrt(len(rows)))
    sounds = np.concatenate(parts).T
    return sounds / (np.linalg.norm(sounds, axis=1, keepdims=True) + 1e-9), levels.mean(axis=0).astype(np.float64)


def _novelty(likeness: Array) -> NDArray[np.float64]:
    """The novelty of each bar, (bars,): high if the bars before it are alike, and those from it on, but not both with
    each other. It is the correlation of a checkerboard kernel along the diagonal of the self-similarity matrix
    `likeness` (bars, bars), -1 to 1 (Foote, "Automatic audio segmentation using a measure of audio novelty", 2000)."""
    bars = len(likeness)
    novelty = np.zeros(bars)
    for bar in range(2, bars - 1):
        reach = min(REACH, bar, bars - bar)
        before, after = slice(bar - reach, bar), slice(bar, bar + reach)
        inside = likeness[before, before].mean() + likeness[after, after].mean()
        novelty[bar] = inside / 2 - likeness[before, after].mean()
    return novelty


def _boundaries(novelty: NDArray[np.float64]) -> list[int]:
    """The bars at which sections start, and the end of the last one: the largest peaks of the novelty (bars,) that are
    at least SHORTEST apart. A section longer than LONGEST is cut into pieces of half that length."""
    bars = len(novelty)
    edges = [0]
    usual = float(novelty.mean() + 0.5 * novelty.std())
    for bar in np.argsort(-novelty, kind="stable").tolist():
        if novelty[bar] > usual and all(abs(bar - edge) >= SHORTEST for edge in [*edges, bars]):
            edges.append(bar)
    edges = sorted([*edges, bars])
    result = [0]
    for edge in edges[1:]:
        while edge - result[-1] > LONGEST:
            result.append(result[-1] + LONGEST // 2)
        result.append(edge)
    return result

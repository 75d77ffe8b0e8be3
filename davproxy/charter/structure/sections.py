"""The sections of a song, found from what changes and what comes back, and named."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import TONE_FRAMES, Array, Hearing, around
from davproxy.charter.signal.onset_strength import FRAMES
from davproxy.charter.timing.grid import Grid

SHORTEST, LONGEST = 4, 16  # bars
REACH = 4  # bars on each side that are compared at a boundary
ALIKE = 0.72  # likeness of two sections that are the same part of the song
QUIET = 0.6  # of the song's usual level: an intro or a break


@dataclass(frozen=True)
class Section:
    """Bars `start` to `end` (exclusive). Sections of one `kind` are the same part. `level` is the mean loudness."""

    start: int
    end: int
    kind: int
    level: float
    name: str = ""


def sections(hearing: Hearing, grid: Grid, bars: int) -> list[Section]:
    """The sections of the first `bars` bars, not named yet."""
    sounds, levels = _bars(hearing, grid, bars)
    likeness = sounds @ sounds.T
    edges = _edges(likeness)
    kinds: list[Array] = []
    found = []
    for start, end in itertools.pairwise(edges):
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


def named(found: Sequence[Section], solos: Sequence[int]) -> list[Section]:
    """The sections with names; `solos` are the indices of those in which the lead plays a solo.

    The chorus is the loudest part that comes back; what else comes back is a verse.
    """
    if not found:
        return []
    usual = float(np.median([section.level for section in found]))
    inner = [s for i, s in enumerate(found) if i not in solos]
    times = {kind: sum(s.kind == kind for s in inner) for kind in {s.kind for s in inner}}
    loudness = {kind: float(np.mean([s.level for s in inner if s.kind == kind])) for kind in times}
    back = sorted((kind for kind in times if times[kind] > 1), key=lambda kind: -loudness[kind])
    chorus = back[0] if back else -1
    words = []
    for index, section in enumerate(found):
        if index in solos:
            word = "Solo"
        elif index == 0 and section.kind != chorus:
            word = "Intro"
        elif index == len(found) - 1 and index > 1 and section.kind != chorus:
            word = "Outro"
        elif section.kind == chorus:
            word = "Chorus"
        elif section.kind in back or not back:
            word = "Verse"
        else:
            word = "Break" if section.level < QUIET * usual else "Bridge"
        words.append(word)
    return [
        replace(section, name=word if words.count(word) == 1 else f"{word} {words[: index + 1].count(word)}")
        for index, (section, word) in enumerate(zip(found, words, strict=True))
    ]


def _bars(hearing: Hearing, grid: Grid, bars: int) -> tuple[Array, NDArray[np.float64]]:
    """A unit vector for each bar (pitch classes, spectrum, attacks, each against the song's mean), and its level."""
    beats = np.arange(bars) * grid.beats_per_bar
    times = grid.time(beats)
    length = float(np.median(np.diff(times))) if bars > 1 else 2.0
    tones = around(hearing.tones, TONE_FRAMES, times, 0.0, length, "mean")
    classes = tones.reshape(-1, 12, bars).sum(axis=0)
    levels = around(hearing.levels, FRAMES, times, 0.0, length, "mean")
    attacks = around(hearing.attacks, FRAMES, times, 0.0, length, "mean")
    parts = []
    for rows in (classes, levels, attacks):
        varying = (rows - rows.mean(axis=1, keepdims=True)) / (rows.std(axis=1, keepdims=True) + 1e-6)
        parts.append(varying / np.sqrt(len(rows)))
    sounds = np.concatenate(parts).T
    return sounds / (np.linalg.norm(sounds, axis=1, keepdims=True) + 1e-9), levels.mean(axis=0).astype(np.float64)


def _edges(likeness: Array) -> list[int]:
    """The bars at which sections start, and the end: where the bars before and after are alike among themselves but
    not with each other (a checkerboard along the diagonal)."""
    bars = len(likeness)
    novelty = np.zeros(bars)
    for bar in range(2, bars - 1):
        reach = min(REACH, bar, bars - bar)
        before, after = slice(bar - reach, bar), slice(bar, bar + reach)
        inside = likeness[before, before].mean() + likeness[after, after].mean()
        novelty[bar] = inside / 2 - likeness[before, after].mean()
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

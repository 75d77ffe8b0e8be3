"""Lyrics: when each word of lines with times is sung.

A line begins at its time, and no word of it is sung after the next line begins. In between, words begin where sound
begins in the band of the voice, at about the usual pace: a path (Viterbi) through those onsets, and through the places
where the words would be by their letters alone, which is what is left where nothing can be heard.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import PARTIAL_RATE, Features, partials_and_body
from davproxy.charter.signal.stems import Stems
from davproxy.charter.signal.voice import Voice, voice
from davproxy.charter.viterbi import Floats, best_path
from davproxy.formats import lrc

SLOWEST = 0.25  # seconds a letter, from which a line is not slow, but has a rest behind it
FILLED = 0.8  # share of the time from line to line that is sung
SHORTEST = 0.05  # seconds that a line has before the end of the recording
LINGERS = 2.0  # times its usual length that a line lasts at most
PULL = 2.0  # cost of a word that lasts e or 1 / e times its usual length, in standard deviations of an onset
ONSETS = 4  # strongest onsets in a line that count, for each of its words
MOST_WORDS = 64  # in a line; what has more is no line, and the path would take much memory
NEVER = 1e6  # cost of a word before or with the one before it


@dataclass(frozen=True)
class SungLine:
    """A line's words, the time at which each begins, ascending, and that at which the last one ends, in seconds.
    `joined` are the places of those that are syllables, and go on in the next one."""

    words: tuple[str, ...]
    seconds: tuple[float, ...]
    end: float
    joined: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Lyrics:
    """The lines of a song, in order, and the path of the `file` that has them; it is empty where they are from tags.
    `remarks` say for a player what is missing of them."""

    lines: Sequence[SungLine] = ()
    file: str = ""
    remarks: Sequence[str] = ()


def find_lyrics(file: str, in_tags: str, stems: Stems, features: Features) -> Lyrics:
    """The lyrics of the file at the path `file`, else, where it is empty or no line of it has a time, those in the
    audio's tags. `features` are those of the mix; where there is a stem of the voice, that is listened to."""
    in_file = lrc.read(Path(file)) if file else ()
    lines = in_file or lrc.parse_text(in_tags)
    remarks: list[str] = []
    if file and not lines:
        remarks.append("No line in it has a time, as in [01:23.45], so it gives no lyrics. Use an .lrc that has times.")
    inside = [line for line in lines if 0 <= line.seconds < stems.mix.seconds - SHORTEST]
    outside = sum(bool(line.words) for line in lines) - sum(bool(line.words) for line in inside)
    if outside:
        remarks.append(
            f"Lines of its lyrics are left out that would come before or after the recording: {outside}. Its times may "
            "be those of another version of the song."
        )
    file = file if in_file or not lines else ""
    name = Path(file).name or next(iter(stems.paths.values())).name
    named = [f"{name}: {remark}" for remark in remarks]
    if not inside:
        return Lyrics(remarks=named)
    vocals = stems.vocals
    if vocals is None:
        heard = voice(features.partials, features.body, alone=False)
    else:
        to_the_end = (0, len(stems.mix.samples) - len(vocals.samples))
        heard = voice(*partials_and_body(np.pad(vocals.samples, to_the_end)), alone=True)
    return Lyrics(list(sung_lines(inside, heard, stems.mix.seconds)), file, named)


def sung_lines(lines: Sequence[lrc.Line], heard: Voice, seconds: float) -> Iterator[SungLine]:
    """When the words of `lines` are sung in a recording of `seconds`, in which the voice is `heard`. Of several lines
    at one time the first that has words is sung; others translate it."""
    first_of: dict[float, lrc.Line] = {}
    for line in sorted(lines, key=lambda line: (line.seconds, not line.words)):
        first_of.setdefault(line.seconds, line)
    apart = list(first_of.values())
    ends = [*(line.seconds for line in apart[1:]), seconds]
    paces = [
        (end - line.seconds) / _letters(word.text for word in line.words)
        for line, end in zip(apart, ends, strict=True)
        if line.words
    ]
    pace = min(FILLED * float(np.median(paces)), SLOWEST) if paces else SLOWEST
    for line, end in zip(apart, ends, strict=True):
        if line.words:
            yield _sung(line, end, pace, heard)


def _sung(line: lrc.Line, end: float, pace: float, heard: Voice) -> SungLine:
    """The line, which ends at `end` at the latest; `pace` is the usual time of a letter, in seconds."""
    words = tuple(word.text for word in line.words)
    starts = [(0, line.words[0].seconds or line.seconds)]
    if not line.seconds <= starts[0][1] < end:
        starts = [(0, line.seconds)]
    for at, word in enumerate(line.words[1:], 1):
        if word.seconds is not None and starts[-1][1] < word.seconds < end:
            starts.append((at, word.seconds))
    last, begin = starts[-1]
    usual = begin + LINGERS * pace * _letters(words[last:])
    end = min(end, usual if line.end is None or line.end <= begin else line.end)
    seconds: list[float] = []
    for (at, start), (following, stop) in zip(starts, [*starts[1:], (len(words), end)], strict=True):
        seconds += _word_times(words[at:following], start, stop, pace, heard)
    joined = frozenset(at for at, word in enumerate(line.words[:-1]) if word.joined)
    return SungLine(words, tuple(seconds), end, joined)


def _word_times(words: Sequence[str], start: float, end: float, pace: float, heard: Voice) -> list[float]:
    """When each of the words begins; the first one at `start`, and all before `end`."""
    letters = np.array([_letters([word]) for word in words], dtype=np.float64)
    clock = heard.clock
    first, last = np.interp([start, end], clock, heard.sung)
    whole = float(last - first) / letters.sum()
    usual: Floats = letters * (whole if heard.alone else min(pace, whole))
    spread = np.interp(first + np.concatenate([[0.0], np.cumsum(usual)[:-1]]), heard.sung, clock)
    spread[0] = start
    if len(words) > MOST_WORDS:
        return [float(time) for time in spread]
    frames = _peaks(heard.onsets, start, end)
    frames = frames[np.argsort(-heard.onsets[frames], kind="stable")[: ONSETS * len(words)]]
    times = np.concatenate([spread, frames / PARTIAL_RATE])
    strength = np.concatenate([np.zeros(len(spread)), heard.onsets[frames]])
    order = np.argsort(times, kind="stable")
    times, strength = times[order], strength[order]
    sung = np.interp(times, clock, heard.sung)
    gaps = sung[:, None] - sung
    lasts = np.where(gaps > 0, gaps, 1.0)
    costs = [np.where(gaps > 0, PULL * np.log(lasts / each) ** 2, NEVER) for each in usual[:-1]]
    evidence = np.tile(strength, (len(words), 1))
    evidence[0] = np.where(times == start, 0.0, -NEVER)
    left = np.maximum(last - sung, 1e-6)
    evidence[-1] -= PULL * np.minimum(np.log(left / usual[-1]), 0.0) ** 2
    path = best_path(evidence, np.array(costs).reshape(len(words) - 1, len(times), len(times)))
    return [float(time) for time in times[path]]


def _peaks(onsets: NDArray[np.float32], start: float, end: float) -> NDArray[np.intp]:
    """The frames of the local maxima of `onsets` between two times, without both."""
    first = int(np.floor(start * PARTIAL_RATE)) + 1
    last = min(int(np.ceil(end * PARTIAL_RATE)), len(onsets) - 1)
    frames = np.arange(max(first, 1), max(last, 1))
    here = onsets[frames]
    return np.asarray(frames[(here > 0) & (here >= onsets[frames - 1]) & (here > onsets[frames + 1])])


def _letters(words: Iterable[str]) -> int:
    return sum(map(len, words))

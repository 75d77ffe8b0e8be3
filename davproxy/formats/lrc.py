"""Lyrics with times: .lrc files, the texts like them in audio tags, and which file beside audio has its lyrics.

The format is Kuypers' of 1998, `[mm:ss.xx] line`, with the times of words that A2 Media Player added,
`<mm:ss.xx> word`: en.wikipedia.org/wiki/LRC_(file_format).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from davproxy.formats.encoding import decode
from davproxy.formats.stem_names import split_stem

MAX_BYTES = 1024 * 1024
"""Far above the longest lyrics; what follows is not read."""
MOST_LINES, MOST_WORDS = 2000, 200
"""Lines that are read at most, repeated ones as often as they come, and words of each."""
EXTENSION, PLAIN = "lrc", "txt"
"""Of the files beside audio that may have its lyrics. Plain text rarely has times."""

_TIME = r"(\d{1,3}):(\d{1,2})(?:[.:,](\d{1,3}))?"
_LINE = re.compile(rf"\s*\[\s*{_TIME}\s*\]")
_WORD = re.compile(rf"[\[<]\s*{_TIME}\s*[\]>]")
_OFFSET = re.compile(r"\[\s*offset\s*:\s*([+-]?\d{1,7})\s*\]", re.IGNORECASE)
_SUNG = re.compile(r"[^\W_]|&")
"""What a word has; a note sign or a dash alone is none."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, with its own time in seconds where the file gives one. One that is `joined` is a syllable, and the next
    one goes on with it: only a time stands between them."""

    text: str
    seconds: float | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line from `seconds` on, which may be negative. One without words ends the line before it. `end` is the time
    at which its last word ends, where the file gives it."""

    seconds: float
    words: tuple[Word, ...] = ()
    end: float | None = None


def parse(data: bytes) -> tuple[Line, ...]:
    """The lines of an .lrc that have times, in their order; none where it is no .lrc."""
    return parse_text(decode(data[:MAX_BYTES]))


def read(file: Path) -> tuple[Line, ...]:
    """As `parse`, of a file on this disk."""
    with file.open("rb") as opened:
        return parse(opened.read(MAX_BYTES))


def parse_text(text: str) -> tuple[Line, ...]:
    """As `parse`, of a text. Lines without a time are skipped: those about the song, too. A positive offset, which is
    in milliseconds, makes the lyrics earlier."""
    lines = islice((line for row in text.splitlines() for line in _lines(row)), MOST_LINES)
    offsets = _OFFSET.findall(text)
    earlier = int(offsets[-1]) / 1000 if offsets else 0.0
    return tuple(sorted((_later(line, -earlier) for line in lines), key=lambda line: line.seconds))


def _lines(row: str) -> Iterator[Line]:
    """The line of a row, once for each of the times before it."""
    times, at = list[float](), 0
    while match := _LINE.match(row, at):
        times.append(_seconds(*match.groups()))
        at = match.end()
    if not times:
        return
    parts = _WORD.split(row[at:])  # text, then minutes, seconds, fraction and text again and again
    words = [Word(each) for each in _words(parts[0])]
    goes_on = bool(words) and parts[0].endswith(words[-1].text)  # up to the next time
    end: float | None = None
    for number in range(1, len(parts), 4):
        end = _seconds(*parts[number : number + 3])
        text = parts[number + 3]
        its = _words(text)
        if goes_on and its and text.startswith(its[0]):
            words[-1] = replace(words[-1], joined=True)
        goes_on = text.endswith(its[-1]) if its else goes_on and not text
        for each in its:
            words.append(Word(each, end))
            end = None
    first = times[0]
    line = Line(first, tuple(words[:MOST_WORDS]), end if words else None)
    yield from (_later(line, time - first) for time in times)


def _words(text: str) -> list[str]:
    return [word for word in text.split() if _SUNG.search(word)]


def _seconds(minutes: str, seconds: str, fraction: str | None) -> float:
    return int(minutes) * 60 + float(f"{seconds}.{fraction or 0}")


def _later(line: Line, seconds: float) -> Line:
    """The line with all its times `seconds` later; to the millisecond, so that equal times stay equal."""

    def later(time: float) -> float:
        return round(time + seconds, 3)

    words = tuple(each if each.seconds is None else replace(each, seconds=later(each.seconds)) for each in line.words)
    return Line(later(line.seconds), words, None if line.end is None else later(line.end))


def beside(song: Sequence[str], files: Iterable[str], *, alone: bool) -> str:
    """The file with the lyrics of a song among `files`, or an empty text. All are paths; `song` are its audio files.

    It is in their folder, and called like one of them, like the song before the names of stems, or `lyrics`; where
    the song is `alone` in its folder, the only .lrc there is its own. An .lrc goes before plain text.
    """
    folder = song[0].rpartition("/")[0]
    stems = [_stem(path).casefold() for path in song]
    titles = [title.casefold() for path in song if (title := split_stem(_name(path))[0])] if len(song) > 1 else []
    names = [*stems, *titles, *(["lyrics"] if alone else [])]
    here = sorted(path for path in files if path.rpartition("/")[0] == folder)
    for extension in (EXTENSION, PLAIN):
        texts = [path for path in here if _extension(path) == extension]
        named = [path for name in names for path in texts if _stem(path).casefold() == name]
        if named:
            return named[0]
        if alone and extension == EXTENSION and len(texts) == 1:
            return texts[0]
    return ""


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(path: str) -> str:
    return _name(path).rpartition(".")[0]


def _extension(path: str) -> str:
    return path.rpartition(".")[2].lower()

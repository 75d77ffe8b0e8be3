"""What the notes file of a song says: its identity, what can be played, and what is wrong with it."""

import base64
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from davproxy import child, child_limits
from davproxy.errors import BadChart, BadInput
from davproxy.formats import identify, notes, rules, song_fields, summary
from davproxy.formats.chart import Difficulty
from davproxy.formats.rules.metadata import INTENSITIES
from davproxy.model import Entry, Song
from davproxy.paths import name_of

NICENESS = 10
"""Reading a whole library's notes must not slow down a game that plays from it."""


@dataclass(frozen=True, slots=True)
class Notes:
    """A notes file: its name, bytes and etag, and the song.ini pairs that bear on how it plays."""

    name: str
    content: bytes
    etag: str
    pairs: Mapping[str, str]


def notes_entry(files: Iterable[Entry]) -> Entry | None:
    """The notes file among a song folder's files."""
    by_name = {name_of(file.path): file for file in files if not file.is_folder}
    return by_name.get(identify.notes_file(by_name) or "")


def read(source: Notes) -> dict[str, Any]:
    """Summary and problems of a chart, JSON-able. One that cannot be read is a problem, not an error."""
    try:
        chart = notes.parse(source.name, source.content)
    except BadChart as error:
        return _unreadable(error.message)
    problems = [problem.as_json() for problem in rules.check_notes(chart, source.pairs)]
    return {**summary.summarise(chart).as_json(), "problems": problems}


def read_many(sources: Sequence[Notes]) -> list[dict[str, Any]]:
    """`read` for many, in a limited child process: minutes of work for a large library, and strangers' files."""
    request = [
        {"name": each.name, "content": base64.b64encode(each.content).decode(), "pairs": dict(each.pairs)}
        for each in sources
    ]
    with TemporaryDirectory(prefix="davproxy-notes-") as folder:
        try:
            answer: list[dict[str, Any]] = child.run(
                f"{__name__}:main", {"notes": request}, limits=child_limits.NOTES, folder=Path(folder)
            )
        except BadInput as error:
            if len(sources) == 1:
                return [_unreadable(error.message)]
            return [found for source in sources for found in read_many([source])]  # one of them kills the child: which?
    return answer


def main(request: Mapping[str, Any], _report: Callable[[str, float], None]) -> list[dict[str, Any]]:
    """The child's side of `read_many`."""
    os.nice(NICENESS)
    return [
        read(Notes(each["name"], base64.b64decode(each["content"]), "", each["pairs"])) for each in request["notes"]
    ]


def with_notes(song: Song, source: Notes, found: Mapping[str, Any]) -> Song:
    """`song` with what `read` found in its notes."""
    tracks = found.get("tracks", [])
    playable = {track["difficulty"] for track in tracks}
    return replace(
        song,
        identity=identify.identity(source.content),
        notes_etag=source.etag,
        instruments={track["instrument"]: -1 for track in tracks},  # `judged` says how hard
        difficulties=tuple(difficulty.value for difficulty in Difficulty if difficulty in playable),
        length=max(0, song_fields.number(song.metadata, "song_length")) or found.get("length", 0),
        has_lyrics=found.get("has_lyrics", False) or song_fields.flag(song.metadata, "lyrics"),
        chart=dict(found),
    )


def unreadable(song: Song, message: str) -> Song:
    """A song whose .sng cannot be read at all."""
    problem = rules.Problem("badSng", rules.Severity.REFUSED, message)
    return replace(song, problems=(problem.as_json(),), refused=True, notes_etag=song.etag)


def judged(song: Song, ini: bytes | None) -> Song:
    """`song` with all its problems, worst first, and how hard its song.ini says each instrument is.

    Findings in its notes are those of the last `read`; all others are found anew.
    """
    if song.path.lower().endswith(".sng"):
        here = rules.check_packed(song.files, song.metadata, path=song.path)
    else:
        here = rules.check_song(song.files, ini, path=song.path)
    if song.instruments:
        has_vocals = bool((song.chart or {}).get("has_vocals"))
        here += rules.check_intensities(song.instruments, has_vocals, song.metadata)
    found = [problem.as_json() for problem in here] + list((song.chart or {}).get("problems", []))
    order = list(rules.Severity)
    found.sort(key=lambda problem: order.index(problem["severity"]))
    return replace(
        song,
        instruments={name: song_fields.number(song.metadata, INTENSITIES[name]) for name in song.instruments},
        problems=tuple(found),
        refused=any(problem["severity"] == "refused" for problem in found),
    )


def _unreadable(message: str) -> dict[str, Any]:
    problem = rules.Problem("badChart", rules.Severity.REFUSED, message)
    return {"tracks": [], "problems": [problem.as_json()]}

"""Facts from a song's notes file: its identity, what can be played, and its problems."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from davproxy import child, child_limits
from davproxy.errors import BadInput
from davproxy.formats import identify, notes_facts, rules, song_fields
from davproxy.formats.chart import Difficulty
from davproxy.formats.rules.metadata import INTENSITIES
from davproxy.library import song_rows
from davproxy.model import Entry, Song
from davproxy.paths import name_of
from davproxy.work_dir import work_dir

IN_CHILD = "davproxy.notes_child:read_notes"


@dataclass(frozen=True, slots=True)
class Notes:
    """A notes file: its name, bytes and etag, and the song.ini pairs that change how it plays.

    `content` is None for a file that is not read because it is too large to be a chart.
    """

    name: str
    content: bytes | None
    etag: str
    pairs: Mapping[str, str]


def notes_entry(files: Iterable[Entry]) -> Entry | None:
    """The notes file among a song folder's files."""
    by_name = {name_of(file.path): file for file in files if not file.is_folder}
    return by_name.get(identify.notes_file({name: file.size for name, file in by_name.items()}) or "")


def read(source: Notes) -> dict[str, Any]:
    """Summary and problems of a chart, JSON-able. A chart that cannot be read is a problem, not an error."""
    return _for_a_row(notes_facts.read(source.name, source.content, source.pairs))


def read_many(sources: Sequence[Notes], temp_dir: Path) -> list[dict[str, Any]]:
    """`read` for many files in a child process with limits, because a file may be hostile and reading takes minutes."""
    request = [{"name": each.name, "pairs": dict(each.pairs)} for each in sources]
    with work_dir(temp_dir, f"notes-{uuid.uuid4().hex}") as folder:
        for number, source in enumerate(sources):
            if source.content is not None:
                (folder / str(number)).write_bytes(source.content)
        try:
            answer: list[dict[str, Any]] = child.run(
                IN_CHILD, {"notes": request}, limits=child_limits.NOTES, folder=folder
            )
        except BadInput as error:
            if len(sources) == 1:
                return [notes_facts.unreadable(error.message)]
            return [facts for source in sources for facts in read_many([source], temp_dir)]  # one kills the child
    return [_for_a_row(facts) for facts in answer]


def with_notes(song: Song, source: Notes, facts: Mapping[str, Any]) -> Song:
    """`song` with the facts that `read` returned for its notes."""
    tracks = facts.get("tracks", [])
    playable = {track["difficulty"] for track in tracks}
    row = replace(
        song,
        identity=identify.identity(source.content) if source.content is not None else "",
        sha1=identify.sha1(source.content) if source.content is not None else "",
        notes_etag=source.etag,
        instruments={track["instrument"]: -1 for track in tracks},  # `with_problems` adds intensities
        difficulties=tuple(difficulty.value for difficulty in Difficulty if difficulty in playable),
        chart=dict(facts),
    )
    return song_rows.with_facts(row, facts)


def unreadable(song: Song, message: str) -> Song:
    """A song whose .sng cannot be read at all."""
    problem = rules.Problem("badSng", rules.Severity.REFUSED, message)
    return replace(song, problems=(problem.as_json(),), refused=True, notes_etag=song.etag)


def with_problems(song: Song, ini: bytes | None) -> Song:
    """`song` with all its problems, worst first, and the intensity of each instrument from its song.ini.

    Problems of its notes are those of the last `read`; the rules find all others now.
    """
    if song.path.lower().endswith(".sng"):
        found = rules.check_packed(song.files, song.metadata, path=song.path)
    else:
        found = rules.check_song(song.files, ini, path=song.path)
    if song.instruments:
        has_vocals = bool((song.chart or {}).get("has_vocals"))
        found += rules.check_intensities(song.instruments, has_vocals, song.metadata)
    problems = [problem.as_json() for problem in found] + list((song.chart or {}).get("problems", []))
    order = list(rules.Severity)
    problems.sort(key=lambda problem: order.index(problem["severity"]))
    return replace(
        song,
        instruments={name: song_fields.number(song.metadata, INTENSITIES[name]) for name in song.instruments},
        problems=tuple(problems),
        refused=any(problem["severity"] == "refused" for problem in problems),
    )


def _for_a_row(facts: dict[str, Any]) -> dict[str, Any]:
    """`facts` with the fields of the notes file limited to the size of a row of the index."""
    return {**facts, "song": song_rows.shorten(facts["song"])} if "song" in facts else facts

"""What the notes file of a song says: its identity, what can be played, and what is wrong with it."""

from collections.abc import Iterable
from dataclasses import replace

from davproxy.errors import BadChart
from davproxy.formats import identify, notes, rules, song_fields, summary
from davproxy.formats.chart import Difficulty
from davproxy.formats.rules.metadata import INTENSITIES
from davproxy.model import Entry, Song
from davproxy.paths import name_of


def notes_entry(files: Iterable[Entry]) -> Entry | None:
    """The notes file among a song folder's files."""
    by_name = {name_of(file.path): file for file in files if not file.is_folder}
    return by_name.get(identify.notes_file(by_name) or "")


def with_notes(song: Song, content: bytes, etag: str) -> Song:
    """`song` with what its notes file says; its problems are kept in `chart` until `judged`."""
    song = replace(song, identity=identify.identity(content), notes_etag=etag)
    try:
        chart = notes.parse(identify.notes_file(song.files) or "", content)
    except BadChart as error:
        problem = rules.Problem("badChart", rules.Severity.REFUSED, error.message)
        return replace(song, instruments={}, difficulties=(), chart={"problems": [problem.as_json()]})
    found = summary.summarise(chart)
    playable = {track.difficulty for track in found.tracks}
    return replace(
        song,
        instruments={
            track.instrument: song_fields.number(song.metadata, INTENSITIES[track.instrument]) for track in found.tracks
        },
        difficulties=tuple(difficulty for difficulty in Difficulty if difficulty in playable),
        length=max(0, song_fields.number(song.metadata, "song_length")) or found.length,
        has_lyrics=found.has_lyrics or song_fields.flag(song.metadata, "lyrics"),
        chart={
            **found.as_json(),
            "problems": [problem.as_json() for problem in rules.check_chart(chart, song.metadata)],
        },
    )


def unreadable(song: Song, message: str) -> Song:
    """A song whose .sng cannot be read at all."""
    problem = rules.Problem("badSng", rules.Severity.REFUSED, message)
    return replace(song, problems=(problem.as_json(),), refused=True, notes_etag=song.etag)


def judged(song: Song, ini: bytes | None) -> Song:
    """`song` with all its problems, worst first: those of its folder and song.ini, and those found in its notes."""
    if song.path.lower().endswith(".sng"):
        here = rules.check_packed(song.files, song.metadata, path=song.path)
    else:
        here = rules.check_song(song.files, ini, path=song.path)
    found = [problem.as_json() for problem in here] + list((song.chart or {}).get("problems", []))
    order = list(rules.Severity)
    found.sort(key=lambda problem: order.index(problem["severity"]))
    return replace(song, problems=tuple(found), refused=any(problem["severity"] == "refused" for problem in found))

"""Repairs with consent: what makes some problems right, for one song or all, by a job that can be undone.

No repair touches the bytes of notes, nor a field that scores depend on.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from davproxy import paths
from davproxy.curation.steps import Step
from davproxy.errors import BadInput
from davproxy.formats import song_fields
from davproxy.formats.rules.metadata import INTENSITIES
from davproxy.formats.song_names import names_in_song
from davproxy.formats.spreadsheet import no_formula
from davproxy.library import Library
from davproxy.model import Song

REPAIR = "repair"
"""The kind of job. Its options are the `repair`, and `ids` of songs, none for all."""
PREVIEW_PART = 0.3
"""Where a preview starts in a song without a chorus."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of repair. `steps` are what it does to a song, none where nothing is to be done."""

    name: str
    title: str
    text: str
    steps: Callable[[Song], Iterator[Step]]


def _names(song: Song) -> Iterator[Step]:
    """Files under the names that games look for, where those are free."""
    for name, now in names_in_song(song.files).items():
        if name != now and name not in song.files:
            yield Step("move", paths.join(song.path, now), paths.join(song.path, name), reason="Games look for it.")


def _texts(song: Song) -> Iterator[Step]:
    """Title and artist, and what else the notes say, where song.ini does not."""
    if not song.notes_etag:
        return
    parent = paths.name_of(paths.parent_of(song.path))
    known = {
        "name": song.title, "artist": song.artist or ("" if f"/{parent}" == paths.SONGS else parent),
        "album": song.album, "genre": song.genre, "year": song.year, "charter": song.charter,
    }  # fmt: skip
    after = {key: value for key, value in known.items() if value and not song_fields.raw_text(song.metadata, key)}
    yield from _edit(song, after, "song.ini does not say it.")


def _length(song: Song) -> Iterator[Step]:
    """The length, which some games refuse an .sng without."""
    if song.length and song_fields.number(song.metadata, "song_length") <= 0:
        yield from _edit(song, {"song_length": str(song.length)}, "The length of the chart.")


def _preview(song: Song) -> Iterator[Step]:
    """Where the preview starts: at the first chorus, else some way into the song."""
    if song.length and song_fields.number(song.metadata, "preview_start_time") < 0 and "preview" not in _stems(song):
        sections = (song.chart or {}).get("sections", [])
        chorus = next((each["start"] for each in sections if "chorus" in each["name"].lower()), None)
        start = chorus if chorus is not None else round(song.length * PREVIEW_PART)
        reason = "The first chorus." if chorus is not None else "Some way into the song."
        yield from _edit(song, {"preview_start_time": str(start)}, reason)


def _intensities(song: Song) -> Iterator[Step]:
    """Intensities of instruments that are not charted."""
    if not song.instruments:
        return
    charted = {INTENSITIES[name] for name in song.instruments}
    after = {
        key: None for key in INTENSITIES.values() if key not in charted and song_fields.number(song.metadata, key) >= 0
    }
    yield from _edit(song, after, "The instrument is not charted.")


def _stray(song: Song) -> Iterator[Step]:
    """Files that file managers leave."""
    for name in song.files:
        if paths.is_junk(name):
            yield Step("delete", paths.join(song.path, name), reason="A file manager left it.")


REPAIRS = (
    Repair("names", "Names of files", "Files get the names that games look for.", _names),
    Repair("texts", "Title, artist and others", "From the notes and the folder, where song.ini is silent.", _texts),
    Repair("length", "Length", "From the chart, where song.ini does not give it.", _length),
    Repair("preview", "Start of the preview", "At the first chorus, where song.ini does not say.", _preview),
    Repair("intensities", "Intensities", "Those of instruments that are not charted go.", _intensities),
    Repair("stray", "Stray files", "What file managers leave goes to the trash bin.", _stray),
)
"""Every repair."""


class Repairs:
    """Plans repairs, counts the songs that need one, and lists all problems."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def plan_of(self, options: Mapping[str, Any]) -> list[Step]:
        """The plan for the options of a job. Raises BadInput, NotFound."""
        repair = next((each for each in REPAIRS if each.name == options["repair"]), None)
        if repair is None:
            raise BadInput(f"repair: choose one of {', '.join(each.name for each in REPAIRS)}.")
        ids = options.get("ids")
        songs = (self._library.songs.get(id) for id in ids) if ids else self._library.songs.all()
        return [step for song in songs for step in _steps(repair, song)]

    def counts(self) -> dict[str, int]:
        """How many songs each repair would change, by its name."""
        counts = dict.fromkeys((each.name for each in REPAIRS), 0)
        for song in self._library.songs.all():
            for repair in REPAIRS:
                counts[repair.name] += bool(_steps(repair, song))
        return counts

    def problems_csv(self) -> Iterator[str]:
        """Every problem of every song as a table, a line at a time."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["artist", "title", "charter", "path", "severity", "code", "message", "instrument", "count"])
        for song in self._library.songs.all():
            for problem in song.problems:
                texts = map(no_formula, (song.artist, song.title, song.charter, song.path))
                values = (problem.get(key, "") for key in ("severity", "code", "message", "instrument", "count"))
                writer.writerow([*texts, *values])
            yield out.getvalue()
            out.seek(0)
            out.truncate()


def _steps(repair: Repair, song: Song) -> list[Step]:
    packed = song.path.lower().endswith(".sng")
    return [step for step in repair.steps(song) if not packed or step.kind == "edit"]


def _edit(song: Song, after: Mapping[str, str | None], reason: str) -> Iterator[Step]:
    if after:
        before = {key: song.metadata.get(key) for key in after}
        yield Step("edit", song.path, before=before, after=after, reason=reason)


def _stems(song: Song) -> set[str]:
    return {name.rpartition(".")[0].lower() for name in song.files}

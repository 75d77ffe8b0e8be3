"""What a job of the imports did, as its result tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from davproxy.errors import BadArchive
from davproxy.imports.find_songs import FoundSong
from davproxy.library import Library

LISTED = 100
"""Most files left out that are named one by one."""


@dataclass(slots=True)
class Outcome:
    """Filled while the job runs; `as_json` at its end.

    `{"songs": [{path, title, artist, id}], "duplicates": [{path, title, artist, id}], "files": [path],
    "failed": [{path, reason}], "skipped": [{path, reason}]}`. Path and id of a duplicate are those of the song that
    is there already; `failed` are songs that could not be taken in and wait in the input, `skipped` files of no song.
    """

    songs: list[tuple[str, FoundSong]] = field(default_factory=list)
    duplicates: list[tuple[str, FoundSong]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self, library: Library) -> Mapping[str, Any]:
        """The job's result."""
        return {
            "songs": [_song(library, path, song) for path, song in self.songs],
            "duplicates": [_song(library, path, song) for path, song in self.duplicates],
            "files": self.files,
            "failed": _reasons(self.broken),
            "skipped": _reasons(self.others),
        }

    def refuse_nothing(self) -> None:
        """Raise BadArchive where no song was found at all."""
        if self.songs or self.duplicates:
            return
        if self.broken:
            place, reason = self.broken[0]
            raise BadArchive(f"No song can be taken from it. “{place}”: {reason}" if place else reason)
        raise BadArchive(
            "It holds no song. A song is a folder with notes.chart or notes.mid, a song.ini and audio, or an .sng file."
        )

    def left_out(self) -> str:
        """What to tell people about the songs that stay behind; empty where none does."""
        if not self.broken:
            return ""
        lines = [f"{place}: {reason}" for place, reason in self.broken[:LISTED]]
        return "\n".join([f"{len(self.songs)} songs were taken in. These were not:", "", *lines])


def _reasons(left: list[tuple[str, str]]) -> list[dict[str, str]]:
    told = [{"path": path, "reason": reason} for path, reason in left[:LISTED]]
    if len(left) > LISTED:
        told.append({"path": "", "reason": f"… and {len(left) - LISTED} more."})
    return told


def _song(library: Library, path: str, song: FoundSong) -> dict[str, Any]:
    row = library.songs.at(path)
    told: dict[str, Any] = {"path": path, "title": song.title, "artist": song.artist}
    return told | ({"id": row.id} if row else {})

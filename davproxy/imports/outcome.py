"""The outcome of an import: what became of each song and file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from davproxy.errors import BadArchive
from davproxy.imports.find_songs import FoundSong
from davproxy.library import Library

LISTED = 100
"""Failed songs and skipped files that are named one by one, at most."""


@dataclass(slots=True)
class Outcome:
    """Filled while the job runs; `as_json` is the job's result.

    `songs` are imported and `duplicates` are in the library already: (path in the library, song). `files` are paths of
    imported game content. `failed` songs could not be imported and stay in the source, `skipped` files belong to no
    song: (path in the source, reason). `charts` holds what the charter reports of the songs that it made, by identity.
    """

    songs: list[tuple[str, FoundSong]] = field(default_factory=list)
    duplicates: list[tuple[str, FoundSong]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    charts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def as_json(self, library: Library) -> Mapping[str, Any]:
        """`{"songs": [{path, title, artist, id}], "duplicates": [{path, title, artist, id}], "files": [path],
        "failed": [{path, reason}], "skipped": [{path, reason}]}`. A song that the charter made has a `chart` too:
        `{bpm, seconds, beats, notes: {difficulty: number}, drums}`."""
        return {
            "songs": [self._song(library, path, song) for path, song in self.songs],
            "duplicates": [
                self._song(library, path, song) | _title_in_library(library, path) for path, song in self.duplicates
            ],
            "files": self.files,
            "failed": _reasons(self.failed),
            "skipped": _reasons(self.skipped),
        }

    def _song(self, library: Library, path: str, song: FoundSong) -> dict[str, Any]:
        row = library.songs.at(path)
        shape: dict[str, Any] = {"path": path, "title": song.title, "artist": song.artist}
        if row:
            shape["id"] = row.id
        if chart := self.charts.get(song.identity):
            shape["chart"] = {name: chart[name] for name in ("bpm", "seconds", "beats", "notes", "drums")}
        return shape

    def check_found(self) -> None:
        """Raise BadArchive if there was no song, neither new nor in the library already."""
        if self.songs or self.duplicates:
            return
        if self.failed:
            path, reason = self.failed[0]
            raise BadArchive(f"No song can be taken from it. “{path}”: {reason}" if path else reason)
        raise BadArchive(
            "It holds no song. A song is a folder with notes.chart or notes.mid, a song.ini and audio, or an .sng file."
        )

    def failures(self) -> str:
        """A text for people about the songs that failed; empty if none did."""
        if not self.failed:
            return ""
        lines = [f"{path}: {reason}" for path, reason in self.failed[:LISTED]]
        return "\n".join([f"{len(self.songs)} songs were imported. These were not:", "", *lines])


def _reasons(listed: list[tuple[str, str]]) -> list[dict[str, str]]:
    reasons = [{"path": path, "reason": reason} for path, reason in listed[:LISTED]]
    if len(listed) > LISTED:
        reasons.append({"path": "", "reason": f"… and {len(listed) - LISTED} more."})
    return reasons


def _title_in_library(library: Library, path: str) -> dict[str, str]:
    """Title and artist of the song at `path`, which may be others than those that came again."""
    row = library.songs.at(path)
    return {"title": row.title, "artist": row.artist} if row else {}

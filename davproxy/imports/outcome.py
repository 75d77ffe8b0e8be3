"""The outcome of an import: what became of each song and file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from davproxy import paths
from davproxy.curation.improve import NOTHING_NEW, Improvement
from davproxy.errors import BadArchive
from davproxy.imports.find_songs import NO_SONG, FoundSong
from davproxy.library import Library
from davproxy.model import Song

NAMED = 3
"""Failed songs that the error of a job names."""
LISTED = 100
"""Failed songs and skipped files that are named one by one, at most."""
OF_CHART = ("bpm", "meter", "confidence", "seconds", "lead_in", "beats", "notes", "drums", "parts", "remarks")
"""What the result says of a chart that the charter made."""


@dataclass(frozen=True, slots=True)
class NewerVersion:
    """The song at `path` came with other notes than the `older` one of the same artist, title and charter.

    `changes` say what differs. Where the older one is `replaced`, it is in the trash bin.
    """

    path: str
    older: Song
    changes: tuple[str, ...]
    replaced: bool

    def words(self) -> str:
        """What a person should know, for a line in a list of jobs."""
        title = self.older.title
        what = f"{paths.name_of(self.path)} is a newer version of “{title}”"
        changes = f" ({'; '.join(self.changes[:NAMED])})" if self.changes else ""
        then = "the old one is in the trash bin" if self.replaced else "both are kept"
        return f"{what}{changes}: {then}, and scores stay with the old notes"


@dataclass(slots=True)
class Outcome:
    """Filled while the job runs; `as_json` is the job's result.

    `songs` are imported and `duplicates` are in the library already: (path in the library, song). `files` are paths of
    imported game content. `failed` songs could not be imported and stay in the source, `skipped` files belong to no
    song: (path in the source, reason). `charts` holds what the charter reports of the songs that it made, by identity.
    `improvements` say by path what became of the songs that the library had. `source_key` is the key of the source in
    the trash bin, where it lies there as one thing.
    """

    songs: list[tuple[str, FoundSong]] = field(default_factory=list)
    duplicates: list[tuple[str, FoundSong]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    charts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    improvements: dict[str, Improvement] = field(default_factory=dict)
    newer: list[NewerVersion] = field(default_factory=list)
    source_key: str = ""

    def as_json(self, library: Library) -> Mapping[str, Any]:
        """`{"songs": [{path, title, artist, id, refused}], "duplicates": [{path, title, artist, id, refused, improved,
        differs}],
        "newer": [{path, older, older_id, changes, replaced}], "files": [path], "failed": [{path, reason}], "skipped":
        [{path, reason}]}`. A song that the charter made has a `chart` too: `{bpm, meter, confidence, seconds, lead_in,
        beats, notes: {difficulty: number}, drums, parts: [instrument],
        remarks: [text]}`. `summary` says it all in a sentence, and the
        remarks after it;
        `can_undo` says whether an undo can take back what was added to songs. `kept` is the key in the trash bin of
        what came, where something in it differs from ours, so that another choice can be made; else empty."""
        return {
            "summary": self.summary(),
            "songs": [self._song(library, path, song) for path, song in self.songs],
            "duplicates": [
                self._song(library, path, song) | _title_in_library(library, path) | self._improved(path)
                for path, song in self.duplicates
            ],
            "newer": [
                {
                    "path": each.path,
                    "older": each.older.path,
                    "older_id": each.older.id,
                    "changes": list(each.changes),
                    "replaced": each.replaced,
                }
                for each in self.newer
            ],
            "can_undo": any(done.added or done.replaced for done in self.improvements.values())
            or any(each.replaced for each in self.newer),
            "kept": self.source_key if any(done.differ for done in self.improvements.values()) else "",
            "files": self.files,
            "failed": _reasons(self.failed),
            "skipped": _reasons(self.skipped),
        }

    def _song(self, library: Library, path: str, song: FoundSong) -> dict[str, Any]:
        row = library.songs.at(path)
        shape: dict[str, Any] = {"path": path, "title": song.title, "artist": song.artist}
        if row:
            shape |= {"id": row.id, "refused": row.refused}
        if chart := self.charts.get(song.identity):
            shape["chart"] = {name: chart[name] for name in OF_CHART}
        return shape

    def _improved(self, path: str) -> dict[str, Any]:
        done = self.improvements.get(path, Improvement())
        return {"improved": [*done.added, *done.replaced], "differs": done.differ}

    def _improved_words(self) -> str:
        """What became of the songs that the library had, of NAMED of them by name."""
        words = {path: done.words for path, done in self.improvements.items() if done != Improvement()}
        if len(self.duplicates) == 1:
            return next(iter(words.values()), NOTHING_NEW)
        named = [f"{paths.name_of(path)} {each}" for path, each in words.items()]
        return "; ".join([*named[:NAMED], *(["…"] if len(named) > NAMED else [])]) or NOTHING_NEW

    def summary(self) -> str:
        """What became of everything, for a line in a list of jobs."""
        parts = []
        if self.songs or not (self.duplicates or self.files or self.skipped):
            parts.append(f"{_plural(len(self.songs), 'song')} imported")
        if self.files:
            parts.append(f"{_plural(len(self.files), 'file')} imported")
        if self.duplicates:
            parts.append(f"{_plural(len(self.duplicates), 'song')} in the library already ({self._improved_words()})")
        parts += [each.words() for each in self.newer[:NAMED]]
        for words, listed in (("failed", self.failed), ("left out", self.skipped)):
            if listed:
                parts.append(f"{len(listed)} {words} ({_lines(listed)[0].rstrip('.')})")
        return " ".join([", ".join(parts) + ".", *self._remarks()])

    def _remarks(self) -> list[str]:
        """What the charter has to say of the songs that it made, by title where there are several."""
        several = len(self.charts) > 1
        return [
            f"{song.title}: {remark}" if several else remark
            for _, song in self.songs
            for remark in self.charts.get(song.identity, {}).get("remarks", ())
        ][:NAMED]

    def add(self, inside: "Outcome", path: str) -> None:
        """Add what became of the content of an archive at `path`."""
        self.songs += inside.songs
        self.duplicates += inside.duplicates
        self.improvements |= inside.improvements
        self.newer += inside.newer
        self.failed += [(f"{path}/{each}" if each else path, reason) for each, reason in inside.failed]
        self.skipped += [(f"{path}/{each}", reason) for each, reason in inside.skipped]

    def check_found(self) -> None:
        """Raise BadArchive if there was no song, neither new nor in the library already."""
        if self.songs or self.duplicates:
            return
        if self.failed:
            more = f" … and {len(self.failed) - NAMED} more." if len(self.failed) > NAMED else ""
            named = [f"“{path}”: {reason}" if path else reason for path, reason in self.failed[:NAMED]]
            raise BadArchive(" ".join(["No song can be taken from it.", *named]) + more)
        other = [reason for _, reason in self.skipped if reason != NO_SONG]
        raise BadArchive(
            other[0]
            if other and len(other) == len(self.skipped)
            else "It holds no song. A song is a folder with notes.chart or notes.mid, a song.ini and audio, or an .sng"
            " file."
        )

    def failures(self) -> str:
        """A text for people about the songs that failed."""
        return "\n".join([*self._counts(), "These were not:", "", *_lines(self.failed)])

    def left_behind(self) -> str:
        """A text for people about all that stays where it was: the songs that failed, and what belongs to no song."""
        failed = ["These were not:", "", *_lines(self.failed), ""] if self.failed else []
        skipped = ["These files are left:", "", *_lines(self.skipped)] if self.skipped else []
        return "\n".join([*self._counts(), *failed, *skipped]).rstrip()

    def _counts(self) -> list[str]:
        counts = [f"Files imported: {len(self.files)}." if self.files else f"Songs imported: {len(self.songs)}."]
        if self.duplicates:
            counts.append(f"In the library already: {len(self.duplicates)}.")
        return counts


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _lines(listed: list[tuple[str, str]]) -> list[str]:
    return [f"{each['path']}: {each['reason']}" if each["path"] else each["reason"] for each in _reasons(listed)]


def _reasons(listed: list[tuple[str, str]]) -> list[dict[str, str]]:
    reasons = [{"path": path, "reason": reason} for path, reason in listed[:LISTED]]
    if len(listed) > LISTED:
        reasons.append({"path": "", "reason": f"… and {len(listed) - LISTED} more."})
    return reasons


def _title_in_library(library: Library, path: str) -> dict[str, str]:
    """Title and artist of the song at `path`, which may be others than those that came again."""
    row = library.songs.at(path)
    return {"title": row.title, "artist": row.artist} if row else {}

"""The duplicates of a library: songs with the same notes, and songs with other notes but the same names."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from davproxy import paths
from davproxy.curation.same_song import artist_key, song_key
from davproxy.curation.steps import Step
from davproxy.curation.text_file import TextFile
from davproxy.errors import BadInput, NotFound
from davproxy.formats import identify
from davproxy.library import Library
from davproxy.model import Song

DUPLICATES = "duplicates"
"""The kind of job. Its options are `choices`, each the fields of a Choice."""
GroupKind = Literal["notes", "song"]
Action = Literal["keep_best", "merge"]
KEPT = paths.join(paths.SETLISTS, "Not duplicates.txt")
"""The groups that a person keeps as they are, an id and the names a line. It is on the remote, so that it lasts."""


@dataclass(frozen=True, slots=True)
class Group:
    """Songs that may be duplicates of each other. `kind` is `notes` where all notes are the same, else `song`."""

    kind: GroupKind
    ids: tuple[int, ...]
    identities: tuple[str, ...]
    names: str

    @property
    def id(self) -> str:
        """An id that changes when a song joins or leaves, so that a group that was kept is shown again."""
        return hashlib.sha256("\n".join((self.kind, *sorted(self.identities))).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Which song of a group to keep, and why."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do with a group: keep the song `keep`, after a merge with what only the others have, or without."""

    group: str
    action: Action
    keep: int | None = None


class Duplicates:
    """Finds groups, suggests which song to keep, and plans what a job does."""

    def __init__(self, library: Library) -> None:
        self._library, self._kept_file = library, TextFile(library, KEPT)

    def groups(self, *, kept: bool = False) -> list[Group]:
        """All groups, those of the same notes first; with `kept`, also those that a person keeps."""
        found = groups_of(self._library.songs.names())
        hidden = set() if kept else self._kept_ids()
        return [group for group in found if group.id not in hidden]

    def songs(self, group: Group) -> list[Song]:
        """The songs of a group, the one to keep first."""
        return sorted((self._library.songs.get(id) for id in group.ids), key=_merits, reverse=True)

    def suggestion(self, songs: Sequence[Song]) -> Suggestion:
        """Which of `songs`, best first, to keep."""
        best, second = songs[0], songs[1]
        for words, ours, other in zip(_REASONS, _merits(best), _merits(second), strict=True):
            if ours != other:
                return Suggestion(best.id, words)
        return Suggestion(best.id, "They are alike; this one came first.")

    def spellings(self) -> list[list[tuple[str, int]]]:
        """Artists that are spelled in several ways, each with its number of songs, most first."""
        found: dict[str, dict[str, int]] = {}
        for _, _, artist, _ in self._library.songs.names():
            if key := artist_key(artist):
                counts = found.setdefault(key, {})
                counts[artist] = counts.get(artist, 0) + 1
        several = [sorted(counts.items(), key=lambda each: -each[1]) for counts in found.values() if len(counts) > 1]
        return sorted(several, key=lambda each: each[0][0].casefold())

    def keep(self, ids: Iterable[str]) -> int:
        """Remember that these groups are no duplicates. Returns how many there are. Raises NotFound, BadInput."""
        by_id = {group.id: group for group in self.groups(kept=True)}
        chosen = [_group_of(by_id, id) for id in ids]

        def add_chosen(lines: list[str]) -> list[str]:
            there = _ids(lines)
            return [*lines, *(f"{each.id}  {' '.join(each.names.split())}" for each in chosen if each.id not in there)]

        self._kept_file.change(add_chosen)
        return len(chosen)

    def plan_of(self, options: Mapping[str, Any]) -> list[Step]:
        """The plan for the options of a job."""
        return self.plan(Choice(**choice) for choice in options["choices"])

    def plan(self, choices: Iterable[Choice]) -> list[Step]:
        """What a job does for these choices. Raises NotFound, BadInput."""
        by_id = {group.id: group for group in self.groups(kept=True)}
        steps: list[Step] = []
        gone: set[int] = set()
        for choice in choices:
            group = _group_of(by_id, choice.group)
            songs = [song for song in self.songs(group) if song.id not in gone]
            kept = _kept_song(choice, group, songs)
            others = [song for song in songs if song.id != kept.id]
            steps += _steps(choice, group, kept, others)
            gone.update(song.id for song in others)
        return steps

    def _kept_ids(self) -> set[str]:
        try:
            return _ids(self._kept_file.lines())
        except BadInput:
            return set()  # a file that cannot be read hides nothing


def _ids(lines: Iterable[str]) -> set[str]:
    return {line.split(maxsplit=1)[0] for line in lines if line.strip()}


def _kept_song(choice: Choice, group: Group, songs: Sequence[Song]) -> Song:
    """The one of `songs` that the choice keeps. Raises BadInput where it cannot be made."""
    if choice.keep is not None and choice.keep not in [song.id for song in songs]:
        raise BadInput("keep: that song is not in the group, or another choice deletes it.")
    if choice.action == "merge" and group.kind == "song":
        raise BadInput("Only songs with the same notes can be merged. Choose which one to keep.")
    keep = choice.keep if choice.keep is not None else songs[0].id
    return next(song for song in songs if song.id == keep)


def _steps(choice: Choice, group: Group, kept: Song, others: Sequence[Song]) -> Iterator[Step]:
    """The steps of one choice: what `others` have goes to `kept`, then they are deleted."""
    if choice.action == "merge":
        yield from (Step("merge", kept.path, song.path, reason="The same notes.") for song in others)
    if group.kind == "song":
        yield from (Step("follow", song.path, kept.path, reason="In its lists.") for song in others)
    yield from (Step("delete", song.path, kept.path, reason=f"“{kept.title}” is kept.") for song in others)


def groups_of(rows: Iterable[tuple[int, str, str, str]]) -> list[Group]:
    """The groups among songs, each (id, identity, artist, title): first those of the same notes."""
    same_notes: dict[str, list[tuple[int, str, str, str]]] = {}
    same_names: dict[tuple[str, str], list[tuple[int, str, str, str]]] = {}
    for row in rows:
        _, identity, artist, title = row
        if identity:
            same_notes.setdefault(identity, []).append(row)
            if (key := song_key(artist, title)) is not None:
                same_names.setdefault(key, []).append(row)
    found = [_group("notes", some) for some in same_notes.values() if len(some) > 1]
    return found + [_group("song", some) for some in same_names.values() if len({row[1] for row in some}) > 1]


def _group(kind: GroupKind, rows: Sequence[tuple[int, str, str, str]]) -> Group:
    artist, title = rows[0][2:]
    return Group(kind, tuple(row[0] for row in rows), tuple(row[1] for row in rows), f"{artist} – {title}")


def _group_of(by_id: dict[str, Group], id: str) -> Group:
    if id not in by_id:
        raise NotFound("There is no such group any more. Load the page again.")
    return by_id[id]


_REASONS = (
    "A game loads it.",
    "It has fewer problems.",
    "It has more instruments and difficulties.",
    "It has more audio stems.",
    "It has a video.",
    "It has album art.",
    "It has lyrics.",
    "Its files are larger.",
    "It came first.",
)


def _merits(song: Song) -> tuple[float, ...]:
    """What makes a song better than another, in the order of `_REASONS`."""
    errors = sum(problem.get("severity") != "warning" for problem in song.problems)
    return (
        not song.refused,
        -errors,
        len((song.chart or {}).get("tracks", [])),
        sum(map(identify.is_music, song.files)),
        song.has_video,
        song.has_art,
        song.has_lyrics,
        sum(song.files.values()),
        -song.created_at,
    )

"""The values that every floor shares: entry, guard, quota, change, song, job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or folder of the tree.

    `path` is absolute in the tree, `/Songs/Artist/Title`, NFC, without a trailing slash. `size` is in bytes (0 for a
    folder). `modified` is Unix seconds. `etag` is bare, without quotes, and changes with every change of content; on a
    remote with recursive etags a folder's changes with anything below it. `file_id` survives renames and is None where
    the remote has none. `checksums` are those of the content, `SHA1:… MD5:…` as the header OC-Checksum writes them, and
    empty where none are known. `mounted` is true on storage of another kind than the account's own, as a listing says,
    where a folder can keep its etag. Two entries are equal whatever these two are.
    """

    path: str
    is_folder: bool
    size: int = 0
    modified: float = 0.0
    etag: str = ""
    file_id: int | None = None
    checksums: str = field(default="", compare=False)
    mounted: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Guard:
    """What must be true of the target of a write; otherwise the write raises `errors.Conflict` and changes nothing."""

    etag: str | None = None
    absent: bool = False


ANYTHING = Guard()
ABSENT = Guard(absent=True)


@dataclass(frozen=True, slots=True)
class Quota:
    """Bytes used and still free; `free` is None where the remote sets no limit."""

    used: int
    free: int | None


@dataclass(frozen=True, slots=True)
class Trashed:
    """A deleted file or folder that can be restored; `restore` takes its `key`. `deleted` is in Unix seconds.

    `path` is where it was when it was deleted, `file_id` that of its entry.
    """

    key: str
    path: str
    is_folder: bool
    size: int
    deleted: float
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to the tree. Subscribers receive it after it is on the remote and in the index.

    `written` is a file's new content, `folder` a new folder, `removed` a file or a whole folder that is gone, `moved`
    one that went from `path` to `target`.
    """

    kind: Literal["written", "folder", "removed", "moved"]
    path: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """What all players together did in a song: plays, the best score, most stars (6 are gold), highest percent."""

    plays: int = 0
    score: int = 0
    stars: int = 0
    percent: int = 0
    full_combo: bool = False


NEVER = Played()
FAVOURITES = "Favourites"
"""The list of the songs with a star."""


@dataclass(frozen=True, slots=True)
class Song:
    """A row of the library: a song folder, or one .sng file.

    Text fields are without rich text; `metadata` holds every song.ini pair as written, keys in lower case. `length` is
    in milliseconds. `identity` is the notes file's MD5, which a game knows the song by, and `sha1` its
    SHA-1, which YARG does. `etag` is that of the song.ini
    or .sng. `files` maps the files in the folder to their sizes in bytes, `instruments` each instrument that has notes
    to its intensity (-1 unknown). `problems` are those of the rules as JSON-able dicts; `refused` says that a game
    would not load the song. `notes_etag` is that of the notes file from which identity, instruments, difficulties and
    problems were read; empty until then. `chart` is its summary. The index sets the notes a second of the chart that
    has most, on average; when the row was made, when it changed, and when it was read from the song's files, in Unix
    seconds; what its players did, the `lists` that hold it, and its `tags`.
    """

    id: int
    path: str
    title: str
    artist: str
    album: str
    genre: str = ""
    year: str = ""
    charter: str = ""
    length: int = 0
    identity: str = ""
    sha1: str = ""
    etag: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)
    instruments: Mapping[str, int] = field(default_factory=dict)
    difficulties: tuple[str, ...] = ()
    problems: tuple[Mapping[str, Any], ...] = ()
    refused: bool = False
    has_video: bool = False
    has_lyrics: bool = False
    has_art: bool = False
    modified: float = 0.0
    notes_etag: str = ""
    chart: Mapping[str, Any] | None = None
    nps: float = field(default=0.0, compare=False)
    played: Played = field(default=NEVER, compare=False)
    lists: tuple[str, ...] = field(default=(), compare=False)
    tags: tuple[str, ...] = field(default=(), compare=False)
    created_at: float = field(default=0.0, compare=False)
    updated_at: float = field(default=0.0, compare=False)
    synced_at: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Score:
    """The best that `player` did in a song, with how often it was played.

    `hash` is in lower case. `stars` are 0 to 6, `percent` 0 to 100. `played` is when it was played last, as the game
    wrote it, and empty where it does not say; so are `title` and `artist`.
    """

    player: str
    hash: str
    plays: int
    score: int
    stars: int
    percent: int
    full_combo: bool
    played: str = ""
    title: str = ""
    artist: str = ""


@dataclass(frozen=True, slots=True)
class PlayerCounts:
    """A player in numbers: charts, plays, full combos, charts of five stars or more, and charts not in the library."""

    player: str
    charts: int
    plays: int
    full_combos: int
    five_stars: int
    missing: int


Sort = Literal[
    "title", "artist", "album", "genre", "year", "charter", "length", "modified", "added", "nps", "plays", "stars",
    "random", "relevance",
]  # fmt: skip
"""What songs are sorted by."""


@dataclass(frozen=True, slots=True)
class SongQuery:
    """Which songs, in which order. Empty means any; texts are compared without case; `problem` is a code or `any`."""

    search: str = ""
    artist: str = ""
    album: str = ""
    genre: str = ""
    year: str = ""
    charter: str = ""
    instrument: str = ""
    difficulty: str = ""
    problem: str = ""
    has_video: bool | None = None
    has_lyrics: bool | None = None
    has_art: bool | None = None
    duplicates: bool = False
    sort: Sort = "title"
    order: Literal["asc", "desc"] = "asc"
    limit: int = 100
    offset: int = 0


class JobState(StrEnum):
    """What a job does now. One in UNFINISHED goes on; the others are final."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.WAITING, JobState.RUNNING)
"""The states of a job that has not ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """One long piece of work.

    `kind` names the runner (`import`, `generate`, `sync` …); `title` is for people; `subject` is the tree path that it
    works on, if any; `progress` runs from 0 to 1 and `step` names in a word the current step. `result` is JSON-able.
    `created` and `updated` are Unix seconds.
    """

    id: str
    kind: str
    title: str
    state: JobState = JobState.WAITING
    subject: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    step: str = ""
    progress: float = 0.0
    result: Mapping[str, Any] | None = None
    error: str | None = None
    created: float = 0.0
    updated: float = 0.0

    @property
    def final(self) -> bool:
        """Whether the job has ended."""
        return self.state not in UNFINISHED

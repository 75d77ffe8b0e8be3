"""The JSON of requests and responses, which the API document is made from."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from davproxy.model import Entry, Job, JobState, Song, Trashed

Path = Annotated[str, Field(description="A path of the tree, such as /Songs/Artist/Title.", max_length=4000)]


class Input(BaseModel):
    """What a client sends. An unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Wait(Input):
    """An operation that starts a job."""

    wait: bool = Field(False, description="Respond when the job is done, with its result.")


class SongSummary(BaseModel):
    """A song in a list. `title` is plain text; `rich_title` may hold rich text tags."""

    id: int
    path: str
    title: str
    rich_title: str
    artist: str
    album: str
    genre: str
    year: str
    charter: str
    length: int = Field(description="Milliseconds.")
    instruments: dict[str, int] = Field(description="Intensity 0-6 by instrument, -1 where none is given.")
    difficulties: list[str]
    problems: int = Field(description="Number of problems.")
    errors: int = Field(description="Number of problems that make the song play wrong or keep it from loading.")
    refused: bool = Field(description="A game would not load this song.")
    has_art: bool
    has_video: bool
    has_lyrics: bool
    modified: float = Field(description="Unix seconds.")
    etag: str

    @classmethod
    def of(cls, song: Song) -> "SongSummary":
        """The summary of `song`."""
        return cls(**_summary(song))


class SongDetail(SongSummary):
    """Everything about a song."""

    metadata: dict[str, str] = Field(description="Every key and value of song.ini, keys in lower case.")
    files: dict[str, int] = Field(description="Bytes by file name.")
    findings: list[dict[str, Any]] = Field(description="The problems, each with an explanation.")
    identity: str = Field(description="MD5 of the notes file, which Clone Hero knows the song by.")
    chart: dict[str, Any] | None = Field(description="The chart in numbers: tracks with notes and density, sections.")

    @classmethod
    def of(cls, song: Song) -> "SongDetail":
        """The details of `song`."""
        return cls(
            **_summary(song),
            metadata=dict(song.metadata),
            files=dict(song.files),
            findings=[dict(problem) for problem in song.problems],
            identity=song.identity,
            chart=None if song.chart is None else dict(song.chart),
        )


def _summary(song: Song) -> dict[str, Any]:
    return {
        "id": song.id,
        "path": song.path,
        "title": song.title,
        "rich_title": song.metadata.get("name") or song.title,
        "artist": song.artist,
        "album": song.album,
        "genre": song.genre,
        "year": song.year,
        "charter": song.charter,
        "length": song.length,
        "instruments": dict(song.instruments),
        "difficulties": list(song.difficulties),
        "problems": len(song.problems),
        "errors": sum(problem.get("severity") != "warning" for problem in song.problems),
        "refused": song.refused,
        "has_art": song.has_art,
        "has_video": song.has_video,
        "has_lyrics": song.has_lyrics,
        "modified": song.modified,
        "etag": song.etag,
    }


class SongPage(BaseModel):
    """One page of a list. `total` counts all songs that match."""

    total: int
    songs: list[SongSummary]


Changes = dict[
    Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\s=\[;#][^=\r\n]*$")],
    Annotated[str, Field(max_length=10_000, pattern=r"^[^\r\n\x00]*$")] | None,
]
"""New values by song.ini key; null removes the key."""


class SongEdit(Input):
    """An edit of song.ini."""

    metadata: Changes = Field(description="New values by song.ini key; null removes a key.", min_length=1)
    breaks_scores: bool = Field(
        False, description="Allow a change of the chart's identity, which loses players' scores."
    )


class BulkEdit(Input):
    """The same edit for many songs."""

    ids: list[Annotated[int, Field(ge=0, lt=2**63)]] = Field(min_length=1, max_length=500)
    metadata: Changes = Field(description="New values by song.ini key; null removes a key.", min_length=1)
    breaks_scores: bool = False
    dry_run: bool = Field(False, description="List the changes and write nothing.")


class Change(BaseModel):
    """The value of a key before and after the edit; null where it is absent."""

    key: str
    before: str | None
    after: str | None


class SongChange(BaseModel):
    """The changes of one song. `error` says why it was not edited."""

    id: int
    title: str
    changes: list[Change]
    error: str | None = None


class BulkResult(BaseModel):
    """The songs of a bulk edit, in the order of `ids`."""

    dry_run: bool
    changed: int
    failed: int
    songs: list[SongChange]


class JobShape(BaseModel):
    """A long piece of work."""

    id: str
    kind: str
    title: str
    state: JobState
    subject: str
    step: str
    progress: float = Field(ge=0, le=1)
    result: dict[str, Any] | None
    error: str | None
    created: float = Field(description="Unix seconds.")
    updated: float = Field(description="Unix seconds.")
    final: bool = Field(description="Whether the job is over: done, failed or cancelled.")

    @classmethod
    def of(cls, job: Job) -> "JobShape":
        """The shape of `job`."""
        result = None if job.result is None else dict(job.result)
        return cls.model_validate({name: getattr(job, name) for name in cls.model_fields} | {"result": result})


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobShape]


class EntryShape(BaseModel):
    """A file or folder of the tree."""

    name: str
    path: str
    is_folder: bool
    size: int
    modified: float
    etag: str
    song: int | None = Field(None, description="The id of the song in this folder or .sng file.")

    @classmethod
    def of(cls, entry: Entry, song: int | None = None) -> "EntryShape":
        """The shape of `entry`."""
        return cls(
            name=entry.path.rpartition("/")[2],
            path=entry.path,
            is_folder=entry.is_folder,
            size=entry.size,
            modified=entry.modified,
            etag=entry.etag,
            song=song,
        )


class Listing(BaseModel):
    """A folder and its entries."""

    path: str
    entries: list[EntryShape]
    can_undo: bool = Field(description="Whether a deleted entry can be restored.")


class Uploaded(BaseModel):
    """A file of an upload: stored at `path`, or refused with `error`. `job` imports it, if it is to be imported."""

    name: str
    path: str | None
    job: JobShape | None
    error: str | None


class UploadResult(BaseModel):
    """The files of an upload, in order."""

    files: list[Uploaded]


class TrashedShape(BaseModel):
    """A deleted entry, which `key` restores."""

    key: str
    path: str
    is_folder: bool
    size: int
    deleted: float

    @classmethod
    def of(cls, trashed: Trashed) -> "TrashedShape":
        """The shape of `trashed`."""
        return cls.model_validate({name: getattr(trashed, name) for name in cls.model_fields})


class Deleted(BaseModel):
    """A deletion. `restore` is the key that undoes it, or null where there is no trash bin."""

    path: str
    restore: str | None


class TrackName(BaseModel):
    """A chart of the song."""

    instrument: str
    difficulty: str
    notes: int


class HighwayChart(BaseModel):
    """The notes of one chart, for a highway. Times are seconds from tick 0; the audio is at `time + offset`."""

    instrument: str
    difficulty: str
    family: str = Field(description="five-fret, six-fret or drums.")
    tracks: list[TrackName]
    offset: float
    length: float
    notes: list[tuple[float, float, list[int], int]] = Field(
        description="Time, duration, lanes (-1: open or kick; six frets: white 1-3, then black 1-3), "
        "flags (1 hammer-on, 2 tap, 4 cymbal)."
    )
    star_power: list[tuple[float, float]] = Field(description="Start, end.")
    sections: list[tuple[float, str]] = Field(description="Time, name.")
    beats: list[tuple[float, bool]] = Field(description="Time, whether it is a downbeat.")

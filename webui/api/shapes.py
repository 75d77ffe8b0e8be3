"""The JSON that several operations share: jobs, entries of the tree, uploads. The API document is made from it."""

from email.utils import formatdate
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from davproxy.media_types import media_type
from davproxy.model import Entry, Job, JobState, Trashed

SongId = Annotated[int, Field(ge=0, lt=2**63)]
Path = Annotated[str, Field(description="A path of the tree, such as /Songs/Artist/Title.", max_length=4000)]


class Input(BaseModel):
    """What a client sends. An unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Wait(Input):
    """An operation that starts a job."""

    wait: bool = Field(True, description="Respond when the work is done; false: with the job, at once.")


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


EntryState = Literal["", "song", "waiting", "running", "failed", "in_doubt"]


class EntryShape(BaseModel):
    """A file or folder of the tree."""

    name: str
    path: str
    is_folder: bool
    size: int
    modified: float
    etag: str
    song: int | None = Field(None, description="The id of the song in this folder or .sng file.")
    state: EntryState = Field(
        "",
        description="In a listing: a song; a source that waits for its import, is being imported or could not be"
        " imported; a file that a change which failed may have changed.",
    )

    @classmethod
    def of(cls, entry: Entry, song: int | None = None, state: EntryState = "") -> "EntryShape":
        """The shape of `entry`."""
        return cls(
            name=entry.path.rpartition("/")[2],
            path=entry.path,
            is_folder=entry.is_folder,
            size=entry.size,
            modified=entry.modified,
            etag=entry.etag,
            song=song,
            state=state,
        )


class Item(BaseModel):
    """An entry of the tree, in the first version's words."""

    name: str
    path: str
    is_directory: bool
    size: int
    content_type: str
    last_modified: str = Field(description="As an HTTP date; empty if it is not known.")
    etag: str

    @classmethod
    def of(cls, entry: Entry) -> "Item":
        """The shape of `entry`."""
        name = entry.path.rpartition("/")[2]
        return cls(
            name=name,
            path=entry.path,
            is_directory=entry.is_folder,
            size=entry.size,
            content_type="" if entry.is_folder else media_type(name),
            last_modified=formatdate(entry.modified, usegmt=True) if entry.modified else "",
            etag=entry.etag,
        )


class Listing(BaseModel):
    """A folder and its entries, in the same order in `entries` and `items`."""

    path: str
    total: int
    entries: list[EntryShape]
    items: list[Item]
    can_undo: bool = Field(description="Whether a deleted entry can be restored.")


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
    message: str

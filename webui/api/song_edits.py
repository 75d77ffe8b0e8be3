"""The JSON of edits, of one song and of many."""

from typing import Annotated

from pydantic import BaseModel, Field

from webui.api.shapes import Input, JobShape
from webui.api.song_shapes import SongDetail

Key = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\s=\[;#][^=\r\n]*$")]
"""A key of song.ini."""
Line = Annotated[str, Field(max_length=10_000, pattern=r"^[^\r\n\x00]*$")]
"""Text without line breaks."""
Changes = dict[Key, Line | None]
"""New values by song.ini key; null removes the key."""
Values = dict[Key, Line | bool | int | Annotated[float, Field(allow_inf_nan=False)] | None]
"""The same, with any scalar of JSON as a value."""


class SongEdit(Input):
    """An edit of song.ini. `title`, `artist` and `album` replace what `metadata` says of them."""

    title: Line | None = Field(None, description="The song's name.")
    artist: Line | None = None
    album: Line | None = None
    metadata: Values | None = Field(
        None, description="New values by song.ini key; null removes a key. `title` is another word for `name`."
    )
    breaks_scores: bool = Field(
        False, description="Allow a change of the chart's identity, which loses players' scores."
    )

    def changes(self) -> Values:
        """The new values by song.ini key."""
        top = {"name": self.title, "artist": self.artist, "album": self.album}
        chosen = {key: value for key, value in top.items() if value is not None}
        replaced = {*chosen, "title"} if "name" in chosen else {*chosen}
        others = {key: value for key, value in (self.metadata or {}).items() if key.strip().lower() not in replaced}
        return {**others, **chosen}


class EditedSong(SongDetail):
    """The song after an edit."""

    message: str
    proposed_path: str | None = Field(
        description="Where the pattern of song folders would put it now, if elsewhere: `POST /api/organiser` moves it."
    )


Ids = Annotated[list[Annotated[int, Field(ge=0, lt=2**63, strict=True)]], Field(min_length=1, max_length=40_000)]
"""Which songs; as many as fit into a request."""


class BulkEdit(Input):
    """The same edit for many songs."""

    ids: Ids
    metadata: Changes = Field(description="New values by song.ini key; null removes a key.", min_length=1)
    breaks_scores: bool = False
    dry_run: bool = Field(False, description="List the changes and write nothing.")


class Change(BaseModel):
    """The value of a key before and after the edit; null where it is absent."""

    key: str
    before: str | None
    after: str | None


class SongChange(BaseModel):
    """The changes of one song."""

    id: int
    title: str
    artist: str
    changes: list[Change]
    error: str | None = Field(default=None, description="Why the song is not edited.")
    status: int | None = Field(default=None, description="The status with which an edit of this song alone is refused.")


class BulkDeletion(Input):
    """Which songs to delete."""

    ids: Ids


class BulkDeleted(BaseModel):
    """What became of a deletion of many songs. The job can be undone where there is a trash bin."""

    deleted: int
    failed: int
    job: JobShape


class BulkResult(BaseModel):
    """The songs of a bulk edit, in the order of `ids`."""

    dry_run: bool
    changed: int
    failed: int
    songs: list[SongChange]

"""The JSON of edits, of one song and of many."""

from typing import Annotated

from pydantic import BaseModel, Field

from webui.api.shapes import Input

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

"""The JSON of what happened to a song."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, Field

from davproxy.curation.history import Happened
from webui.api.shapes import JobShape
from webui.api.song_edits import Change
from webui.api.step_shapes import StepShape

OF_RESULT = ("summary", "can_undo")
"""What is said about a job's result; all else is about other songs."""


class SongEvent(BaseModel):
    """What one job did to the song. One without fields and steps brought the song."""

    job: JobShape
    fields: list[Change] = Field(description="Of song.ini.")
    steps: list[StepShape]

    @classmethod
    def of(cls, happened: Happened) -> "SongEvent":
        """The shape of `happened`."""
        result = {name: value for name, value in (happened.job.result or {}).items() if name in OF_RESULT}
        return cls(
            job=JobShape.of(replace(happened.job, result=result)),
            fields=[Change(key=key, before=before, after=after) for key, before, after in happened.fields],
            steps=[StepShape.of(step) for step in happened.steps],
        )


class SongHistory(BaseModel):
    """What happened to a song, newest first."""

    events: list[SongEvent]

    @classmethod
    def of(cls, history: Sequence[Happened]) -> "SongHistory":
        """The shape of `history`."""
        return cls(events=[SongEvent.of(happened) for happened in history])

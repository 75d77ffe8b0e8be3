"""/api/songs/ID/chart: what the chart of a generated song was made with, and the chart made again from its audio."""

from typing import Annotated, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.charter.correction import FARTHEST, FASTEST, MOST_BEATS, MOST_MUTED, MOST_SHIFTED
from davproxy.formats.chart import Difficulty
from davproxy.imports.kept_options import is_edited, kept_options
from webui.api.jobs import respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import Input, JobShape, Wait
from webui.services import services

blueprint = APIBlueprint("corrections", __name__, url_prefix="/api/songs", tag="Generator")

Range = Annotated[list[float], Field(min_length=2, max_length=2)]


class CorrectionShape(Input):
    """What is wrong with the chart as it is made without corrections. Times are seconds of the recording, which begins
    `lead_in` seconds after the song."""

    tempo: Literal["", "x2", "/2", "x3", "/3"] = Field("", description="Beats for each one that was found.")
    bpm: float = Field(0.0, ge=0, le=FASTEST, description="The tapped tempo, in place of `tempo`; 0 if none was.")
    bar_shift: int = Field(0, ge=-MOST_SHIFTED, le=MOST_SHIFTED, description="Beats by which bars begin later.")
    beats_per_bar: int = Field(0, ge=0, le=MOST_BEATS, description="0 for what was found, else 2 or more.")
    offset: float = Field(0.0, ge=-FARTHEST, le=FARTHEST, description="Seconds by which the beats are later.")
    density: Literal["", "fewer", "more"] = Field("", description="Fewer or more notes, except for drums.")
    muted: list[Range] = Field([], max_length=MOST_MUTED, description="Ranges without notes: start and end of each.")


class ChartOptions(Input):
    """How a chart is made again. What is not given stays as it was; a `correction` replaces the last one as a whole."""

    correction: CorrectionShape | None = None
    difficulties: list[Difficulty] | None = None
    drums: bool | None = None
    replace_edited: bool = Field(False, description="Replace notes that were edited since the chart was made.")


class FoundBeatShape(BaseModel):
    """The beat as it was found, from which corrections count."""

    bpm: float = Field(description="The typical tempo, in beats a minute.")
    beats_per_bar: int
    downbeat: float = Field(description="The time of a downbeat, in seconds of the recording.")


class KeptOptions(BaseModel):
    """What a chart was made with."""

    lead_in: float = Field(description="Seconds of silence before the recording.")
    difficulties: list[Difficulty] = Field(description="All, if it is empty.")
    drums: bool
    correction: CorrectionShape
    found: FoundBeatShape | None = Field(description="The beat without the correction; null for early songs.")
    edited: bool = Field(description="Whether the notes were edited since; a new chart replaces them.")


@blueprint.get("/<int:song_id>/chart")
@blueprint.output(KeptOptions)
def read_chart_options(song_id: int) -> KeptOptions:
    """What the chart of a generated song was made with. 404 for a song whose chart was not made here."""
    library = services().library
    song = library.songs.get(song_id)
    kept = {**kept_options(library, song)}
    kept["edited"] = is_edited(song, kept)
    return KeptOptions.model_validate({name: kept[name] for name in KeptOptions.model_fields})


@blueprint.post("/<int:song_id>/chart")
@blueprint.input(ChartOptions, arg_name="given")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.output(JobShape)
@blueprint.doc(responses=ACCEPTED)
def remake_chart(song_id: int, given: ChartOptions, how: Wait) -> Response:
    """Make the chart of a generated song again from its audio, corrected.

    The new song replaces the old one, which goes to the trash bin where there is one, once it is complete; scores
    belong to the old chart. 409 if the notes were edited since, unless `replace_edited` is true.
    While it works, `result.found` of the job tells what can be drawn of the song.
    """
    job = services().imports.remake(song_id, given.model_dump(mode="json", exclude_none=True))
    return respond(job, how, JobShape.of)

"""/api/organiser: move songs into the folders that a pattern names."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.curation.organiser import ORGANISE
from davproxy.setting_types import PATTERN_FIELDS
from webui.api.jobs import as_json, respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import Input, SongId, Wait
from webui.api.step_shapes import Plan
from webui.services import services

blueprint = APIBlueprint("organiser", __name__, url_prefix="/api/organiser", tag="Organiser")


class PatternShape(BaseModel):
    """The pattern of the settings, and the fields that one can have."""

    pattern: str
    fields: list[str]


class Organise(Input):
    """Which songs go where."""

    ids: list[SongId] = Field([], max_length=40_000, description="Songs; none for all.")
    pattern: str = Field("", max_length=300, description="As `{artist}/{title}_{id}`; that of SONG_FOLDERS if empty.")
    dry_run: bool = Field(False, description="List every move, and do nothing.")


@blueprint.get("")
@blueprint.output(PatternShape)
def read_pattern() -> PatternShape:
    """The pattern of song folders (SONG_FOLDERS)."""
    return PatternShape(pattern=services().settings.song_folders, fields=list(PATTERN_FIELDS))


@blueprint.post("")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(Organise, arg_name="wanted")
@blueprint.output(Plan)
@blueprint.doc(responses=ACCEPTED)
def organise(how: Wait, wanted: Organise) -> Response:
    """Move songs to the folders that the pattern says, by one job that `POST /api/jobs/{job_id}/undo` undoes.

    Ids, lists and scores stay. A song whose folder would be another's gets a number behind its name.
    """
    options: dict[str, Any] = {"ids": wanted.ids, "pattern": wanted.pattern}
    steps = services().curation.steps
    if wanted.dry_run:
        return as_json(Plan.of(steps.plan(ORGANISE, options)), 200)
    return respond(steps.start(ORGANISE, options), how, Plan.of_job)

"""/api/repairs: what can be made right, for one song or all; and every problem as a table."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.curation.repairs import REPAIR, REPAIRS
from webui.api.jobs import as_json, respond
from webui.api.openapi import ACCEPTED, binary
from webui.api.shapes import Input, JobShape, SongId, Wait
from webui.api.step_shapes import Plan
from webui.downloads import named
from webui.services import services

blueprint = APIBlueprint("repairs", __name__, url_prefix="/api/repairs", tag="Repairs")


class RepairShape(BaseModel):
    """A kind of repair."""

    name: str
    title: str
    text: str
    songs: int | None = Field(
        description="Songs that it would change; null where a look into files is needed, or one cannot be read now."
    )


class RepairList(BaseModel):
    """Every kind of repair."""

    repairs: list[RepairShape]


class RepairQuery(Input):
    """Which songs count."""

    id: SongId | None = Field(None, description="This song alone, into whose files it looks; all songs if not given.")


class RepairLook(Input):
    """Which repair, of which songs."""

    repair: str = Field(max_length=40, description="The name of the repair.")
    ids: list[SongId] = Field([], max_length=40_000, description="Songs; none for all.")


class RepairWanted(RepairLook):
    """What to repair."""

    job: str = Field("", max_length=40, description="The job that looked, where a repair of all songs opens files.")
    dry_run: bool = Field(False, description="List every change, and do nothing.")


@blueprint.get("")
@blueprint.input(RepairQuery, location="query", arg_name="query")
@blueprint.output(RepairList)
def list_repairs(query: RepairQuery) -> RepairList:
    """What can be repaired, and in how many songs."""
    repairs = services().curation.repairs
    counts = repairs.counts() if query.id is None else repairs.counts_of(query.id)
    return RepairList(
        repairs=[
            RepairShape(name=each.name, title=each.title, text=each.text, songs=counts.get(each.name))
            for each in REPAIRS
        ]
    )


@blueprint.post("/look")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(RepairLook, arg_name="wanted")
@blueprint.output(JobShape)
@blueprint.doc(responses=ACCEPTED)
def look_into_files(how: Wait, wanted: RepairLook) -> Response:
    """Look into files of songs for what a repair would do, by a job that changes nothing."""
    return respond(services().curation.repairs.look(wanted.repair, wanted.ids), how, JobShape.of)


@blueprint.post("")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(RepairWanted, arg_name="wanted")
@blueprint.output(Plan)
@blueprint.doc(responses=ACCEPTED)
def repair_songs(how: Wait, wanted: RepairWanted) -> Response:
    """Repair songs by one job that `POST /api/jobs/{job_id}/undo` undoes. Notes are never touched."""
    options: dict[str, Any] = wanted.model_dump(mode="json", exclude={"dry_run"})
    steps = services().curation.steps
    if wanted.dry_run:
        return as_json(Plan.of(steps.plan(REPAIR, options)), 200)
    return respond(steps.start(REPAIR, options), how, Plan.of_job)


@blueprint.get("/problems.csv")
@blueprint.doc(responses=binary(200, "text/csv"))
def export_problems() -> Response:
    """Every problem of every song as a table."""
    content = "".join(services().curation.repairs.problems_csv()).encode("utf-8-sig")
    return named(Response(content, content_type="text/csv; charset=utf-8"), "problems.csv")

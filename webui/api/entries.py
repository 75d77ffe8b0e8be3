"""/api/webdav/entries: several files and folders of the tree at once, each time as one job that can be undone."""

from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from webui.api.jobs import respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import Input, JobShape, Path, Wait
from webui.api.tree_paths import path_inside
from webui.services import services

blueprint = APIBlueprint("entries", __name__, url_prefix="/api/webdav/entries", tag="Files")

Paths = Annotated[list[Path], Field(min_length=1, max_length=40_000)]


class ChosenEntries(Input):
    """Which entries."""

    paths: Paths


class MoveEntries(ChosenEntries):
    """Which entries, and the folder that they go to."""

    folder: Path


@blueprint.post("/move")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(MoveEntries, arg_name="wanted")
@blueprint.output(JobShape)
@blueprint.doc(responses=ACCEPTED)
def move_entries(how: Wait, wanted: MoveEntries) -> Response:
    """Move files and folders into a folder, by one job that `POST /api/jobs/{job_id}/undo` undoes.

    What cannot be moved, because the folder has such a name already, stays and is listed in the job's result.
    """
    chosen = [path_inside(path) for path in wanted.paths]
    return respond(services().curation.entries.move(chosen, path_inside(wanted.folder, top=True)), how, JobShape.of)


@blueprint.post("/delete")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(ChosenEntries, arg_name="wanted")
@blueprint.output(JobShape)
@blueprint.doc(responses=ACCEPTED)
def delete_entries(how: Wait, wanted: ChosenEntries) -> Response:
    """Delete files and folders, to the trash bin where there is one, by one job."""
    return respond(services().curation.entries.delete([path_inside(path) for path in wanted.paths]), how, JobShape.of)

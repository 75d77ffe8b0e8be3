"""/api/webdav/import: import songs that are on the remote."""

from typing import Annotated, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy import paths
from davproxy.curation.improve import BOTH
from davproxy.curation.packages import INI
from davproxy.errors import BadInput, NotFound
from davproxy.model import Job
from webui.api.jobs import respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import Input, JobShape, Wait
from webui.api.tree_paths import Which, check_type, path_inside
from webui.api.upload_results import ImportedSong, imported_songs
from webui.services import services

blueprint = APIBlueprint("imports", __name__, url_prefix="/api/webdav", tag="Files")
blueprint.before_request(check_type)


class ImportHow(Wait):
    """How to import."""

    same_notes: Literal["keep", "replace", "both"] | None = Field(
        None, description="Where it came with other files: keep ours, replace ours, or keep both; else SAME_NOTES."
    )


class ChoiceOfSong(Input):
    """What happens to one song of the library, where what came differs from it."""

    path: str = Field(max_length=4000, description="The song's path.")
    replace: list[Annotated[str, Field(max_length=400)]] = Field(
        [], max_length=100, description="The parts to replace, as `differs` of the job's result names them."
    )
    both: bool = Field(
        False, description="Keep what came as a song of its own, beside ours; `replace` then does nothing."
    )


class ImportChoices(Input):
    """Choices for some songs; the others stay as they are."""

    songs: list[ChoiceOfSong] = Field(min_length=1, max_length=1000)


class Imported(BaseModel):
    """What an import brought into the library."""

    message: str
    song_id: int | None = Field(
        description="The song, or the first of several; null for a folder that only holds songs."
    )
    remote_path: str
    songs: list[ImportedSong]
    job: JobShape


@blueprint.post("/import")
@blueprint.input(Which, location="json_or_form", arg_name="which")
@blueprint.input(ImportHow, location="query", arg_name="how")
@blueprint.output(Imported)
@blueprint.doc(responses=ACCEPTED)
def import_folder(which: Which, how: ImportHow) -> Response:
    """Import the songs of an archive or a folder in /Drop, or chart what is in /Generate, also if it failed before.

    For a folder elsewhere, read what changed on the remote.
    """
    core = services()
    path = path_inside(which.value, top=True)
    if core.library.tree.find(path) is None:
        core.library.tree.refresh(path)  # it may have come to the remote a moment ago
    entry = core.library.tree.stat(path)
    is_elsewhere = entry.is_folder and not any(paths.is_below(path, top) for top in (paths.DROP, paths.GENERATE))
    if is_elsewhere:
        return respond(core.sync.request(), how, lambda job: _sync_result(job, path))
    is_audio = paths.is_below(path, paths.GENERATE)
    job = core.imports.generate(path) if is_audio else core.imports.import_source(path, same_notes=how.same_notes or "")
    return respond(job, how, _import_result)


@blueprint.post("/import/<job_id>/choices")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(ImportChoices, arg_name="wanted")
@blueprint.output(JobShape)
@blueprint.doc(responses=ACCEPTED)
def choose_again(job_id: str, how: Wait, wanted: ImportChoices) -> Response:
    """Replace ours, or keep both, where what an import brought differs: it comes back from the trash bin for that."""
    choices = {each.path: BOTH if each.both else [_part(name) for name in each.replace] for each in wanted.songs}
    return respond(services().imports.choose(job_id, choices), how, JobShape.of)


def _part(name: str) -> str:
    """The part of a song that `differs` of a result names; song.ini has its fields behind it."""
    return INI if name.startswith(f"{INI} (") else name


def _import_result(job: Job) -> Imported:
    """The songs that a finished `job` imported. Raises NotFound if there are none."""
    songs = imported_songs(job.result or {})
    if not songs:
        raise NotFound("It was removed before its turn.")
    return Imported(
        message=f"“{songs[0].title}” is in the library."
        if len(songs) == 1
        else f"{len(songs)} songs are in the library.",
        song_id=songs[0].id,
        remote_path=songs[0].remote_path,
        songs=songs,
        job=JobShape.of(job),
    )


def _sync_result(job: Job, path: str) -> Imported:
    """The song in the folder at `path`, after the sync of a finished `job`. Raises BadInput if no song is below it."""
    library = services().library
    song = library.songs.at(path)
    below = library.songs.ids_below(path)
    if song is None and not below:
        raise BadInput(f"There is no song in “{paths.printable(path)}”. A song needs a song.ini, or notes and audio.")
    return Imported(
        message=f"“{song.title}” is in the library." if song else f"Songs in the library from there: {len(below)}.",
        song_id=song.id if song else None,
        remote_path=path,
        songs=[ImportedSong.of(song)] if song else [],
        job=JobShape.of(job),
    )

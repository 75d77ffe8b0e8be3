"""/api/webdav: the tree: list, upload, move, delete, restore, import."""

import re

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, Field

from davproxy import paths
from davproxy.errors import BadInput, Forbidden, NotFound
from davproxy.library import Upload
from davproxy.model import ABSENT, ANYTHING
from webui.api.jobs import job_response
from webui.api.openapi import JOB_DONE, response
from webui.api.shapes import (
    Deleted,
    EntryShape,
    Input,
    JobShape,
    Listing,
    Path,
    TrashedShape,
    UploadResult,
    Wait,
)
from webui.api.uploads import FILES, upload_response
from webui.multipart import receive
from webui.services import services

blueprint = APIBlueprint("webdav", __name__, url_prefix="/api/webdav", tag="Files")


class Connection(BaseModel):
    """The connection to the remote, and the WebDAV address of the tree."""

    state: str = Field(description="never, current, unreachable or failed.")
    message: str
    server: str
    can_undo: bool
    address: str = Field(description="The URL that a file manager connects to.")


class At(Input):
    """A path of the tree."""

    path: Path = "/"


class Target(At):
    """The folder of an upload."""

    wait: bool = False
    replace: bool = Field(False, description="Replace a file of the same name; otherwise 412.")


class Move(Input):
    """A move or rename."""

    source: Path
    target: Path


class Restore(Input):
    """The key of a deleted entry."""

    key: str = Field(min_length=1, max_length=4000)


class Trash(BaseModel):
    """Deleted entries, newest first."""

    entries: list[TrashedShape]


@blueprint.get("/status")
@blueprint.output(Connection)
def status() -> Connection:
    """The connection to the remote."""
    core = services()
    features = core.library.features
    return Connection(
        state=core.sync.state,
        message=core.sync.message,
        server=features.label,
        can_undo=features.trash,
        address=f"{request.host_url}dav/",
    )


@blueprint.get("/browse")
@blueprint.input(At, location="query", arg_name="at")
@blueprint.output(Listing)
def browse(at: At) -> Listing:
    """A folder's entries: folders first, then by name, “Song 2” before “Song 10”."""
    library = services().library
    path = visible(at.path)
    songs = library.songs.ids_below(path) if paths.is_at_or_below(path, paths.SONGS) else {}
    entries = sorted(library.tree.children(path), key=lambda entry: (not entry.is_folder, _natural_order(entry.path)))
    return Listing(
        path=path,
        entries=[EntryShape.of(entry, songs.get(entry.path)) for entry in entries],
        can_undo=library.features.trash,
    )


@blueprint.post("/import")
@blueprint.input(At, arg_name="at")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.output(JobShape, status_code=202)
@blueprint.doc(responses=JOB_DONE)
def import_folder(at: At, how: Wait) -> tuple[JobShape, int, dict[str, str]]:
    """Import the songs of an archive or a folder in /Drop; for a folder elsewhere, read what changed on the remote."""
    core = services()
    entry = core.library.tree.stat(inside(at.path, top=True))
    is_elsewhere = entry.is_folder and not paths.is_below(entry.path, paths.DROP)
    job = core.sync.request() if is_elsewhere else core.imports.import_source(entry.path)
    return job_response(job, how.wait)


@blueprint.post("/upload")
@blueprint.input(Target, location="query", arg_name="target")
@blueprint.output(UploadResult, status_code=202)
@blueprint.doc(extensions=FILES, responses=response(200, "Stored, with nothing to import."))
def upload(target: Target) -> tuple[UploadResult, int]:
    """Upload files into a folder, which is created if it is missing."""
    folder, replace = inside(target.path, top=True), target.replace

    def begin(_field: str, name: str, _fields: dict[str, str]) -> Upload:
        library = services().library
        path = paths.normalise(paths.join(folder, name))
        if path == folder:
            raise BadInput("file: a file needs a name.")
        if folder not in paths.STORED:
            library.tree.make_folder(folder)
        return library.tree.upload(path, guard=ANYTHING if replace else ABSENT)

    return upload_response(receive(request, begin), target.wait)


@blueprint.post("/mkdir")
@blueprint.input(At, arg_name="at")
@blueprint.output(EntryShape, status_code=201)
def make_folder(at: At) -> EntryShape:
    """Create a folder, and every missing one above it."""
    return EntryShape.of(services().library.tree.make_folder(inside(at.path)))


@blueprint.post("/move")
@blueprint.input(Move, arg_name="move")
@blueprint.output(EntryShape)
def move(move: Move) -> EntryShape:
    """Move or rename a file or folder. An existing target is not replaced."""
    return EntryShape.of(services().library.tree.move(inside(move.source), inside(move.target)))


@blueprint.delete("/delete")
@blueprint.input(At, location="query", arg_name="at")
@blueprint.output(Deleted)
def delete(at: At) -> Deleted:
    """Delete a file or folder, to the trash bin where there is one."""
    path = inside(at.path)
    restore = services().library.tree.delete(path)
    return Deleted(path=path, restore=restore, message=f"{path} is deleted.")


@blueprint.get("/trash")
@blueprint.output(Trash)
def trash() -> Trash:
    """The deleted files and folders that can be restored."""
    return Trash(entries=[TrashedShape.of(trashed) for trashed in services().library.tree.trash()])


@blueprint.post("/restore")
@blueprint.input(Restore, arg_name="what")
@blueprint.output(EntryShape)
def restore(what: Restore) -> EntryShape:
    """Restore a deleted file or folder to its path."""
    return EntryShape.of(services().library.tree.restore(what.key))


def _natural_order(path: str) -> list[str | int]:
    """The sort key of a path: its text in lower case, its numbers by value."""
    return [int(part) if at % 2 else part for at, part in enumerate(re.split(r"(\d+)", path.casefold()))]


def visible(raw: str) -> str:
    """The normal form of `raw`. Raises NotFound unless it is a path that clients see."""
    path = paths.normalise(raw)
    if path != "/" and not paths.is_stored(path):
        raise NotFound(f"There is no folder “{paths.printable(path)}”.")
    return path


def inside(raw: str, *, top: bool = False) -> str:
    """The normal form of a path below a top folder, or of a top folder if `top`. Raises Forbidden for any other."""
    path = visible(raw)
    if path == "/" or (path in paths.STORED and not top):
        raise Forbidden("The folders at the top stay as they are. Choose something inside one of them.")
    return path

"""/api/webdav: the tree, as a file manager sees it."""

import re

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, Field

from davproxy import paths
from davproxy.errors import BadInput, Forbidden, NotFound
from davproxy.library import Upload
from davproxy.model import ABSENT, ANYTHING
from webui.api.answers import WAITED, said
from webui.api.jobs import answer
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
from webui.api.uploads import FILES, result
from webui.multipart import receive
from webui.services import services

blueprint = APIBlueprint("webdav", __name__, url_prefix="/api/webdav", tag="Files")


class Connection(BaseModel):
    """The remote, and how to reach the tree with WebDAV."""

    state: str = Field(description="never, current, stale or unreachable")
    message: str
    server: str
    can_undo: bool
    address: str = Field(description="Where a file manager or a game connects to.")


class At(Input):
    """One path."""

    path: Path = "/"


class Target(At):
    """Where an upload goes."""

    wait: bool = False
    replace: bool = Field(False, description="Replace a file of the same name instead of answering 409.")


class Move(Input):
    """Move or rename."""

    source: Path
    target: Path


class Restore(Input):
    """What to bring back."""

    key: str = Field(min_length=1, max_length=4000)


class Trash(BaseModel):
    """What can be brought back, newest first."""

    entries: list[TrashedShape]


@blueprint.get("/status")
@blueprint.output(Connection)
def status() -> Connection:
    """The connection to the remote."""
    parts = services()
    features = parts.library.features
    return Connection(
        state=parts.sync.state,
        message=parts.sync.message,
        server=features.label,
        can_undo=features.trash,
        address=f"{request.host_url}dav/",
    )


@blueprint.get("/browse")
@blueprint.input(At, location="query", arg_name="at")
@blueprint.output(Listing)
def browse(at: At) -> Listing:
    """A folder's entries, folders first, by name: “Song 2” before “Song 10”."""
    library = services().library
    path = visible(at.path)
    songs = library.songs.ids_below(path) if paths.is_at_or_below(path, paths.SONGS) else {}
    entries = sorted(library.tree.children(path), key=lambda entry: (not entry.is_folder, _numbers_counted(entry.path)))
    return Listing(
        path=path,
        entries=[EntryShape.of(entry, songs.get(entry.path)) for entry in entries],
        can_undo=library.features.trash,
    )


@blueprint.post("/import")
@blueprint.input(At, arg_name="at")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.output(JobShape, status_code=202)
@blueprint.doc(responses=WAITED)
def import_folder(at: At, how: Wait) -> tuple[JobShape, int, dict[str, str]]:
    """Import: the songs of an archive or of a folder in /Drop, or the metadata of a folder changed on the remote."""
    parts = services()
    entry = parts.library.tree.stat(inside(at.path, top=True))
    is_metadata = entry.is_folder and not paths.is_below(entry.path, paths.DROP)
    job = parts.sync.request() if is_metadata else parts.imports.import_archive(entry.path)
    return answer(job, how.wait)


@blueprint.post("/upload")
@blueprint.input(Target, location="query", arg_name="target")
@blueprint.output(UploadResult, status_code=202)
@blueprint.doc(extensions=FILES, responses=said(200, "Stored; no work follows."))
def upload(target: Target) -> tuple[UploadResult, int]:
    """Upload files into a folder, which is made if it is missing."""
    folder, replace = inside(target.path, top=True), target.replace

    def begin(_field: str, name: str, _fields: dict[str, str]) -> Upload:
        library = services().library
        path = paths.normalise(paths.join(folder, name))
        if path == folder:
            raise BadInput("file: a file needs a name.")
        if folder not in paths.STORED:
            library.tree.make_folder(folder)
        return library.tree.upload(path, guard=ANYTHING if replace else ABSENT)

    return result(receive(request, begin), target.wait)


@blueprint.post("/mkdir")
@blueprint.input(At, arg_name="at")
@blueprint.output(EntryShape, status_code=201)
def make_folder(at: At) -> EntryShape:
    """Make a folder, and every missing one above it."""
    return EntryShape.of(services().library.tree.make_folder(inside(at.path)))


@blueprint.post("/move")
@blueprint.input(Move, arg_name="move")
@blueprint.output(EntryShape)
def move(move: Move) -> EntryShape:
    """Move or rename a file or folder; nothing is ever replaced by it."""
    return EntryShape.of(services().library.tree.move(inside(move.source), inside(move.target)))


@blueprint.delete("/delete")
@blueprint.input(At, location="query", arg_name="at")
@blueprint.output(Deleted)
def delete(at: At) -> Deleted:
    """Delete a file or folder."""
    path = inside(at.path)
    return Deleted(path=path, restore=services().library.tree.delete(path))


@blueprint.get("/trash")
@blueprint.output(Trash)
def trash() -> Trash:
    """What was deleted and can be restored."""
    return Trash(entries=[TrashedShape.of(trashed) for trashed in services().library.tree.trash()])


@blueprint.post("/restore")
@blueprint.input(Restore, arg_name="what")
@blueprint.output(EntryShape)
def restore(what: Restore) -> EntryShape:
    """Bring something deleted back to where it was."""
    return EntryShape.of(services().library.tree.restore(what.key))


def _numbers_counted(path: str) -> list[str | int]:
    """What sorts paths by their words and the values of their numbers."""
    return [int(part) if at % 2 else part for at, part in enumerate(re.split(r"(\d+)", path.casefold()))]


def visible(raw: str) -> str:
    """A path that clients may see."""
    path = paths.normalise(raw)
    if path != "/" and not paths.is_stored(path):
        raise NotFound(f"There is no folder “{paths.printable(path)}”.")
    return path


def inside(raw: str, *, top: bool = False) -> str:
    """A path below one of the top folders (or such a folder, with `top`): the only place where anything is changed."""
    path = visible(raw)
    if path == "/" or (path in paths.STORED and not top):
        raise Forbidden("The folders at the top stay as they are. Choose something inside one of them.")
    return path

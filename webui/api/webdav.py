"""/api/webdav: the tree: list, upload, move, delete, restore."""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field

from davproxy import paths
from davproxy.errors import BadInput, WrongKind
from davproxy.model import ABSENT, ANYTHING
from webui.api.entry_states import with_states
from webui.api.nextcloud import nextcloud_state
from webui.api.openapi import TEXT, binary, form
from webui.api.shapes import Deleted, EntryShape, Input, Item, Listing, Path, TrashedShape, Wait
from webui.api.tree_paths import Which, check_type, path_inside, path_shown
from webui.api.upload_results import UploadResult, upload_response
from webui.api.uploads import FILES, UPLOAD_ACCEPTED
from webui.downloads import named
from webui.services import services
from webui.song_files import content_response
from webui.upload_destinations import Destination, receive_files

blueprint = APIBlueprint("webdav", __name__, url_prefix="/api/webdav", tag="Files")
blueprint.before_request(check_type)

FOLDER_FIELDS = ("path", "remote_path")
"""The two names of the field that says where an upload goes."""


TEXT_FILES = ("txt", "ini", "chart", "log", "md", "json", "lrc")
SHOWN = (*TEXT_FILES, "png", "jpg", "jpeg", "ogg", "opus", "mp3", "wav", "mp4", "webm")
"""Extensions of what a browser may show: nothing that holds scripts."""


class Connection(BaseModel):
    """The connection to the remote, and the WebDAV address of the tree."""

    state: str = Field(description="never, current, unreachable or failed.")
    message: str
    server: str
    can_undo: bool
    address: str = Field(description="The URL that a file manager connects to.")
    configured: bool = Field(description="Whether the library is on a Nextcloud or another WebDAV server.")
    connected: bool = Field(description="Whether that answered the last sync.")
    url: str = Field(description="Its address.")
    error: str | None


class At(Input):
    """A path of the tree."""

    path: Path = "/"


class Wanted(Input):
    """Which file."""

    path: Path
    download: bool = Field(False, description="Have browsers store the file instead of showing it.")


class Target(Wait):
    """The folder of an upload; a field of the form may say it too."""

    path: Path | None = None
    remote_path: Path | None = Field(None, description="The same as `path`.")
    replace: bool = Field(False, description="Replace a file of the same name; otherwise 412.")


class Deletion(Input):
    """What to delete."""

    path: Path


class MadeFolder(EntryShape):
    """A new folder."""

    message: str


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
        **asdict(nextcloud_state()),
    )


@blueprint.get("/browse")
@blueprint.input(At, location="query", arg_name="at")
@blueprint.output(Listing)
def browse(at: At) -> Listing:
    """A folder's entries: folders first, then by name, “Song 2” before “Song 10”."""
    core, path = services(), path_shown(at.path)
    library = core.library
    songs = library.songs.ids_below(path) if paths.is_at_or_below(path, paths.SONGS) else {}
    entries = core.status.children() if path == paths.STATUS else library.tree.children(path)
    if path == "/":
        entries = [*entries, core.status.stat(paths.STATUS)]
    entries = sorted(entries, key=lambda entry: (not entry.is_folder, _natural_order(entry.path)))
    return Listing(
        path=path,
        total=len(entries),
        entries=[EntryShape.of(entry, songs.get(entry.path), state) for entry, state in with_states(entries, songs)],
        items=[Item.of(entry) for entry in entries],
        can_undo=library.features.trash,
    )


@blueprint.get("/file")
@blueprint.input(Wanted, location="query", arg_name="wanted")
@blueprint.doc(
    responses=binary(200, "application/octet-stream")
    | binary(206, "application/octet-stream", description="The requested range.")
)
def read_file(wanted: Wanted) -> Response:
    """A file of the tree, whole or a range."""
    core, path = services(), path_shown(wanted.path)
    is_status = paths.is_at_or_below(path, paths.STATUS)
    entry = core.status.stat(path) if is_status else core.library.tree.stat(path_inside(path))
    if entry.is_folder:
        raise WrongKind(f"“{paths.name_of(entry.path)}” is a folder, not a file.")

    def stream(start: int, size: int) -> AbstractContextManager[Iterator[bytes]]:
        if is_status:
            return nullcontext(iter([core.status.read(entry)[start : start + size]]))
        return core.library.tree.stream(entry.path, start, size)

    name = paths.name_of(entry.path)
    response = content_response(name, entry.size, entry.etag, stream)
    kind = name.rpartition(".")[2].lower()
    if kind in TEXT_FILES:
        response.content_type = "text/plain; charset=utf-8"
    is_shown = kind in SHOWN and not wanted.download  # a page of somebody's is never opened as one of ours
    return named(response, name, shown=is_shown)


@blueprint.post("/upload")
@blueprint.input(Target, location="query", arg_name="target")
@blueprint.output(UploadResult)
@blueprint.doc(extensions=form({**FILES, **dict.fromkeys(FOLDER_FIELDS, TEXT)}), responses=UPLOAD_ACCEPTED)
def upload(target: Target) -> Response:
    """Upload files into a folder, which is created if it is missing."""
    given = target.remote_path or target.path or "/"

    def destination_of(name: str, fields: Mapping[str, str]) -> Destination:
        folder = path_inside(next((fields[field] for field in FOLDER_FIELDS if field in fields), given), top=True)
        return destination_in(folder, name, replace=target.replace)

    is_known = bool(target.remote_path or target.path)
    return upload_response(receive_files(request, destination_of, FOLDER_FIELDS, is_known=is_known), target)


def destination_in(folder: str, name: str, *, replace: bool) -> Destination:
    """The destination of a file in a folder, which is created if it is missing. Raises BadInput for an empty name."""
    path = paths.normalise(paths.join(folder, name))
    if path == folder:
        raise BadInput("file: a file needs a name.")
    if folder not in paths.STORED:
        services().library.tree.make_folder(folder)
    return Destination(path, ANYTHING if replace else ABSENT)


@blueprint.post("/mkdir")
@blueprint.input(Which, location="json_or_form", arg_name="which")
@blueprint.output(MadeFolder, status_code=201)
def make_folder(which: Which) -> MadeFolder:
    """Create a folder, and every missing one above it."""
    made = EntryShape.of(services().library.tree.make_folder(path_inside(which.value)))
    return MadeFolder(**made.model_dump(), message=f"{made.path} is there.")


@blueprint.post("/move")
@blueprint.input(Move, arg_name="move")
@blueprint.output(EntryShape)
def move(move: Move) -> EntryShape:
    """Move or rename a file or folder. An existing target is not replaced."""
    return EntryShape.of(services().library.tree.move(path_inside(move.source), path_inside(move.target)))


@blueprint.delete("/delete")
@blueprint.input(Deletion, location="query", arg_name="which")
@blueprint.output(Deleted)
def delete(which: Deletion) -> Deleted:
    """Delete a file or folder, to the trash bin where there is one."""
    path = path_inside(which.path)
    restore = services().library.tree.delete(path)
    return Deleted(path=path, restore=restore, message=f"{path} is deleted.")


@blueprint.get("/trash")
@blueprint.output(Trash)
def trash() -> Trash:
    """The deleted files and folders that can be restored."""
    return Trash(entries=[TrashedShape.of(trashed) for trashed in services().library.trash.items()])


@blueprint.post("/restore")
@blueprint.input(Restore, arg_name="what")
@blueprint.output(EntryShape)
def restore(what: Restore) -> EntryShape:
    """Restore a deleted file or folder to its path."""
    return EntryShape.of(services().library.trash.restore(what.key))


def _natural_order(path: str) -> list[str | int]:
    """The sort key of a path: its text in lower case, its numbers by value."""
    return [int(part) if at % 2 else part for at, part in enumerate(re.split(r"(\d+)", path.casefold()))]

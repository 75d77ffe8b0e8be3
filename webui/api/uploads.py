"""/api/upload: archives, .sng files and game content, each streamed to its folder."""

from collections.abc import Mapping
from itertools import count
from typing import Literal

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from davproxy import paths
from davproxy.errors import BadInput
from davproxy.model import ABSENT, ANYTHING
from webui.api.openapi import FILE, form, response
from webui.api.shapes import Wait
from webui.api.upload_results import UploadResult, upload_response
from webui.services import services
from webui.upload_destinations import Destination, receive_files

blueprint = APIBlueprint("uploads", __name__, url_prefix="/api", tag="Uploads")

Kind = Literal["songs", "backgrounds", "colors", "highways"]
FOLDERS: dict[str, str] = {
    "songs": paths.DROP,
    "backgrounds": paths.BACKGROUNDS,
    "colors": paths.COLORS,
    "highways": paths.HIGHWAYS,
}
COLOUR_EXTENSIONS = ("ini",)
KINDS = ("type", "content_type")
"""The two names of the field that says what kind of files are sent."""
FILES = {"file": {"type": "array", "items": FILE}}
"""The files of an upload, in the API document."""
KIND = {"type": "string", "enum": list(FOLDERS)}
UPLOAD_ACCEPTED = response(202, "Stored; the jobs of the files import them.")


class UploadOptions(Wait):
    """What kind of files are sent; a field of the form may say it too."""

    type: Kind | None = Field(None, description="Neither here nor in the form: songs.")
    content_type: Kind | None = Field(None, description="The same as `type`.")
    replace: bool = Field(False, description="Replace game content of the same name; otherwise 412.")


@blueprint.post("/upload")
@blueprint.input(UploadOptions, location="query", arg_name="options")
@blueprint.output(UploadResult)
@blueprint.doc(extensions=form({**FILES, **dict.fromkeys(KINDS, KIND)}), responses=UPLOAD_ACCEPTED)
def upload(options: UploadOptions) -> Response:
    """Upload archives, .sng files, backgrounds, colours or highways, several at once.

    Each file is stored or refused by itself. If none was stored, the response is the first one's error.
    """

    def destination_of(name: str, fields: Mapping[str, str]) -> Destination:
        given = options.content_type or options.type or "songs"
        kind = next((fields[field] for field in KINDS if field in fields), given)
        return destination_of_kind(kind, name, replace=options.replace)

    is_known = bool(options.content_type or options.type)
    return upload_response(receive_files(request, destination_of, KINDS, is_known=is_known), options)


def destination_of_kind(kind: str, name: str, *, replace: bool) -> Destination:
    """Where a file of this kind goes. Raises BadInput for another kind, and for a file that is none of its kind."""
    settings = services().settings
    folder = FOLDERS.get(kind)
    if folder is None:
        raise BadInput(f"type: must be one of {', '.join(FOLDERS)}.")
    if folder == paths.DROP:
        check_extension(name, settings.archive_extensions)
        return Destination(free_path(folder, name), ABSENT)
    content = COLOUR_EXTENSIONS if folder == paths.COLORS else settings.content_extensions
    check_extension(name, (*content, *settings.archive_extensions))
    return Destination(paths.join(folder, paths.safe_file_name(name)), ANYTHING if replace else ABSENT)


def check_extension(name: str, allowed: tuple[str, ...]) -> None:
    """Raise BadInput for a file name whose extension is not in `allowed`."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in allowed:
        raise BadInput(f"“{paths.printable(name)}” cannot be used here. Give one of: {', '.join(allowed)}.")


def free_path(folder: str, name: str) -> str:
    """A path in `folder` where nothing is or will be, with a name like `name` that every file system can store."""
    stem, dot, extension = paths.safe_file_name(name).rpartition(".")
    library = services().library
    existing = {entry.path for entry in library.tree.children(folder)} | library.partial_uploads.paths()
    candidates = (paths.join(folder, f"{stem}{f' ({number})' if number else ''}{dot}{extension}") for number in count())
    return next(path for path in candidates if path not in existing)

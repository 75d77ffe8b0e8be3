"""/api/uploads: one large file in several requests, which goes on after a lost connection."""

from collections.abc import Iterator
from typing import Annotated

from apiflask import APIBlueprint
from flask import abort, request
from pydantic import BaseModel, Field

from davproxy.library.partial_uploads import PartialUpload
from davproxy.settings import over_upload_limit
from webui.api.openapi import FILE, body
from webui.api.shapes import Input, Path
from webui.api.tree_paths import path_inside
from webui.api.upload_results import UploadResult, background_result
from webui.api.uploads import Kind, destination_of_kind
from webui.api.webdav import destination_in
from webui.services import services

blueprint = APIBlueprint("partial_uploads", __name__, url_prefix="/api/uploads", tag="Uploads")

BLOCK = 256 * 1024
PART_BYTES = 8 * 1024 * 1024
"""What a client sends in one request at best: proxies refuse bodies that are much larger."""


class NewUpload(Input):
    """A file that is to be sent in parts."""

    name: str = Field(min_length=1, max_length=500)
    size: Annotated[int, Field(ge=1, lt=2**63)] = Field(description="Its bytes.")
    type: Kind = Field("songs", description="What kind of file it is, where no `path` is given.")
    path: Path | None = Field(None, description="The folder that it goes to; created if it is missing.")
    replace: bool = Field(False, description="Replace a file of the same name; otherwise 412.")


class UploadState(BaseModel):
    """An upload under way."""

    id: str
    name: str
    size: int
    offset: int = Field(description="Bytes that are here; the next part begins there.")
    part_size: int = Field(description="Bytes that a part should have at most.")
    result: UploadResult | None = Field(None, description="After the last part: the file, and its job.")

    @classmethod
    def of(cls, upload: PartialUpload) -> "UploadState":
        """The shape of `upload`."""
        result = background_result(upload.entry) if upload.entry else None
        name = upload.path.rpartition("/")[2]
        return cls(id=upload.id, name=name, size=upload.size, offset=upload.offset, part_size=PART_BYTES, result=result)


class Part(Input):
    """Where a part begins."""

    offset: Annotated[int, Field(ge=0, lt=2**63)]


@blueprint.post("")
@blueprint.input(NewUpload, arg_name="wanted")
@blueprint.output(UploadState, status_code=201)
def begin_upload(wanted: NewUpload) -> UploadState:
    """Begin a file that is sent in parts. After an hour without one it is dropped.

    501 where several instances share a Redis, since each part may come to another one: send it whole.
    """
    if services().coordination.is_shared:
        abort(501, "With several instances a file cannot be sent in parts. Send it in one request.")
    if wanted.size > services().settings.upload_limit:
        raise over_upload_limit(services().settings.upload_limit)
    if wanted.path is None:
        target = destination_of_kind(wanted.type, wanted.name, replace=wanted.replace)
    else:
        target = destination_in(path_inside(wanted.path, top=True), wanted.name, replace=wanted.replace)
    return UploadState.of(services().library.partial_uploads.begin(target.path, wanted.size, target.guard))


@blueprint.get("/<upload_id>")
@blueprint.output(UploadState)
def read_upload(upload_id: str) -> UploadState:
    """How far an upload is, to go on after a lost connection; for an hour after its last part, what it became."""
    return UploadState.of(services().library.partial_uploads.get(upload_id))


@blueprint.put("/<upload_id>")
@blueprint.input(Part, location="query", arg_name="part")
@blueprint.output(UploadState)
@blueprint.doc(extensions=body({"application/octet-stream": {"schema": FILE}}))
def send_part(upload_id: str, part: Part) -> UploadState:
    """Send the bytes from `offset` on: 412 where the upload is elsewhere. After the last byte the file is stored."""
    request.max_content_length = services().settings.upload_limit
    return UploadState.of(services().library.partial_uploads.write(upload_id, part.offset, _blocks()))


@blueprint.delete("/<upload_id>")
@blueprint.output(UploadState)
def drop_upload(upload_id: str) -> UploadState:
    """Drop an upload, with all that has arrived of it."""
    return UploadState.of(services().library.partial_uploads.drop(upload_id))


def _blocks() -> Iterator[bytes]:
    """The blocks of the request's body."""
    while block := request.stream.read(BLOCK):
        yield block

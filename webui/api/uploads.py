"""/api/upload: archives, .sng files and game content, each streamed to its folder."""

from itertools import count
from typing import Literal

from apiflask import APIBlueprint
from flask import request
from pydantic import Field

from davproxy import paths
from davproxy.errors import BadInput
from davproxy.library import Upload
from davproxy.model import ABSENT, ANYTHING
from webui.api import jobs
from webui.api.openapi import FILE, JOB_DONE, form
from webui.api.shapes import JobShape, Uploaded, UploadResult, Wait
from webui.multipart import FormBody, ReceivedFile, receive
from webui.services import services

blueprint = APIBlueprint("uploads", __name__, url_prefix="/api", tag="Uploads")

FOLDERS = {
    "songs": paths.DROP,
    "backgrounds": paths.BACKGROUNDS,
    "colors": paths.COLORS,
    "highways": paths.HIGHWAYS,
}
FILES = form({"file": {"type": "array", "items": FILE}})
"""The body of an upload in the API document."""


class UploadOptions(Wait):
    """What kind of files are sent."""

    type: Literal["songs", "backgrounds", "colors", "highways"] = "songs"
    replace: bool = Field(False, description="Replace game content of the same name; otherwise 412.")


@blueprint.post("/upload")
@blueprint.input(UploadOptions, location="query", arg_name="options")
@blueprint.output(UploadResult, status_code=202)
@blueprint.doc(extensions=FILES, responses=JOB_DONE)
def upload(options: UploadOptions) -> tuple[UploadResult, int]:
    """Upload archives, .sng files, backgrounds, colours or highways, several at once.

    Each file is stored or refused by itself. If none was stored, the response is the first one's error.
    """
    kind, replace = options.type, options.replace
    settings = services().settings

    def begin(_field: str, name: str, fields: dict[str, str]) -> Upload:
        folder = FOLDERS.get(fields.get("type", kind))
        if folder is None:
            raise BadInput(f"type: must be one of {', '.join(FOLDERS)}.")
        check_extension(name, settings.archive_extensions if folder == paths.DROP else settings.content_extensions)
        if folder == paths.DROP:
            return services().library.tree.upload(free_path(folder, name))
        path = paths.join(folder, paths.safe_file_name(name))
        return services().library.tree.upload(path, guard=ANYTHING if replace else ABSENT)

    return upload_response(receive(request, begin), options.wait)


def check_extension(name: str, allowed: tuple[str, ...]) -> None:
    """Raise BadInput for a file name whose extension is not in `allowed`."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in allowed:
        raise BadInput(f"“{paths.printable(name)}” cannot be used here. Give one of: {', '.join(allowed)}.")


def free_path(folder: str, name: str) -> str:
    """A path in `folder` where nothing is, with a name like `name` that every file system can store."""
    stem, dot, extension = paths.safe_file_name(name).rpartition(".")
    existing = {entry.path for entry in services().library.tree.children(folder)}
    candidates = (paths.join(folder, f"{stem}{f' ({number})' if number else ''}{dot}{extension}") for number in count())
    return next(path for path in candidates if path not in existing)


def upload_response(body: FormBody, wait: bool) -> tuple[UploadResult, int]:
    """200 when every file is stored and every job over, else 202. Raises the first error if all files failed."""
    if not body.files:
        raise BadInput("file: no file was sent. Send at least one in a form field called “file”.")
    errors = [received.error for received in body.files if received.error]
    if len(errors) == len(body.files):
        raise errors[0]
    files = [_upload_result(received, wait) for received in body.files]
    if all(file.error for file in files):
        raise BadInput(files[0].error)
    working = any(file.job and not (wait and file.job.final) for file in files)
    return UploadResult(files=files), 202 if working else 200


def _upload_result(received: ReceivedFile, wait: bool) -> Uploaded:
    job = services().imports.job_for(received.entry.path) if received.entry else None
    job = jobs.after_wait(job, wait) if job else None
    error = received.error.message if received.error else job.error if job and wait else None
    return Uploaded(
        name=received.name,
        path=received.entry.path if received.entry else None,
        job=JobShape.of(job) if job else None,
        error=error,
    )

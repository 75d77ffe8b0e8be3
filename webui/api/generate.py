"""/api/generate: make a charted song from an audio file."""

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel

from davproxy import paths, pictures
from davproxy.errors import BadInput, NotFound
from davproxy.library import Upload
from webui.api.jobs import job_response
from webui.api.openapi import FILE, JOB_DONE, TEXT, form
from webui.api.shapes import JobShape, Wait
from webui.api.uploads import check_extension, free_path
from webui.multipart import DeferredUpload, MemoryUpload, receive
from webui.services import services

blueprint = APIBlueprint("generate", __name__, url_prefix="/api", tag="Generator")

TAGS_BYTES = 8 * 1024 * 1024
"""Tags are in the first megabytes of a file, so a client need not send more."""
TEXTS = ("title", "artist", "album", "year", "genre", "charter")


class Tags(BaseModel):
    """The tags of an audio file; empty where it has none."""

    title: str = ""
    artist: str = ""
    album: str = ""
    year: str = ""
    genre: str = ""


@blueprint.post("/generate/tags")
@blueprint.output(Tags)
@blueprint.doc(extensions=form({"file": FILE}))
def read_tags() -> Tags:
    """Read the tags of an audio file. Its first megabytes are enough; nothing is stored."""
    start = MemoryUpload(TAGS_BYTES)
    body = receive(request, lambda _field, _name, _fields: start)
    if not body.files:
        raise BadInput("file: no file was sent.")
    if error := body.files[0].error:
        raise error
    tags = services().imports.read_tags(body.files[0].name, start.content)
    return Tags.model_validate({name: tags[name] for name in Tags.model_fields if tags.get(name)})


@blueprint.post("/generate")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.output(JobShape, status_code=202)
@blueprint.doc(
    extensions=form({**dict.fromkeys((*TEXTS, "difficulties", "drums"), TEXT), "art": FILE, "file": FILE}),
    responses=JOB_DONE,
)
def generate(how: Wait) -> tuple[JobShape, int, dict[str, str]]:
    """Make a charted song from an audio file.

    The text fields replace the file's tags. `difficulties` is separated by commas. `art` is the album art.
    """
    core = services()
    art, audio = MemoryUpload(pictures.UPLOAD_BYTES), list[DeferredUpload]()

    def begin(field: str, name: str, _fields: dict[str, str]) -> Upload:
        if field == "art":
            return art
        check_extension(name, core.settings.audio_extensions)
        if audio:
            raise BadInput("file: send one audio file at a time.")
        path = free_path(paths.GENERATE, name)
        audio.append(DeferredUpload(core.library.tree.upload(path), path))
        return audio[0]

    try:
        body = receive(request, begin)
        error = next((received.error for received in body.files if received.error), None)
        if error or not audio:
            raise error or BadInput("file: no audio file was sent.")
        core.imports.prepare(audio[0].path, options(body.fields) | ({"art": art.content} if art.content else {}))
        stored = audio[0].finish()
    finally:
        for each in audio:
            each.discard()
    job = core.imports.job_for(stored.path)
    if job is None:
        raise NotFound("The file is stored, but no chart is made from it. Look into /Status for the reason.")
    return job_response(job, how.wait)


def options(fields: dict[str, str]) -> dict[str, object]:
    """The form's fields as options of an import, which checks them."""
    given: dict[str, object] = {name: fields[name] for name in TEXTS if name in fields}
    if "difficulties" in fields:
        given["difficulties"] = [each.strip() for each in fields["difficulties"].split(",") if each.strip()]
    if "drums" in fields:
        given["drums"] = {"true": True, "false": False}.get(fields["drums"].lower(), fields["drums"])
    return given

"""/api/generate: audio in, a charted song out."""

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel

from davproxy import paths
from davproxy.errors import BadInput, NotFound
from davproxy.library import Upload
from webui.api.answers import FILE, TEXT, WAITED, form
from webui.api.jobs import answer
from webui.api.shapes import JobShape, Wait
from webui.api.uploads import check_extension, free_path
from webui.multipart import Deferred, Held, receive
from webui.services import services

blueprint = APIBlueprint("generate", __name__, url_prefix="/api", tag="Generator")

TAGS_BYTES = 8 * 1024 * 1024
"""Tags lie in the first megabytes of a file; a client need not send more to have them read."""
ART_BYTES = 20 * 1024 * 1024
TEXTS = ("title", "artist", "album", "year", "genre", "charter")


class Tags(BaseModel):
    """What a file says of itself; empty where it says nothing."""

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
    held = Held(TAGS_BYTES)
    body = receive(request, lambda _field, _name, _fields: held)
    if not body.files:
        raise BadInput("file: no file was sent.")
    if error := body.files[0].error:
        raise error
    found = services().imports.read_tags(body.files[0].name, held.content)
    return Tags.model_validate({name: found[name] for name in Tags.model_fields if found.get(name)})


@blueprint.post("/generate")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.output(JobShape, status_code=202)
@blueprint.doc(
    extensions=form({**dict.fromkeys((*TEXTS, "difficulties", "drums"), TEXT), "art": FILE, "file": FILE}),
    responses=WAITED,
)
def generate(how: Wait) -> tuple[JobShape, int, dict[str, str]]:
    """Make a charted song of an audio file.

    Text fields correct what the file's tags say; `difficulties` has commas between them; `art` is the cover.
    """
    parts = services()
    art, audio = Held(ART_BYTES), list[Deferred]()

    def begin(field: str, name: str, _fields: dict[str, str]) -> Upload:
        if field == "art":
            return art
        check_extension(name, parts.settings.audio_extensions)
        if audio:
            raise BadInput("file: send one audio file at a time.")
        path = free_path(paths.GENERATE, name)
        audio.append(Deferred(parts.library.tree.upload(path), path))
        return audio[0]

    try:
        body = receive(request, begin)
        refused = next((received.error for received in body.files if received.error), None)
        if refused or not audio:
            raise refused or BadInput("file: no audio file was sent.")
        parts.imports.prepare(audio[0].path, options(body.fields) | ({"art": art.content} if art.content else {}))
        stored = audio[0].settle()
    finally:
        for each in audio:
            each.drop()
    job = parts.imports.job_for(stored.path)
    if job is None:
        raise NotFound("The file is stored, but nothing is made of it. Look into /Status for the reason.")
    return answer(job, how.wait)


def options(fields: dict[str, str]) -> dict[str, object]:
    """The form's fields as the imports's options; it checks them."""
    found: dict[str, object] = {name: fields[name] for name in TEXTS if name in fields}
    if "difficulties" in fields:
        found["difficulties"] = [each.strip() for each in fields["difficulties"].split(",") if each.strip()]
    if "drums" in fields:
        found["drums"] = {"true": True, "false": False}.get(fields["drums"].lower(), fields["drums"])
    return found

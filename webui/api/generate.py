"""/api/generate: make a charted song from an audio file."""

import json
from collections.abc import Mapping

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field

from davproxy import paths, pictures, setting_types
from davproxy.charter.options import INI_NAMES
from davproxy.errors import BadInput, NotFound
from davproxy.formats import encoding, lrc
from davproxy.formats.chart import Difficulty
from davproxy.formats.stem_names import same_song, split_stem
from davproxy.library import Upload
from davproxy.model import Job
from webui.api.jobs import respond
from webui.api.openapi import ACCEPTED, FILE, FLAG, TEXT, form
from webui.api.shapes import Input, JobShape, Wait
from webui.api.uploads import check_extension, free_path
from webui.multipart import DeferredUpload, MemoryUpload, receive
from webui.services import services

blueprint = APIBlueprint("generate", __name__, url_prefix="/api", tag="Generator")

TAGS_BYTES = 8 * 1024 * 1024
"""Tags are in the first megabytes of a file, so a client need not send more."""
FLAGS = {"drums": "drums", "enable_album_art": "cover", "enable_lyrics": "with_lyrics"}
"""Fields that are yes or no, with the options that they set."""
FIELDS = {
    **dict.fromkeys((*INI_NAMES, "difficulties"), TEXT),
    "song_name": {**TEXT, "description": "The same as `title`."},
    "difficulty": {**TEXT, "enum": list(Difficulty), "default": Difficulty.EXPERT},
    "drums": FLAG,
    "enable_album_art": {**FLAG, "description": "Whether the song gets album art. Default: true."},
    "enable_lyrics": {
        **FLAG,
        "description": "Whether the song gets lyrics: those that are sent, or else those in the tags. Default: true.",
    },
    "correction": {**TEXT, "description": "The JSON of a CorrectionShape."},
    "art": FILE,
    "lyrics": {**FILE, "description": "An .lrc: lyrics with times, as a file or as text."},
    "file": FILE,
}
"""The form in the API document."""


class Generated(BaseModel):
    """The song that was made."""

    message: str
    id: int
    remote_path: str
    song_name: str
    artist: str
    tempo: float = Field(description="Beats a minute, at the first beat.")
    duration: float = Field(description="Seconds.")
    total_beats: int
    total_notes: int = Field(description="Notes of the guitar in `difficulty`.")
    difficulty: Difficulty
    difficulties_generated: list[Difficulty] = Field(description="Hardest first.")
    has_lyrics: bool
    has_album_art: bool
    job: JobShape


class Tags(BaseModel):
    """The tags of an audio file; empty where it has none."""

    title: str = ""
    artist: str = ""
    album: str = ""
    year: str = ""
    genre: str = ""


class AudioNames(Input):
    """The names of audio files beside each other."""

    names: list[str] = Field(min_length=1, max_length=10_000)


class SongFiles(BaseModel):
    """The files of one song: one recording, or its stems."""

    name: str = Field(
        description="The name that its stems have in common; empty where they have none, or it is one file."
    )
    files: list[str]


class SongsOfFiles(BaseModel):
    """Which files are which song."""

    songs: list[SongFiles]


@blueprint.post("/generate/songs")
@blueprint.input(AudioNames, arg_name="given")
@blueprint.output(SongsOfFiles)
def find_stems(given: AudioNames) -> SongsOfFiles:
    """Tell by their names which files are stems of one song. In one folder or archive they become that song."""
    songs = same_song(given.names)
    return SongsOfFiles(
        songs=[SongFiles(name=split_stem(files[0])[0] if len(files) > 1 else "", files=files) for files in songs]
    )


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
@blueprint.output(Generated)
@blueprint.doc(extensions=form(FIELDS), responses=ACCEPTED)
def generate(how: Wait) -> Response:
    """Make a charted song from an audio file.

    The text fields replace the file's tags. `difficulties` is separated by commas; without it all are written.
    `difficulty` is the one whose notes `total_notes` counts. `art` is the album art.
    `lyrics` without times are left out, and a remark in the job's result says so.
    While it works, `result.found` of the job tells what can be drawn of the song: `waveform`, `bars`, `notes` …
    """
    core = services()
    others = {"art": MemoryUpload(pictures.UPLOAD_BYTES), "lyrics": MemoryUpload(lrc.MAX_BYTES)}
    audio = list[DeferredUpload]()

    def begin(field: str, name: str, _fields: dict[str, str]) -> Upload:
        if field in others:
            return others[field]
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
        difficulty = difficulty_of(body.fields)
        chosen = options(body.fields)
        if art := others["art"].content:
            chosen["art"] = art
        if lyrics := others["lyrics"].content:
            chosen["lyrics"] = encoding.decode(lyrics)
        core.imports.prepare(audio[0].path, chosen)
        stored = audio[0].finish()
    finally:
        for each in audio:
            each.discard()
    job = core.imports.job_for(stored.path)
    if job is None:
        raise NotFound("The file is stored, but no chart is made from it. Look into /Status for the reason.")
    return respond(job, how, lambda done: _generated_song(done, difficulty))


def _generated_song(job: Job, difficulty: Difficulty) -> Generated:
    """The song that a finished `job` made, or that the library had already from the same audio."""
    result = job.result or {}
    made = next(iter([*result.get("songs", []), *result.get("duplicates", [])]), None)
    if made is None:
        raise NotFound("No song came of it: the audio was removed before its turn.")
    song, chart = services().library.songs.get(made["id"]), made["chart"]
    written = [each for each in Difficulty if each in chart["notes"]]
    chosen = difficulty if difficulty in written else written[0]
    return Generated(
        message=f"“{song.title}” is in the library.",
        id=song.id,
        remote_path=song.path,
        song_name=song.title,
        artist=song.artist,
        tempo=chart["bpm"],
        duration=chart["seconds"],
        total_beats=chart["beats"],
        total_notes=chart["notes"][chosen],
        difficulty=chosen,
        difficulties_generated=written,
        has_lyrics=song.has_lyrics,
        has_album_art=song.has_art,
        job=JobShape.of(job),
    )


def difficulty_of(fields: Mapping[str, str]) -> Difficulty:
    """The field `difficulty`, by default the hardest. Raises BadInput."""
    given = fields.get("difficulty", "").strip().lower() or Difficulty.EXPERT
    if given not in list(Difficulty):
        raise BadInput(f"difficulty: must be one of {', '.join(Difficulty)}.")
    return Difficulty(given)


def options(fields: Mapping[str, str]) -> dict[str, object]:
    """The form's fields as options of an import, which checks them."""
    given: dict[str, object] = {name: fields[name] for name in INI_NAMES if name in fields}
    if "song_name" in fields:
        given.setdefault("title", fields["song_name"])
    if "difficulties" in fields:
        given["difficulties"] = [each.strip() for each in fields["difficulties"].split(",") if each.strip()]
    if fields.get("correction"):
        given["correction"] = _json_object("correction", fields["correction"])
    if "lyrics" in fields:
        given["lyrics"] = fields["lyrics"]
    given |= {option: _flag(field, fields[field]) for field, option in FLAGS.items() if field in fields}
    return given


def _json_object(field: str, given: str) -> dict[str, object]:
    """The object in a text of JSON. Raises BadInput."""
    try:
        value = json.loads(given)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BadInput(f"{field}: must be a JSON object.")
    return value


def _flag(field: str, given: str) -> bool:
    """Yes or no, in the usual spellings. Raises BadInput."""
    try:
        return setting_types.flag(given)
    except ValueError as error:
        raise BadInput(f"{field}: {error}.") from None

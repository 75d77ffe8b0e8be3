"""/api/songs/{id}/…: a song's picture, sound, notes, and all its files as a zip."""

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from davproxy.errors import BadInput, NotFound, TooLarge
from davproxy.formats import identify, notes, song_fields
from davproxy.formats.identify import FileKind
from davproxy.media_types import media_type
from davproxy.model import Song
from davproxy.paths import safe_name
from webui import highway
from webui.api.answers import FILE, binary, body
from webui.api.shapes import HighwayChart, Input, SongDetail
from webui.services import services
from webui.song_files import answer, archive

blueprint = APIBlueprint("media", __name__, url_prefix="/api/songs", tag="Songs")

ART_LIMIT = 20 * 1024 * 1024
MOST_SONGS = 500
SOUNDS = tuple(dict.fromkeys(media_type(f"song.{extension}") for extension in identify.AUDIO_EXTENSIONS))
STEM_ORDER = ("song", "guitar", *identify.STEMS)


class Version(Input):
    """Addresses with a version may be kept by the browser."""

    v: str = Field("", max_length=200, description="Any text that changes with the picture; the answer is then kept.")


class Stem(Input):
    """Which sound."""

    stem: str = Field("", max_length=20, description="song, guitar, drums …; the main one when empty.")


class Choice(Input):
    """Which chart."""

    instrument: str = Field("", max_length=50)
    difficulty: str = Field("", max_length=50)


class Ids(Input):
    """Which songs."""

    ids: str = Field(pattern=r"^\d{1,16}(,\d{1,16})*$", max_length=20_000, description="Song ids with commas between.")


@blueprint.get("/<int:song_id>/art")
@blueprint.input(Version, location="query", arg_name="version")
@blueprint.doc(responses=binary(200, "image/jpeg", "image/png"))
def art(song_id: int, version: Version) -> Response:
    """Album art."""
    song = services().library.songs.get(song_id)
    response = _file(song, FileKind.ART, "This song has no album art.")
    if version.v:
        response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    return response


@blueprint.put("/<int:song_id>/art")
@blueprint.output(SongDetail)
@blueprint.doc(extensions=body({each: {"schema": FILE} for each in ("image/jpeg", "image/png")}))
def set_art(song_id: int) -> SongDetail:
    """Replace album art with a PNG or JPEG; it is cut to a square of 512 pixels."""
    if (request.content_length or 0) > ART_LIMIT:
        raise TooLarge("The picture is larger than 20 MiB. Make it smaller.")
    picture = request.stream.read(ART_LIMIT + 1)
    if len(picture) > ART_LIMIT:
        raise TooLarge("The picture is larger than 20 MiB. Make it smaller.")
    return SongDetail.of(services().library.songs.set_art(song_id, picture))


@blueprint.get("/<int:song_id>/audio")
@blueprint.input(Stem, location="query", arg_name="which")
@blueprint.doc(responses=binary(200, *SOUNDS) | binary(206, *SOUNDS, words="The range asked for."))
def audio(song_id: int, which: Stem) -> Response:
    """The song's sound, with Range."""
    song = services().library.songs.get(song_id)
    return _file(song, FileKind.AUDIO, "This song has no such audio.", stem=which.stem)


@blueprint.get("/<int:song_id>/notes")
@blueprint.input(Choice, location="query", arg_name="choice")
@blueprint.output(HighwayChart)
def read_notes(song_id: int, choice: Choice) -> HighwayChart:
    """The notes of one instrument and difficulty, in seconds: what a highway draws."""
    library = services().library
    song = library.songs.get(song_id)
    name = identify.notes_file(library.songs.files(song))
    if name is None:
        raise NotFound("This song has no notes.")
    with library.songs.stream_file(song, name) as blocks:
        chart = notes.parse(name, b"".join(blocks))
    delay = song_fields.number(song.metadata, "delay") / 1000
    return highway.drawn(chart, choice.instrument, choice.difficulty, delay)


@blueprint.get("/<int:song_id>/download")
@blueprint.doc(responses=binary(200, "application/zip"))
def download(song_id: int) -> Response:
    """The song as .zip."""
    song = services().library.songs.get(song_id)
    return _zip([song])


@blueprint.get("/download")
@blueprint.input(Ids, location="query", arg_name="which")
@blueprint.doc(responses=binary(200, "application/zip"))
def download_many(which: Ids) -> Response:
    """Up to 500 songs as one .zip."""
    ids = list(dict.fromkeys(int(each) for each in which.ids.split(",")))
    if len(ids) > MOST_SONGS:
        raise BadInput(f"ids: one download holds up to {MOST_SONGS} songs.")
    library = services().library
    return _zip([library.songs.get(each) for each in ids])


def _zip(songs: list[Song]) -> Response:
    name = f"{songs[0].artist} - {songs[0].title}" if len(songs) == 1 else f"{len(songs)} songs"
    response = Response(archive(services().library, songs), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=f"{safe_name(name)}.zip")
    return response


def _file(song: Song, kind: FileKind, missing: str, *, stem: str = "") -> Response:
    """The file of `song` that is of this kind."""
    library = services().library
    names = [name for name in library.songs.files(song) if identify.file_kind(name) is kind]
    if stem:
        names = [name for name in names if identify.split(name)[0] == stem]
    elif kind is FileKind.AUDIO:
        names.sort(key=lambda name: STEM_ORDER.index(identify.split(name)[0]))
    if not names:
        raise NotFound(missing)
    return answer(library, song, names[0], library.songs.file_etag(song, names[0]))

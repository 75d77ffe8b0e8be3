"""/api/songs/{id}/…: a song's album art, audio and notes, and all its files as a zip."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from davproxy.errors import BadInput, Locked, NotFound, TooLarge
from davproxy.formats import identify, notes
from davproxy.formats.identify import FileKind
from davproxy.media_types import media_type
from davproxy.model import Song
from davproxy.paths import safe_name
from davproxy.pictures import UPLOAD_BYTES
from webui.api import highway
from webui.api.openapi import FILE, binary, body
from webui.api.shapes import Input
from webui.api.song_shapes import HighwayChart, SongDetail
from webui.downloads import named
from webui.services import services
from webui.song_files import content_response, file_response, zip_blocks

blueprint = APIBlueprint("media", __name__, url_prefix="/api/songs", tag="Songs")

MOST_SONGS = 500
AUDIO_TYPES = tuple(dict.fromkeys(media_type(f"song.{extension}") for extension in identify.AUDIO_EXTENSIONS))
STEM_ORDER = ("song", "guitar", *identify.STEMS)


class Version(Input):
    """The version of a picture. Browsers may cache a URL that has one."""

    v: str = Field("", max_length=200, description="Any text that changes with the picture.")
    size: Literal["64", "256", "512"] | None = Field(
        None, description="A JPEG of at most this many pixels a side, where the picture is larger."
    )


class Stem(Input):
    """Which audio."""

    stem: str = Field("", max_length=20, description="song, guitar, drums …; the first of these when empty.")


class TrackChoice(Input):
    """Which chart of the song; the first one there is when empty."""

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
    response = _file_of_kind(song, FileKind.ART, "This song has no album art.", side=int(version.size or 0))
    if version.v and not response.cache_control.no_store:
        response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    return response


@blueprint.put("/<int:song_id>/art")
@blueprint.output(SongDetail)
@blueprint.doc(extensions=body({each: {"schema": FILE} for each in ("image/jpeg", "image/png")}))
def set_art(song_id: int) -> SongDetail:
    """Replace the album art with a PNG or JPEG, which is cropped to a square of 512 pixels."""
    request.max_content_length = services().settings.upload_limit
    too_large = (request.content_length or 0) > UPLOAD_BYTES
    picture = b"" if too_large else request.stream.read(UPLOAD_BYTES + 1)
    if too_large or len(picture) > UPLOAD_BYTES:
        raise TooLarge(f"The picture is larger than {UPLOAD_BYTES // 1024**2} MiB. Make it smaller.")
    return SongDetail.of(services().library.songs.set_art(song_id, picture))


@blueprint.get("/<int:song_id>/audio")
@blueprint.input(Stem, location="query", arg_name="which")
@blueprint.doc(responses=binary(200, *AUDIO_TYPES) | binary(206, *AUDIO_TYPES, description="The requested range."))
def audio(song_id: int, which: Stem) -> Response:
    """The song's audio, whole or a range."""
    song = services().library.songs.get(song_id)
    return _file_of_kind(song, FileKind.AUDIO, "This song has no such audio.", stem=which.stem)


@blueprint.get("/<int:song_id>/notes")
@blueprint.input(TrackChoice, location="query", arg_name="choice")
@blueprint.output(HighwayChart)
def read_notes(song_id: int, choice: TrackChoice) -> HighwayChart:
    """The notes of one instrument and difficulty, in seconds."""
    library = services().library
    song = library.songs.get(song_id)
    name = identify.notes_file(library.songs.files(song))
    if name is None:
        raise NotFound("This song has no notes.")
    notes.check_size(name, library.songs.files(song)[name])
    with library.songs.stream_file(song, name) as blocks:
        chart = notes.parse(name, b"".join(blocks), song.metadata)
    return highway.highway_chart(chart, song.metadata, choice.instrument, choice.difficulty)


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
    """Up to 500 songs as .zip."""
    ids = list(dict.fromkeys(int(each) for each in which.ids.split(",")))
    if len(ids) > MOST_SONGS:
        raise BadInput(f"ids: one download holds up to {MOST_SONGS} songs.")
    library = services().library
    return _zip([library.songs.get(each) for each in ids])


def _zip(songs: list[Song]) -> Response:
    name = f"{songs[0].artist} - {songs[0].title}" if len(songs) == 1 else f"{len(songs)} songs"
    response = Response(zip_blocks(services().library, songs), mimetype="application/zip")
    return named(response, f"{safe_name(name)}.zip")


def _file_of_kind(song: Song, kind: FileKind, missing: str, *, stem: str = "", side: int = 0) -> Response:
    """The response with the file of `song` of this kind; with its copy of `side` pixels, where there is one.

    Raises NotFound with the message `missing`.
    """
    library = services().library
    names = [name for name in library.songs.files(song) if identify.file_kind(name) is kind]
    if stem:
        names = [name for name in names if identify.split(name)[0] == stem]
    elif kind is FileKind.AUDIO:
        names.sort(key=lambda name: STEM_ORDER.index(identify.split(name)[0]))
    if not names:
        raise NotFound(missing)
    etag = library.songs.file_etag(song, names[0])
    try:
        copy = library.songs.thumbnail(song, names[0], side) if side else None
    except Locked:
        response = file_response(library, song, names[0], etag)
        response.cache_control.no_store = True  # the copy may be there the next time
        return response
    if copy:
        return content_response("album.jpg", len(copy), f"{etag}-{side}", lambda start, size: _range(copy, start, size))
    return file_response(library, song, names[0], etag)


def _range(content: bytes, start: int, size: int) -> AbstractContextManager[Iterator[bytes]]:
    return nullcontext(iter([content[start : start + size]]))

"""/api/songs: find songs; read, edit and delete one."""

from dataclasses import replace
from typing import Literal

from apiflask import APIBlueprint
from pydantic import Field

from davproxy.curation.history import history
from davproxy.errors import BadInput
from davproxy.formats.chart import Difficulty, Instrument
from davproxy.model import SongQuery, Sort
from webui.api.history_shapes import SongHistory
from webui.api.if_match import expected_etag
from webui.api.openapi import HEADERS, header
from webui.api.shapes import Deleted, Input
from webui.api.song_edits import EditedSong, SongEdit
from webui.api.song_shapes import SongDetail, SongIds, SongPage, SongSummary
from webui.services import services

blueprint = APIBlueprint("songs", __name__, url_prefix="/api/songs", tag="Songs")


SEARCH = (
    "Words in title, artist, album, genre or charter, and tokens: `artist:abba year:1990-1999 length:>5m nps:>8 "
    "diff:guitar>=5 instrument:drums -keys has:art,video,lyrics,stems,solos,open,tap,2x,problems,fc,star added:<30d "
    "playlist:x source:x list:x tag:x plays:0 stars:<5`; a minus excludes."
)


class Filters(Input):
    """Which songs."""

    search: str = Field("", max_length=1000, description=SEARCH)
    artist: str = Field("", max_length=500)
    album: str = Field("", max_length=500)
    genre: str = Field("", max_length=500)
    year: str = Field("", max_length=100)
    charter: str = Field("", max_length=500)
    instrument: Instrument | None = Field(None, description="Has a chart for it.")
    difficulty: Difficulty | None = Field(None, description="Has a chart of it.")
    problem: str = Field("", max_length=100, description="A problem's code, `any`, or `refused`.")
    has_video: bool | None = None
    has_lyrics: bool | None = None
    has_art: bool | None = None
    duplicates: bool = Field(False, description="Only songs whose notes file is in the library more than once.")

    def as_filter(self) -> SongQuery:
        """The filters as a query of the library, in the default order."""
        return SongQuery(**self.model_dump(exclude_none=True, include=set(Filters.model_fields)))


class Ordered(Filters):
    """Which songs, in what order."""

    sort: Literal[Sort, "newest"] = Field("title", description="`newest` is `added` the other way round.")
    order: Literal["asc", "desc"] = "asc"

    def as_query(self) -> SongQuery:
        """All of it as a query of the library."""
        sort, order = self.sort, self.order
        if sort == "newest":
            sort, order = "added", "asc" if order == "desc" else "desc"
        return replace(self.as_filter(), sort=sort, order=order)


class Query(Ordered):
    """Which songs, in what order, and which page of them."""

    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, lt=2**31)

    def as_query(self) -> SongQuery:
        """All of it as a query of the library."""
        return replace(super().as_query(), limit=self.limit, offset=self.offset)


@blueprint.get("")
@blueprint.input(Query, location="query", arg_name="query")
@blueprint.output(SongPage)
def find_songs(query: Query) -> SongPage:
    """Find songs."""
    total, songs = services().library.songs.find(query.as_query())
    listed = [SongSummary.of(song) for song in songs]
    return SongPage(total=total, limit=query.limit, offset=query.offset, songs=listed)


@blueprint.get("/ids")
@blueprint.input(Ordered, location="query", arg_name="query")
@blueprint.output(SongIds)
def list_ids(query: Ordered) -> SongIds:
    """The ids of all songs that match, such as for an edit of them."""
    return SongIds(ids=services().library.songs.ids(query.as_query()))


@blueprint.get("/<int:song_id>")
@blueprint.output(SongDetail)
def read_song(song_id: int) -> tuple[SongDetail, dict[str, str]]:
    """Everything about one song. An edit sends the ETag back as If-Match."""
    song = services().library.songs.get(song_id)
    return SongDetail.of(song), {"ETag": f'"{song.etag}"'}


@blueprint.put("/<int:song_id>")
@blueprint.input(SongEdit, arg_name="edit")
@blueprint.output(EditedSong)
@blueprint.doc(extensions={HEADERS: [header("If-Match", "The song's ETag, as it was read.")]})
def edit_song(song_id: int, edit: SongEdit) -> tuple[EditedSong, dict[str, str]]:
    """Edit song.ini.

    With If-Match, a song that was changed elsewhere meanwhile is not overwritten: 412.
    """
    library = services().library
    before = library.songs.get(song_id)
    if not (changes := edit.changes()):
        raise BadInput("There is nothing to change. Give a title, an artist, an album, or metadata.")
    song = library.songs.edit(song_id, changes, etag=expected_etag(before.etag), breaks_scores=edit.breaks_scores)
    services().song_jobs.note_edit(before, song)
    proposed = services().curation.organiser.proposed_path(song)
    words = {"message": f"“{song.title}” is saved.", "proposed_path": proposed}
    shown = EditedSong.model_validate({**SongDetail.of(song).model_dump(), **words})
    return shown, {"ETag": f'"{song.etag}"'}


@blueprint.get("/<int:song_id>/history")
@blueprint.output(SongHistory)
def read_history(song_id: int) -> SongHistory:
    """What happened to one song in the last 30 days, newest first: edits, repairs, moves, and what brought it."""
    return SongHistory.of(history(services().jobs, services().library.songs.get(song_id)))


@blueprint.delete("/<int:song_id>")
@blueprint.output(Deleted)
def delete_song(song_id: int) -> Deleted:
    """Delete a song, to the trash bin where there is one."""
    library = services().library
    song = library.songs.get(song_id)
    restore = library.tree.delete(song.path)
    words = f"“{song.title}” is deleted."
    if song.played.plays:
        words += f" It was played {song.played.plays:,} times; the scores stay in the game."
    return Deleted(path=song.path, restore=restore, message=words)

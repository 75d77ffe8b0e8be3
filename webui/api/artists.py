"""/api/artists: the artists of the library, the songs of each, and spellings of one artist, which can be merged."""

from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.curation.same_song import artist_key
from davproxy.errors import BadInput
from davproxy.model import Job, SongQuery
from webui.api.jobs import as_json, respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import Input, JobShape, Wait
from webui.api.song_edits import Line
from webui.api.song_shapes import SongPage, SongSummary
from webui.services import services

blueprint = APIBlueprint("artists", __name__, url_prefix="/api/artists", tag="Songs")

Search = Field("", max_length=200, description="Words in title, artist, album, genre or charter of the songs.")


class ArtistQuery(Input):
    """Which songs count."""

    search: str = Search


class ArtistSongsQuery(Input):
    """Which songs of the artist."""

    search: str = Search
    limit: int = Field(1000, ge=1, le=1000)
    offset: int = Field(0, ge=0, lt=2**31)


class Artist(BaseModel):
    """An artist, however the letters' case differs from song to song."""

    artist: str
    song_count: int


class ArtistList(BaseModel):
    """All artists, by name."""

    total: int
    artists: list[Artist]


class ArtistSongs(SongPage):
    """Songs of an artist."""

    artist: str


class SpellingGroup(BaseModel):
    """The spellings of one artist, the commonest first."""

    key: str = Field(description="What they have in common.")
    variants: list[Artist]


class SpellingGroups(BaseModel):
    """Artists that are spelled in several ways."""

    total: int
    groups: list[SpellingGroup]


class Merge(Input):
    """Spellings of an artist, and the one that all songs get."""

    canonical: Annotated[Line, Field(min_length=1)]
    variants: list[Line] = Field(min_length=1, max_length=500)
    dry_run: bool = Field(False, description="Count the songs, and write nothing.")


class Merged(BaseModel):
    """What a merge did."""

    message: str
    canonical: str
    variants_merged: list[str]
    songs_updated: int = Field(description="Songs that were changed; in a dry run, those that would be.")
    job: JobShape | None = Field(description="The job that did it; null in a dry run.")


@blueprint.get("")
@blueprint.input(ArtistQuery, location="query", arg_name="query")
@blueprint.output(ArtistList)
def list_artists(query: ArtistQuery) -> ArtistList:
    """The artists, each with the number of songs."""
    names = services().library.songs.names_of("artist", SongQuery(search=query.search))
    artists = [Artist(artist=name.value, song_count=name.songs) for name in names]
    return ArtistList(total=len(artists), artists=sorted(artists, key=lambda each: each.artist.casefold()))


@blueprint.get("/<path:artist>/songs")
@blueprint.input(ArtistSongsQuery, location="query", arg_name="query")
@blueprint.output(ArtistSongs)
def find_songs_of_artist(artist: str, query: ArtistSongsQuery) -> ArtistSongs:
    """The songs of an artist, by title; none for an unknown artist."""
    total, songs = services().library.songs.find(SongQuery(artist=artist, **query.model_dump()))
    listed = [SongSummary.of(song) for song in songs]
    return ArtistSongs(artist=artist, total=total, limit=query.limit, offset=query.offset, songs=listed)


@blueprint.get("/duplicates")
@blueprint.output(SpellingGroups)
def list_spellings() -> SpellingGroups:
    """Artists that songs spell in several ways."""
    groups = [
        SpellingGroup(
            key=artist_key(spellings[0][0]),
            variants=[Artist(artist=artist, song_count=count) for artist, count in spellings],
        )
        for spellings in services().curation.duplicates.spellings()
    ]
    return SpellingGroups(total=len(groups), groups=groups)


@blueprint.post("/merge")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(Merge, arg_name="merge")
@blueprint.output(Merged)
@blueprint.doc(responses=ACCEPTED)
def merge_artists(how: Wait, merge: Merge) -> Response:
    """Write one spelling of an artist into the songs of the others. `POST /api/jobs/{job_id}/undo` undoes it."""
    core, others = services(), set(merge.variants) - {merge.canonical}
    ids = [id for id, _, artist, _ in core.library.songs.names() if artist in others]
    if not ids:
        raise BadInput("variants: no song has one of these artists.")
    if merge.dry_run:
        return as_json(_merged(merge, sorted(others), f"{len(ids):,} songs would change.", len(ids)), 200)
    job = core.song_jobs.edit(ids, {"artist": merge.canonical})
    return respond(job, how, lambda done: _merge_result(merge, sorted(others), done))


def _merge_result(merge: Merge, others: list[str], job: Job) -> Merged:
    result = job.result or {}
    return _merged(merge, others, result["summary"], result["changed"], JobShape.of(job))


def _merged(merge: Merge, others: list[str], message: str, songs: int, job: JobShape | None = None) -> Merged:
    return Merged(message=message, canonical=merge.canonical, variants_merged=others, songs_updated=songs, job=job)

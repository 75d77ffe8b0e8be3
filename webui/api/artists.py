"""/api/artists: the artists of the library, and the songs of each."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from davproxy.model import SongQuery
from webui.api.shapes import Input
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


@blueprint.get("")
@blueprint.input(ArtistQuery, location="query", arg_name="query")
@blueprint.output(ArtistList)
def list_artists(query: ArtistQuery) -> ArtistList:
    """The artists, each with the number of songs."""
    counts = services().library.songs.values_of("artist", SongQuery(search=query.search))
    artists = [Artist(artist=name, song_count=count) for name, count in counts]
    return ArtistList(total=len(artists), artists=sorted(artists, key=lambda each: each.artist.casefold()))


@blueprint.get("/<path:artist>/songs")
@blueprint.input(ArtistSongsQuery, location="query", arg_name="query")
@blueprint.output(ArtistSongs)
def find_songs_of_artist(artist: str, query: ArtistSongsQuery) -> ArtistSongs:
    """The songs of an artist, by title; none for an artist that nobody knows."""
    total, songs = services().library.songs.find(SongQuery(artist=artist, **query.model_dump()))
    listed = [SongSummary.of(song) for song in songs]
    return ArtistSongs(artist=artist, total=total, limit=query.limit, offset=query.offset, songs=listed)
